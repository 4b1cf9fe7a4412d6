"""Four ways in which silence can lie: a feed that is cut, an open transaction, strays behind a frozen worker, a broker that stalls."""

import asyncio
import signal
import subprocess
from collections.abc import Iterable

import orjson
from aiokafka import AIOKafkaProducer

from tests.faults.log_io import read_committed
from tests.faults.report import Report
from tests.faults.silence.town import (
    GRACE_MS,
    HOUR_MS,
    PARTITIONS,
    STEP_MS,
    T0_MS,
    Resident,
    Street,
    Town,
    event,
    outcome,
)  # fmt: skip
from tests.faults.workers import PLAYCALL, Fleet

CUT_MS = T0_MS + 3 * HOUR_MS // 2


async def cut(life: Street, report: Report, fleet: Fleet) -> None:
    """The usage publisher falls silent for five hours, and sends what it held back when it returns."""
    town = life.town
    withheld: list[Resident] = []
    await _warm_up(life, fleet, 2)
    del town.alive["product-usage"]
    report.faults.append(f"usage cut off from {CUT_MS - T0_MS:,} to {town.back_ms - T0_MS:,} ms after the start")
    while town.now_ms < town.back_ms:
        withheld += _logins(town, town.now_ms)
        await life.step()
    report.figures["logins held back"] = len(withheld)
    await _shows(town, report, quiet="product-usage/app")
    await life.publish_all([_login(r, r.partition) for r in withheld])
    town.alive["product-usage"] = "app"
    await _run_out(life)
    await _judge(town, report, held_at_least=len([r for r in town.residents if CUT_MS < r.deadline_ms + GRACE_MS < town.back_ms]))


async def transaction(life: Street, report: Report, fleet: Fleet) -> None:
    """A second publisher of usage opens a transaction on partition 0 and commits it five hours later; the others live on."""
    town = life.town
    await _warm_up(life, fleet, 2)
    producer = AIOKafkaProducer(bootstrap_servers=town.bootstrap, transactional_id=f"{town.prefix}slow", transaction_timeout_ms=900_000)
    await producer.start()
    try:
        await producer.begin_transaction()
        report.faults.append("a transaction on product-usage:0 stays open over five hours")
        hidden = 0
        while town.now_ms < town.back_ms:
            here = _logins(town, town.now_ms)
            await life.publish_all([_login(r, r.partition) for r in here if r.partition != 0])
            for resident in (r for r in here if r.partition == 0):
                topic, value, account_id, partition = _login(resident, 0)
                await producer.send_and_wait(town.prefix + topic, value, key=account_id.encode(), partition=partition)
                hidden += 1
            asks = not report.differences and town.now_ms > CUT_MS + 10 * STEP_MS
            if asks:
                await _ticket(life)
            await life.step()
            if asks:
                await _is_launched(town, report)
        report.figures["logins hidden"] = hidden
        await _shows(town, report, open_transaction="product-usage")
        await producer.commit_transaction()
    finally:
        await producer.stop()
    await _run_out(life)
    expected = [r for r in town.residents if r.partition == 0 and CUT_MS < r.deadline_ms + GRACE_MS < town.back_ms]
    await _judge(town, report, held_at_least=len(expected))


async def strays(life: Street, report: Report, fleet: Fleet) -> None:
    """Usage arrives on foreign partitions; the worker that would forward half of it is frozen for three hours."""
    town = life.town
    await _warm_up(life, fleet, 2, misplaced=True)
    frozen = 1
    owned = _owned(fleet, frozen)
    town.frozen = set(owned)
    fleet.workers[frozen].process.send_signal(signal.SIGSTOP)
    report.faults.append(f"worker {frozen} with partitions {owned} is frozen while logins arrive on foreign partitions")
    thaw_ms = CUT_MS + 3 * HOUR_MS
    while town.now_ms < thaw_ms:
        await life.publish_all([_login(r, (r.partition + 1) % PARTITIONS) for r in _logins(town, town.now_ms)])
        await life.step()
    calls, _, _ = await outcome(town)
    report.figures["absent while frozen"] = len(calls)
    fleet.workers[frozen].process.send_signal(signal.SIGCONT)
    town.frozen = set()
    await life.read_up_to(town.now_ms)
    while town.now_ms < town.back_ms:
        await life.publish_all([_login(r, (r.partition + 1) % PARTITIONS) for r in _logins(town, town.now_ms)])
        await life.step()
    await _run_out(life)
    await _judge(town, report, held_at_least=1)


async def _warm_up(life: Street, fleet: Fleet, workers: int, *, misplaced: bool = False) -> None:
    """The workers read the history and go live; life is normal until the cut."""
    town = life.town
    shift = 1 if misplaced else 0
    early = [r for r in town.residents if r.login_ms is not None and r.login_ms < T0_MS]
    await life.publish_all([_login(r, (r.partition + shift) % PARTITIONS) for r in early])
    for number in range(workers):
        fleet.start(number)
    while town.now_ms < CUT_MS:
        await life.publish_all([_login(r, (r.partition + shift) % PARTITIONS) for r in _logins(town, town.now_ms)])
        await life.step()


async def _run_out(life: Street) -> None:
    """Everything is back; an hour passes."""
    while life.town.now_ms < life.town.back_ms + HOUR_MS:
        await life.step()


def _logins(town: Town, from_ms: int) -> list[Resident]:
    """Who comes within the next step."""
    return [r for r in town.residents if r.login_ms is not None and from_ms <= r.login_ms < from_ms + STEP_MS]


def _login(resident: Resident, partition: int) -> tuple[str, bytes, str, int]:
    assert resident.login_ms is not None
    value = event("user.login", resident.account_id, resident.login_ms, "app", user_id="u1")
    return "product-usage", value, resident.account_id, partition


def _owned(fleet: Fleet, number: int) -> list[int]:
    lines = [orjson.loads(line) for line in fleet.said(number).splitlines() if '"assigned"' in line]
    found: list[int] = lines[-1]["partitions"]
    return found


async def _ticket(life: Street) -> None:
    town = life.town
    resident = next(r for r in town.residents if r.partition == 0)
    value = event("ticket.created", resident.account_id, town.now_ms, "desk", ticket_id="urgent", priority="P1")
    await life.publish("tickets", value, resident.account_id, 0)


async def _is_launched(town: Town, report: Report) -> None:
    messages = [orjson.loads(r.value or b"{}") for r in await read_committed(town.bootstrap, town.prefix + "play-launches")]
    found = any(m["kind"] == "launched" and m["subject"]["id"] == "urgent" for m in messages)
    report.differences["a P1 ticket of the blocked partition is launched"] = [] if found else ["no launch"]


async def _shows(town: Town, report: Report, *, quiet: str = "", open_transaction: str = "") -> None:
    """`playcall feeds` says what is wrong."""
    shown = await asyncio.to_thread(_feeds, town.fleet().environ())
    found = orjson.loads(shown.stdout)
    differences = [] if shown.returncode == 1 else [f"exit code {shown.returncode}: {shown.stderr.decode()}"]
    if quiet and quiet not in {f"{f['topic']}/{f['source']}" for f in found["feeds"] if f["state"] == "quiet"}:
        differences.append(f"{quiet} is not shown as quiet: {found['feeds']}")
    if open_transaction and open_transaction not in {t["topic"] for t in found["open_transactions"]}:
        differences.append(f"no open transaction shown: {found['open_transactions']}")
    if not sum(found["held"].values()):
        differences.append("nothing is shown as held")
    report.figures["accounts shown as held"] = sum(found["held"].values())
    report.differences["playcall feeds tells"] = differences


def _feeds(environ: dict[str, str]) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([PLAYCALL, "feeds", "--json"], env=environ, capture_output=True, check=False)


async def _judge(town: Town, report: Report, *, held_at_least: int) -> None:
    """Nobody who came is called absent, everybody who did not is, once; every held decision is resolved."""
    calls, triggers, decisions = await outcome(town)
    dormant = {r.account_id for r in town.residents if r.login_ms is None}
    came = {r.account_id for r in town.residents} - dormant
    held = {d["account_id"] for d in decisions if d["reason"] == "held"}
    cleared = {d["account_id"] for d in decisions if d["reason"] == "cleared"}
    unresolved = held - cleared - set(calls)
    report.events += len(town.residents)
    report.triggers += sum(calls.values())
    report.figures |= {
        "accounts": len(town.residents),
        "dormant": len(dormant),
        "held": len(held),
        "held, then cleared": len(held & cleared),
    }
    report.differences |= {
        "false dormancy": _named(came & set(calls)),
        "missed dormancy": _named(dormant - set(calls)),
        "called twice": _named(a for a, n in calls.items() if n > 1),
        "held and not resolved": _named(unresolved),
        "held and both": _named(cleared & set(calls)),
        "unproven": _named(t["account_id"] for t in triggers if t["evidence"]["silence"] is None or t["evidence"]["silence"]["unproven"]),
        "held as expected": [] if len(held) >= held_at_least else [f"{len(held)} held, at least {held_at_least} expected"],
    }


def _named(accounts: Iterable[str]) -> list[str]:
    return sorted(accounts)
