"""SLA clocks under fire: urgent tickets that nobody answers, and what the workers say about them held against what was promised."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from typing import Any

from streams.clock import write_clock_file
from tests.faults.log_io import read_now
from tests.faults.seen import ms
from tests.faults.stage import Stage
from tests.faults.workload import Planned, Workload, partition_of
from tests.oracle.days import rfc3339
from tests.oracle.fold import fold

CLOCKS = ("acknowledge", "act", "resolve")
PARTITIONS = 4
_HORIZON_MS = 3 * 86_400_000


def urgent_tickets(draw: Random, times_ms: Iterable[int]) -> Workload:
    """One urgent ticket at each of the times, each for an account of its own."""
    begins = list(times_ms)
    work = Workload(PARTITIONS, max(begins) + _HORIZON_MS, {"accounts": [], "tickets": []})
    for index, at_ms in enumerate(begins):
        account_id = f"acct-{index:05d}"
        touch = draw.choice(("high", "mid", "tech"))
        facts = {
            "accounts": {"type": "account.created", "name": f"Company {index}", "touch_model": touch, "timezone": "Europe/Berlin"},
            "tickets": {"type": "ticket.created", "ticket_id": f"t-{index}", "priority": "P1"},
        }
        for topic, fields in facts.items():
            event = {
                "event_id": f"{topic}-{index}",
                "account_id": account_id,
                "source": "workload",
                "occurred_at": rfc3339(at_ms),
                **fields,
            }
            key = account_id.encode()
            work.topics[topic].append(Planned(topic, partition_of(key, PARTITIONS), key, json.dumps(event).encode(), "event", event))
    assert fold(work.log(), work.until_ms).router.launches
    return work


class Promises:
    """What `play-launches` says: runs with their clocks, and breaches of them."""

    def __init__(self, stage: Stage) -> None:
        self.said = 0
        self._stage = stage

    def launched(self) -> dict[str, dict[str, Any]]:
        return {m["run_id"]: m for m in self.messages() if m["kind"] == "launched"}

    def all_launched(self) -> bool:
        return len(self.launched()) == len(self._stage.outcome.router.launches)

    def messages(self) -> list[dict[str, Any]]:
        """In log order per partition; `appended_ms` is the broker's time."""
        records = read_now(self._stage.bootstrap, f"{self._stage.prefix}play-launches")
        return [{**json.loads(record.value or b"{}"), "appended_ms": record.timestamp_ms} for record in records]

    def last_due(self, clock: str) -> int:
        """When the last of all runs' clocks of this name, as launched, runs out."""
        dues = [ms(m["clocks"][f"{clock}_by"]) for m in self.launched().values()]
        return max(due for due in dues if due is not None)

    def all_breached(self, clock: str) -> bool:
        """Every run has said so of the clock it was launched with."""
        launched = {(m["run_id"], m["clocks"][f"{clock}_by"]) for m in self.launched().values()}
        return launched <= {(m["run_id"], m["due"]) for m in self.messages() if m["kind"] == "sla_breach" and m["clock"] == clock}

    def judged(self, now_ms: int) -> dict[str, list[str]]:
        """Each promised clock that has run out by now said so once, and no other."""
        messages = self.messages()
        breaches = [m for m in messages if m["kind"] == "sla_breach"]
        self.said = len(breaches)
        promised = {
            (m["run_id"], clock, m["clocks"][f"{clock}_by"])
            for m in messages
            for clock in CLOCKS
            if m["clocks"][f"{clock}_by"] is not None and (ms(m["clocks"][f"{clock}_by"]) or 0) <= now_ms
        }
        counted = Counter((m["run_id"], m["clock"], m["due"]) for m in breaches)
        return {
            "breach of every clock": [f"never said: {key}" for key in sorted(promised - set(counted))],
            "breach once": [f"said {n} times: {key}" for key, n in sorted(counted.items()) if n != 1],
            "breach of nothing else": [f"not promised: {key}" for key in sorted(set(counted) - promised)],
        }

    def breaches(self) -> Iterator[tuple[dict[str, Any], int, int]]:
        """(message, when it was due, when it says it was said)."""
        for m in self.messages():
            if m["kind"] == "sla_breach":
                due, at = ms(m["due"]), ms(m["time"])
                assert due is not None
                assert at is not None
                yield m, due, at


class Timers(Promises):
    """The same under a clock that the scenario drives: it stands still between two moves."""

    def __init__(self, stage: Stage, clock: Path, begin_ms: int) -> None:
        super().__init__(stage)
        self.now_ms = begin_ms
        self._clock = clock
        self._moved: list[int] = [begin_ms]

    def move(self, to_ms: int) -> None:
        """What fires after a move is at most as late as the move was long."""
        self.now_ms = to_ms
        self._moved.append(to_ms)
        write_clock_file(self._clock, to_ms)

    def all_judged(self) -> dict[str, list[str]]:
        """And not before its moment, not later than the clock was known."""
        return {**self.judged(self.now_ms), "breach in time": list(self._untimely())}

    def _untimely(self) -> Iterator[str]:
        for m, due, at in self.breaches():
            known = min(moment for moment in self._moved if moment >= due)
            if not due <= at <= known:
                yield f"{m['run_id']} {m['clock']}: due {m['due']}, said at {m['time']}, the clock came by at {rfc3339(known)}"
