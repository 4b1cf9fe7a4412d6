"""The cursor: where a task stands, committed with the state it belongs to."""

from dataclasses import dataclass, field
from typing import Any

import msgspec
import orjson

from streams.engine.errors import StateError
from streams.engine.feeds import Span
from streams.engine.logs import Logs
from streams.engine.sweep import Position
from streams.processing.moment import Mode

CURSOR_KEY = b"\x00cursor"
_FORMAT = 1
_POISON = ("recent", "paused", "resumed")


@dataclass(slots=True)
class Cursor:
    """Next offset per topic, the task's time, the counts that must add up, and the proof of the cells.

    `counts[topic][outcome]` covers every input ever consumed: applied, duplicate, ignored, dead_lettered, forwarded.
    `feeds[topic][source]` is when this partition heard the feed first and last. `few` are the accounts seen, as long as they are too
    few for a quorum. `strays` names the sources that had events on the wrong partition: `{topic: {"sources": [...], "last":
    append time in ms}}`. `revision` is that of the library at work, `sweep` how far accounts have passed to it, if not all have.
    """

    offsets: dict[str, int] = field(default_factory=dict)
    task_time_ms: int = 0
    mode: Mode = Mode.CATCHING_UP
    revision: str = ""
    cells: int = 0
    sum: int = 0
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    feeds: dict[str, dict[str, Span]] = field(default_factory=dict)
    few: list[str] | None = field(default_factory=list)
    poison: dict[str, dict[str, Any]] = field(default_factory=dict)  # recent, paused, resumed: see `streams.engine.poison`
    strays: dict[str, Any] = field(default_factory=dict)
    logs: Logs = field(default_factory=Logs)
    sweep: Position | None = None
    unanswered: list[str] = field(default_factory=list)  # ids of questions to the roster for whose answer time stands still

    def encode(self) -> bytes:
        """Sorted JSON: equal cursors are equal bytes."""
        return orjson.dumps(
            {
                "format": _FORMAT,
                "offsets": self.offsets,
                "task_time": self.task_time_ms,
                "mode": self.mode.value,
                "revision": self.revision,
                "cells": self.cells,
                "sum": f"{self.sum:016x}",
                "counts": self.counts,
                "feeds": self.feeds,
                "few": self.few,
                **self.poison,
                **({"strays": self.strays} if self.strays else {}),
                **({} if self.logs.partitions is None else {"partitions": self.logs.partitions}),
                **({"topic_ids": self.logs.ids} if self.logs.ids else {}),
                **({} if self.sweep is None else {"sweep": msgspec.structs.asdict(self.sweep)}),
                **({"unanswered": self.unanswered} if self.unanswered else {}),
            },
            option=orjson.OPT_SORT_KEYS,
        )

    @classmethod
    def decode(cls, data: bytes) -> "Cursor":
        """Raises StateError for a cursor this release cannot read."""
        try:
            raw = orjson.loads(data)
            if raw["format"] != _FORMAT:
                raise StateError(f"the cursor has format {raw['format']}, this release reads {_FORMAT}: run the release that wrote it")
            return cls(
                raw["offsets"],
                raw["task_time"],
                Mode(raw["mode"]),
                raw["revision"],
                raw["cells"],
                int(raw["sum"], 16),
                raw["counts"],
                raw.get("feeds", {}),
                raw.get("few"),  # an older cursor: as if there were enough
                {name: raw[name] for name in _POISON if name in raw},
                raw.get("strays", {}),
                Logs(raw.get("partitions"), raw.get("topic_ids", {})),
                msgspec.convert(raw["sweep"], Position) if "sweep" in raw else None,
                raw.get("unanswered", []),
            )
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as problem:
            raise StateError(f"the cursor record cannot be read ({problem}): restore the state topic from a backup") from problem


def noted_partitions(data: bytes) -> int | None:
    """The partition count that a cursor record was written under, None where it says none. Never raises."""
    try:
        count = orjson.loads(data).get("partitions")
    except (orjson.JSONDecodeError, AttributeError):
        return None
    return count if isinstance(count, int) else None
