"""The clocks of a run by the words of the page for subscribers, recounted from what is said of it. Elapsed time alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from schemas.records.play_message import Clocks, PlayMessage
from schemas.records.wire import epoch_ms, utc

CLOCKS = ("acknowledge", "act", "resolve")
WARNINGS = (50, 80)
STOPS_NOTHING = "waiting_on_us"


class Wanted(NamedTuple):
    """What a trigger asks for. `span_ms`: the first-action time, None: no clocks; `dated`: until a date. `start_ms`: when it was raised."""

    priority: str
    span_ms: int | None
    start_ms: int
    dated: bool = False
    automation: bool = False  # nobody is to act

    def let_go(self, at_ms: int) -> "Wanted":
        """The same of a launch that waited until then: the time counts from here, a date stays."""
        left_ms = None if self.span_ms is None else max(0, self.span_ms - (at_ms - self.start_ms if self.dated else 0))
        return self._replace(span_ms=left_ms, start_ms=at_ms)


@dataclass
class Counted:
    """A clock that runs, or has run out."""

    start_ms: int
    due_ms: int
    said: list[int | None] = field(default_factory=list)

    def marks(self) -> list[tuple[int | None, int]]:
        """Every mark with its moment; None is the breach."""
        span_ms = self.due_ms - self.start_ms
        return [*((percent, self.start_ms + span_ms * percent // 100) for percent in WARNINGS), (None, self.due_ms)]


class Rest(NamedTuple):
    """The stretch of rest the run was last in."""

    start_ms: int
    end_ms: int | None
    reason: str | None

    @property
    def stops(self) -> bool:
        return self.reason != STOPS_NOTHING

    @property
    def given_ms(self) -> int:
        """What it has given to the clocks it stops so far: nothing while its end is open."""
        return self.end_ms - self.start_ms if self.end_ms is not None and self.stops else 0


class Recount:
    """One run. `hear` all of its messages, in order: each must show the clocks that the ones before, and it, make."""

    def __init__(self, wanted: Mapping[str, Wanted]) -> None:
        self.wanted = wanted
        self.clocks: dict[str, Counted] = {}
        self.stopped: set[str] = set()  # by somebody, for the present owner
        self.acknowledge_ms = 0
        self.case: Wanted | None = None
        self.rest: Rest | None = None
        self.last: PlayMessage | None = None

    def hear(self, message: PlayMessage) -> None:
        """Raises `AssertionError` where the message shows other clocks, or speaks of one that it should not."""
        before, now_ms = self.last, epoch_ms(message.time)
        match message.kind:
            case "launched":
                self._launched(message.triggers)
            case "upgraded":
                if before is not None and message.owner.id != before.owner.id:
                    self._stop(())
                self._ask(self.wanted[message.triggers[-1]])
            case "acknowledged" | "skipped":
                self._stop(("acknowledge",))
            case "started" | "completed":
                self._stop(("acknowledge", "act"))
            case "escalated":
                self.stopped.discard("acknowledge")
                self._anew(now_ms)
            case "reassigned" if message.owner.reason != "reassigned":
                self._stop(())
                assert self.case is not None
                if "act" not in self.clocks:
                    self._ask(self.case)
                self._anew(now_ms)
            case "paused" | "snoozed" | "resumed":
                self._rest(message.kind, now_ms, message.until, message.reason)
            case "sla_warning" | "sla_breach":
                self._speak(message, now_ms)
            case "step_cancelled" if message.clocks == Clocks():  # the run is being closed
                self.clocks.clear()
            case "closed":
                self.clocks.clear()
        self.last = message
        shown = {name: utc(clock.due_ms) for name, clock in self.clocks.items()}
        assert message.clocks == Clocks(**{f"{name}_by": shown.get(name) for name in CLOCKS}), (message.kind, message.clocks, shown)

    def unsaid(self, now_ms: int) -> list[tuple[str, int | None]]:
        """Marks whose moment has come and that nobody was told of; none while the clocks stand still."""
        if self.stands_still(now_ms):
            return []
        return [
            (name, percent)
            for name, clock in self.clocks.items()
            for percent, at_ms in clock.marks()
            if at_ms <= now_ms and percent not in clock.said
        ]

    def stands_still(self, now_ms: int) -> bool:
        """Whether no clock runs: at rest, for a reason that stops them."""
        rest = self.rest
        return rest is not None and rest.stops and rest.start_ms <= now_ms and (rest.end_ms is None or now_ms < rest.end_ms)

    def _launched(self, triggers: Sequence[str]) -> None:
        priority, automation = "P9", False
        for one in triggers:
            wanted = self.wanted[one]
            if wanted.priority < priority or (automation and not wanted.automation):
                priority = min(priority, wanted.priority)
                automation = wanted.automation and (automation or priority == "P1")
                self._ask(wanted)

    def _ask(self, wanted: Wanted) -> None:
        """Clocks only ever move earlier, but for those that ran out; those that were stopped stay stopped."""
        self.case = wanted
        if wanted.span_ms is None:
            return
        spans = {"acknowledge": wanted.span_ms * 25 // 100, "act": wanted.span_ms, "resolve": wanted.span_ms * 4}
        self.acknowledge_ms = min(self.acknowledge_ms or spans["acknowledge"], spans["acknowledge"])
        for name, span_ms in spans.items():
            due_ms, known = wanted.start_ms + span_ms, self.clocks.get(name)
            if name in self.stopped:
                continue
            if known is None or None in known.said:  # what ran out has nothing more to say
                self.clocks[name] = Counted(wanted.start_ms, due_ms)
            elif due_ms < known.due_ms:
                known.start_ms, known.due_ms = wanted.start_ms, due_ms

    def _stop(self, names: tuple[str, ...]) -> None:
        """These by the present owner; none: another has the run."""
        self.stopped = {*self.stopped, *names} if names else set()
        for name in names:
            self.clocks.pop(name, None)

    def _anew(self, now_ms: int) -> None:
        """Who hears of the run only now has the whole time to acknowledge."""
        if self.acknowledge_ms:
            self.clocks["acknowledge"] = Counted(now_ms, now_ms + self.acknowledge_ms)

    def _rest(self, kind: str, now_ms: int, until: datetime | None, reason: str | None) -> None:
        before = self.rest
        if before is not None and before.end_ms is not None and before.end_ms <= now_ms:
            before = None
        if kind == "resumed":
            assert before is not None
            after = before._replace(end_ms=now_ms)
        else:
            start_ms, why = (now_ms, None) if before is None else (before.start_ms, before.reason)
            after = Rest(start_ms, None if until is None else epoch_ms(until), reason or why)
        by_ms = after.given_ms - (0 if before is None else before.given_ms)
        for clock in self.clocks.values():
            if None not in clock.said:
                clock.start_ms += by_ms
                clock.due_ms += by_ms
        self.rest = after

    def _speak(self, message: PlayMessage, now_ms: int) -> None:
        """The next mark of a clock that runs, of its exact moment, not before it."""
        assert message.clock is not None
        assert not self.stands_still(now_ms)
        clock = self.clocks[message.clock]
        percent, at_ms = clock.marks()[len(clock.said)]
        assert (message.percent, message.due) == (percent, utc(at_ms)), (message, clock)
        assert at_ms <= now_ms
        clock.said.append(percent)
