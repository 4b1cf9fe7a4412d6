"""A broker that stalls while an SLA clock runs out: the answer is there, only nobody can read it yet."""

import asyncio
import signal
import time
from datetime import datetime
from typing import Any

import orjson

from tests.faults.cluster import Node
from tests.faults.log_io import read_committed
from tests.faults.report import Report
from tests.faults.silence.town import MINUTE_MS, Street, Town, event
from tests.faults.workers import Fleet

STALL_S = 40


async def stall(life: Street, report: Report, fleet: Fleet, broker: Node) -> None:
    """P1 tickets are acknowledged in time, but the broker stalls for 40 s before anybody can read it, over the deadline."""
    town = life.town
    asked = town.residents[:200]
    fleet.start(0)
    await life.step()
    opened_ms = town.now_ms
    tickets = [(r, event("ticket.created", r.account_id, opened_ms, "desk", ticket_id=f"t-{r.account_id}", priority="P1")) for r in asked]
    await life.publish_all([("tickets", value, r.account_id, r.partition) for r, value in tickets])
    for minute in (4, 8, 12, 16, 20, 24, 28):
        town.set_clock(opened_ms + minute * MINUTE_MS)
        await life.read_up_to(town.now_ms)
    runs = await _runs(town)
    deadline_ms = max(due for _, due in runs.values())
    town.set_clock(min(due for _, due in runs.values()) - 10_000)
    await life.read_up_to(town.now_ms)
    fleet.workers[0].process.send_signal(signal.SIGSTOP)
    answers = [
        ("play-updates", event("run.acknowledged", a, town.now_ms, "crm", run_id=run, actor="dana"), a, _home(town, a))
        for a, (run, _) in runs.items()
    ]
    await life.publish_all(answers)
    broker.freeze()
    fleet.workers[0].process.send_signal(signal.SIGCONT)
    report.faults.append("the broker stalls for 40 s over the deadline of 200 acknowledged P1 runs")
    try:
        begun_ms = town.now_ms
        end = time.monotonic() + STALL_S
        while (left := end - time.monotonic()) > 0:  # the outage itself, with the clock going on
            town.set_clock(begun_ms + int((STALL_S - left) * 1000))
            await asyncio.sleep(0.1)
    finally:
        broker.thaw()
    report.figures["seconds past the last deadline"] = (town.now_ms - deadline_ms) / 1000
    await life.read_up_to(town.now_ms)
    town.set_clock(town.now_ms + 2 * MINUTE_MS)
    await life.read_up_to(town.now_ms)
    kinds = [m["kind"] for m in await _messages(town) if m["kind"] in ("acknowledged", "sla_breach")]
    report.launches += len(runs)
    report.differences |= {
        "launched": [] if len(runs) == len(asked) else [f"{len(runs)} of {len(asked)}"],
        "false breaches": ["breach"] * kinds.count("sla_breach"),
        "acknowledged": [] if kinds.count("acknowledged") == len(runs) else [f"{kinds.count('acknowledged')} of {len(runs)}"],
        "the stall covers the deadlines": [] if town.now_ms > deadline_ms else ["the clock never passed the deadlines"],
    }


def _home(town: Town, account_id: str) -> int:
    return next(r.partition for r in town.residents if r.account_id == account_id)


async def _messages(town: Town) -> list[dict[str, Any]]:
    return [orjson.loads(r.value or b"{}") for r in await read_committed(town.bootstrap, town.prefix + "play-launches")]


async def _runs(town: Town) -> dict[str, tuple[str, int]]:
    """Account -> (run, when it must be acknowledged, ms) of the launched runs."""
    found = {}
    for message in await _messages(town):
        if message["kind"] == "launched" and message["priority"] == "P1":
            found[message["account_id"]] = (message["run_id"], _ms(message["clocks"]["acknowledge_by"]))
    return found


def _ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)
