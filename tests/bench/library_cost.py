"""What the whole library costs beside the starter pack, and what accounts take in state.

Run: make librarycost ARGS="--accounts 5000 --events 1000000".

Three measurements, all in one process, without Kafka:

- replay: CPU per event of the engine with all processors, starter pack and whole library alternating;
- growth: bytes per account (p50, p99) of a smaller fleet after 100, 200, 300 and 400 days of the whole library;
- quiet: CPU of closing one day for accounts that have been quiet for forty days, whole library.
"""

import argparse
import json
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path
from statistics import quantiles
from typing import Any

from schemas.catalogue import input_topics
from streams.cli.compose import load_configuration
from streams.collector import collect_rarely
from streams.engine.policy import EnginePolicy
from streams.fleet.files import write_lines
from streams.fleet.fleet import Fleet, FleetSpec
from streams.processing.cells import Cells
from streams.processing.deadline import Deadline
from streams.processing.effects import CancelDeadline, SetDeadline
from streams.processing.moment import Mode, Moment
from streams.replay.run import replay
from streams.replay.source import EventFiles
from streams.signals.driver import GRACE_MS, Driver
from streams.signals.timeline import events_of
from streams.signals.usage import DAY_CLOSE

STARTER, ALL = ("starter",), ("all",)
DAY_MS = 86_400_000


def main() -> None:
    """Measure, print figures as one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=5_000)
    parser.add_argument("--days", type=int, default=60, help="of the fleet's history, which is cut after so many events:")
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=2)
    parser.add_argument("--growing", type=int, default=40, help="accounts that live for 400 days")
    parser.add_argument("--quiet", type=int, default=100_000, help="accounts whose quiet day is closed")
    parser.add_argument("--only", choices=("replay", "growth", "quiet"))
    asked = parser.parse_args()
    collect_rarely()
    figures: dict[str, Any] = {}
    if asked.only in (None, "replay"):
        figures["replay"] = _replay(FleetSpec(accounts=asked.accounts, days=asked.days), asked.events, asked.repeat)
    if asked.only in (None, "growth"):
        figures["growth"] = _growth(asked.growing)
    if asked.only in (None, "quiet"):
        figures["quiet"] = _quiet(asked.quiet)
    print(json.dumps(figures))


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _replay(spec: FleetSpec, at_most: int, repeat: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.jsonl.gz"
        count = write_lines(path, islice(Fleet(spec).events(), at_most))
        source = EventFiles(4)
        for _ in source.read(path):
            pass
    days = (source.last_event_ms - spec.span.start_ms) / DAY_MS
    _say(f"{count:,} events of {spec.accounts:,} accounts over {days:.0f} days")
    spent: dict[str, list[float]] = {"starter": [], "all": []}
    triggers: dict[str, int] = {}
    for _ in range(repeat):
        for pack in (STARTER, ALL):
            configuration = load_configuration(only=pack)
            policy = EnginePolicy(partitions=4, topics=input_topics(), until_ms=source.last_event_ms, quiet=configuration.quiet())
            before = time.process_time()
            result = replay(source.logs, configuration.pipeline, policy, source.last_event_ms)
            spent[pack[0]].append((time.process_time() - before) / count * 1e6)
            triggers[pack[0]] = sum(record.topic == "triggers" for record in result.records)
            _say(f"{pack[0]}: {spent[pack[0]][-1]:.1f} us per event, {triggers[pack[0]]:,} triggers")
    best = {pack: min(found) for pack, found in spent.items()}
    ratio = best["all"] / best["starter"]
    return {
        "events": count,
        "us_per_event": {pack: round(us, 2) for pack, us in best.items()},
        "ratio": round(ratio, 3),
        "triggers": triggers,
    }


def _growth(accounts: int) -> dict[str, Any]:
    """Each account by itself through signals, which keeps nearly all of the state; bytes are those of keys and values."""
    fleet = Fleet(FleetSpec(accounts=accounts, days=400))
    (signals, *_) = load_configuration(only=ALL).pipeline().processors
    by_account: dict[str, list[dict[str, Any]]] = {}
    for event in fleet.events():
        by_account.setdefault(event.account_id, []).append(event.body())
    sizes: dict[int, list[int]] = {day: [] for day in (100, 200, 300, 400)}
    cells: dict[str, list[int]] = {}
    for account, bodies in by_account.items():
        driver, events = Driver(signals, account), events_of(bodies)
        at = 0
        for day, found in sizes.items():
            end_ms = fleet.span.start_ms + day * DAY_MS
            upto = next((n for n, event in enumerate(events) if event.time_ms >= end_ms), len(events))
            driver.run(events[at:upto], end_ms)
            at = upto
            found.append(sum(len(account) + 1 + len(name) + len(new or b"") for name, _, new in _snapshot(driver.cells)))
        for name, _, new in _snapshot(driver.cells):
            cells.setdefault(name, []).append(len(new or b""))
    by_day = {day: {"p50": _percentile(found, 50), "p99": _percentile(found, 99)} for day, found in sizes.items()}
    return {
        "accounts": len(by_account),
        "bytes": by_day,
        "mean_by_cell": {name: round(sum(v) / len(by_account)) for name, v in cells.items()},
    }


def _snapshot(cells: Cells) -> list[tuple[str, None, bytes | None]]:
    for _ in cells.flush():
        pass
    return [(name, None, raw) for name, raw in sorted(cells._raw.items())]


def _percentile(values: list[int], percent: int) -> int:
    return round(quantiles(values, n=100, method="inclusive")[percent - 1]) if len(values) > 1 else values[0]


def _quiet(accounts: int) -> dict[str, Any]:
    """A hundred accounts with sixty days of life and forty quiet days, copied; all that is due on one more quiet day is called."""
    fleet = Fleet(FleetSpec(accounts=100, days=60))
    (signals, *_) = load_configuration(only=ALL).pipeline().processors
    by_account: dict[str, list[dict[str, Any]]] = {}
    for event in fleet.events():
        by_account.setdefault(event.account_id, []).append(event.body())
    from_ms = fleet.span.end_ms + 40 * DAY_MS
    models: list[tuple[str, dict[str, bytes], list[tuple[str, int]]]] = []
    for account, bodies in by_account.items():
        driver = Driver(signals, account)
        driver.run(events_of(bodies), from_ms)
        models.append((account, {name: raw or b"" for name, _, raw in _snapshot(driver.cells)}, list(driver.deadlines)))
    closes = called = 0
    before = time.process_time()
    for number in range(accounts):
        account, raw, deadlines = models[number % len(models)]
        cells = Cells(account, dict(raw))  # its own name: what is remembered of an account is by its id
        due = sorted(((at, name) for name, at in deadlines if at + GRACE_MS <= from_ms + DAY_MS))
        for at, name in due:
            called += 1
            closes += name == DAY_CLOSE
            for effect in signals.on_deadline(cells, Deadline(name, at), Moment(at + GRACE_MS, mode=Mode.CATCHING_UP)):
                assert not isinstance(effect, SetDeadline | CancelDeadline) or effect.name
        for _ in cells.flush():
            pass
    seconds = time.process_time() - before
    return {
        "accounts": accounts,
        "closes": closes,
        "deadlines": called,
        "cpu_s": round(seconds, 2),
        "us_each": round(seconds / accounts * 1e6, 1),
    }


if __name__ == "__main__":
    main()
