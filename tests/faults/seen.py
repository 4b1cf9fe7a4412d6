"""What a run left on the broker: state, cursors and outputs, read back."""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from schemas.catalogue import ASKS, ASSIGNMENTS, ROSTER_STATE, roster_topics
from streams.signals.state import TODAY, WEEKS
from tests.faults.log_io import Read, high_watermarks, read_committed
from tests.oracle.log import TOPICS

CURSOR = b"\x00cursor"
REKEYED = "rekeyed"
OUTPUTS = ("triggers", "play-launches", "play-outcomes", "decisions", "health")


@dataclass
class Seen:
    """Committed content by topic. State is what is left of it after compaction: last value per key, tombstones gone."""

    state: dict[tuple[int, bytes], bytes] = field(default_factory=dict)
    cursors: dict[int, dict[str, Any]] = field(default_factory=dict)
    outputs: dict[str, list[Read]] = field(default_factory=dict)
    dead: Counter[str] = field(default_factory=Counter)
    ends: dict[tuple[str, int], int] = field(default_factory=dict)
    roster: dict[bytes, bytes] = field(default_factory=dict)  # state of the roster, cursor included; empty where none runs
    roster_ends: dict[str, int] = field(default_factory=dict)

    def fingerprint(self, *, mode: bool = True) -> dict[str, str]:
        """One digest per topic: equal digests are equal content. Without `mode`, whether a task was live when it stopped is left out."""
        state = {place: value if mode or place[1] != CURSOR else _without_mode(value) for place, value in self.state.items()}
        roster = [
            Read(0, 0, key, value if mode or key != CURSOR else _without_mode(value), 0) for key, value in sorted(self.roster.items())
        ]
        digests = {
            "roster.state": _digest(roster),
            "state": _digest([Read(p, 0, key, value, 0) for (p, key), value in sorted(state.items())]),
        }
        for topic, records in self.outputs.items():
            digests[topic] = _digest(records)
        return {**digests, "dead letters": str(sorted(self.dead.items()))}

    def usage(self) -> dict[str, tuple[dict[int, int], dict[int, frozenset[str]]]]:
        """Per account: usage events and users by local day, as far as the state keeps them."""
        found: dict[str, tuple[dict[int, int], dict[int, frozenset[str]]]] = {}
        for (_, key), value in self.state.items():
            account, _, cell = key.partition(b"\x00")
            if cell not in (b"today", b"weeks") or key == CURSOR:
                continue
            counts, users = found.setdefault(account.decode(), ({}, {}))
            if cell == b"today":
                today = TODAY.decode(value)
                if today.count:
                    counts[today.day] = counts.get(today.day, 0) + today.count
                    users[today.day] = users.get(today.day, frozenset()) | frozenset(today.users)
                continue
            weeks = WEEKS.decode(value)
            for index in range(len(weeks.totals) // 4):
                day, count = weeks.base_day + index, int.from_bytes(weeks.totals[4 * index : 4 * index + 4], "little")
                if count:
                    counts[day] = counts.get(day, 0) + count
            for user, bits in weeks.users.items():
                for index in range(bits.bit_length()):
                    if bits >> index & 1:
                        day = weeks.bits_day + index
                        users[day] = users.get(day, frozenset()) | {user}
        return found


async def look(bootstrap: str, prefix: str, partitions: int, topics: tuple[str, ...] = (*TOPICS, REKEYED), *, roster: bool = False) -> Seen:
    """Read everything a run has committed so far, with what a `roster` did."""
    seen = Seen()
    for record in await read_committed(bootstrap, prefix + "state"):
        assert record.key is not None
        if record.value is None:
            seen.state.pop((record.partition, record.key), None)
        else:
            seen.state[record.partition, record.key] = record.value
    seen.cursors = {p: json.loads(value) for (p, key), value in seen.state.items() if key == CURSOR}
    if roster:
        topics = (*topics, ASSIGNMENTS)
        for record in await read_committed(bootstrap, prefix + ROSTER_STATE):
            assert record.key is not None
            if record.value is None:
                seen.roster.pop(record.key, None)
            else:
                seen.roster[record.key] = record.value
        ends = await high_watermarks(bootstrap, [prefix + t for t in roster_topics()], 1)
        seen.roster_ends = {t.removeprefix(prefix): end for (t, _), end in ends.items()}
        for topic in roster_topics():
            seen.dead[topic] = len(await read_committed(bootstrap, f"{prefix}{topic}.dlq"))
    for topic in (*OUTPUTS, *((ASKS, ASSIGNMENTS) if roster else ())):
        seen.outputs[topic] = await read_committed(bootstrap, prefix + topic)
    for topic in topics:
        seen.dead[topic] = len(await read_committed(bootstrap, f"{prefix}{topic}.dlq"))
    ends = await high_watermarks(bootstrap, [prefix + t for t in topics], partitions)
    seen.ends = {(t.removeprefix(prefix), p): end for (t, p), end in ends.items()}
    return seen


def ms(text: str | None) -> int | None:
    """Epoch milliseconds of a published time."""
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    return int(moment.timestamp()) * 1000 + moment.microsecond // 1000


def _without_mode(cursor: bytes) -> bytes:
    return json.dumps({name: value for name, value in json.loads(cursor).items() if name != "mode"}).encode()


def _digest(records: list[Read]) -> str:
    digest = hashlib.sha256()
    for record in records:
        for part in (record.key or b"", record.value or b""):
            digest.update(len(part).to_bytes(8, "little") + part)
    return digest.hexdigest()[:16]
