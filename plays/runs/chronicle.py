"""Runs as their messages tell of them: what a desk sees of each, in any order of runs and however often messages are read."""

from collections.abc import Iterator
from datetime import datetime

from schemas.records.play_message import Clock, PlayMessage

_RESTS = frozenset({"paused", "snoozed"})
_STEPS = frozenset({"step_overdue", "completed", "skipped", "step_ended", "step_left_out", "step_lapsed", "step_cancelled"})
_CLOCKS: tuple[Clock, ...] = ("acknowledge", "act", "resolve")


class RunStory:
    """One run: its first message that is known, its last, and whether it rests. Messages come in the order of their sequence."""

    __slots__ = ("acknowledged", "breached", "first", "last", "late", "rest")

    def __init__(self, message: PlayMessage) -> None:
        self.first = self.last = message
        self.rest: PlayMessage | None = None
        self.acknowledged = False
        self.breached: tuple[Clock, ...] = ()
        self.late: tuple[str, ...] = ()  # steps that were not reported done when due, and have not ended since
        self.hear(message)

    def hear(self, message: PlayMessage) -> None:
        """The next message."""
        self.last = message
        if message.kind in _RESTS:
            self.rest = message
        elif message.kind == "resumed":
            self.rest = None
        elif message.kind in ("acknowledged", "started", "completed", "skipped"):
            self.acknowledged = True
        elif message.kind == "escalated":
            self.acknowledged = False
        elif message.kind == "sla_breach" and message.clock is not None and message.clock not in self.breached:
            self.breached = (*self.breached, message.clock)
        if message.step is not None and message.kind in _STEPS:
            others = tuple(step for step in self.late if step != message.step)
            self.late = (*others, message.step) if message.kind == "step_overdue" else others

    @property
    def closed(self) -> bool:
        """Whether it has ended."""
        return self.last.kind in ("closed", "cancelled")

    def resting(self, now: datetime) -> PlayMessage | None:
        """The pause or snooze the run is in; its clocks are not looked at."""
        rest = self.rest
        return None if rest is None or (rest.until is not None and rest.until <= now) else rest

    def due(self) -> tuple[datetime, Clock] | None:
        """The clock that runs out next, or ran out first, of those nobody has stopped."""
        clocks = self.last.clocks
        moments = (clocks.acknowledge_by, clocks.act_by, clocks.resolve_by)
        return min(((moment, clock) for moment, clock in zip(moments, _CLOCKS, strict=True) if moment is not None), default=None)

    def overdue(self, now: datetime) -> bool:
        """Whether a clock that nobody stopped has run out, or a step is late; never of a run that rests or has ended."""
        due = self.due()
        late = bool(self.late) or (due is not None and due[0] <= now)
        return late and not self.closed and self.resting(now) is None


class Chronicle:
    """The stories of all runs that were told of; with `closed=False` those that end are forgotten."""

    def __init__(self, *, closed: bool = True) -> None:
        self._keep = closed
        self._stories: dict[str, RunStory] = {}
        self._seen: dict[str, int] = {}

    def take(self, message: PlayMessage) -> None:
        """One message; one that was read before changes nothing."""
        if message.sequence <= self._seen.get(message.run_id, 0):
            return
        self._seen[message.run_id] = message.sequence
        story = self._stories.get(message.run_id)
        if story is None:
            story = self._stories[message.run_id] = RunStory(message)
        else:
            story.hear(message)
        if story.closed and not self._keep:
            del self._stories[message.run_id]

    def __iter__(self) -> Iterator[RunStory]:
        return iter(self._stories.values())

    def __len__(self) -> int:
        return len(self._stories)
