"""The messages of one run folded into its story: owners in turn, clocks and how they went, how it ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from schemas.records.play_message import Clock, ClosureCode, Contact, Owner, PlayMessage, Step
from schemas.records.trigger import Priority
from streams.report.calendar import epoch_ms

Verdict = Literal["met", "missed", "running", "dropped"]
CLOCKS: tuple[Clock, ...] = ("acknowledge", "act", "resolve")
# What stops which clock: later stages answer earlier ones too (a run closed unacknowledged was still answered).
_STOPS: dict[Clock, tuple[str, ...]] = {
    "acknowledge": ("acknowledged", "completed", "closed"),
    "act": ("completed", "closed"),
    "resolve": ("closed",),
}


@dataclass(frozen=True, slots=True)
class ClockStory:
    """One SLA clock, ms UTC. `stopped_ms` None: never stopped. `warned`: percents; `handed`: owners it was escalated to."""

    clock: Clock
    start_ms: int
    deadline_ms: int
    stopped_ms: int | None
    warned: tuple[int, ...]
    breached_ms: int | None
    handed: tuple[tuple[int, Owner], ...]
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Run:
    """A run as its messages tell it. `end_ms` is None while it is open. Message order is the sequence of the run."""

    run_id: str
    account_id: str
    messages: tuple[PlayMessage, ...]
    start_ms: int
    end_ms: int | None
    code: ClosureCode | None
    cancelled: bool
    priority: Priority
    owners: tuple[tuple[int, Owner], ...]
    triggers: tuple[str, ...]
    acknowledged_ms: int | None
    clocks: tuple[ClockStory, ...]

    @property
    def first(self) -> PlayMessage:
        """The launch (or the earliest message we have)."""
        return self.messages[0]

    @property
    def last(self) -> PlayMessage:
        """The latest message."""
        return self.messages[-1]

    @property
    def contacts(self) -> tuple[Contact, ...]:
        """Who to reach, as last said."""
        return next((message.who_to_reach for message in reversed(self.messages) if message.who_to_reach), ())

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps of the play, as last listed."""
        return next((message.steps for message in reversed(self.messages) if message.steps), ())

    @property
    def briefing(self) -> str:
        """The message of step one, as last rendered; empty if none."""
        return next((message.message for message in reversed(self.messages) if message.message), "")

    @property
    def owner(self) -> Owner:
        """Who has it now, or had it last."""
        return self.owners[-1][1]

    @property
    def breached(self) -> bool:
        """Whether any clock ran out."""
        return any(clock.verdict == "missed" for clock in self.clocks)

    @property
    def escalated(self) -> bool:
        """Whether it moved up at least once."""
        return any(message.kind == "escalated" for message in self.messages)

    @property
    def is_open(self) -> bool:
        """Not ended within the window."""
        return self.end_ms is None


def runs_of(messages: Sequence[PlayMessage], now_ms: int) -> list[Run]:
    """Runs in order of launch, then id. `now_ms`: end of the window, to judge clocks still running."""
    grouped: dict[str, list[PlayMessage]] = {}
    for message in messages:
        grouped.setdefault(message.run_id, []).append(message)
    runs = [_run(sorted(group, key=lambda m: m.sequence), now_ms) for group in grouped.values()]
    return sorted(runs, key=lambda run: (run.start_ms, run.run_id))


def _run(messages: list[PlayMessage], now_ms: int) -> Run:
    first = messages[0]
    ended = next((m for m in messages if m.kind in ("closed", "cancelled")), None)
    owners: list[tuple[int, Owner]] = []
    for message in messages:
        if not owners or owners[-1][1].id != message.owner.id:
            owners.append((epoch_ms(message.time), message.owner))
    triggers = dict.fromkeys(identity for message in messages for identity in message.triggers)
    clocks = tuple(story for clock in CLOCKS if (story := _clock(clock, messages, now_ms)) is not None)
    return Run(
        run_id=first.run_id,
        account_id=first.account_id,
        messages=tuple(messages),
        start_ms=epoch_ms(first.time),
        end_ms=epoch_ms(ended.time) if ended else None,
        code=ended.code if ended else None,
        cancelled=ended is not None and ended.kind == "cancelled",
        priority=min(message.priority for message in messages),
        owners=tuple(owners),
        triggers=tuple(triggers),
        acknowledged_ms=_first(messages, ("acknowledged",)),
        clocks=clocks,
    )


def _deadline(message: PlayMessage, clock: Clock) -> datetime | None:
    clocks = message.clocks
    return {"acknowledge": clocks.acknowledge_by, "act": clocks.act_by, "resolve": clocks.resolve_by}[clock]


def _first(messages: list[PlayMessage], kinds: tuple[str, ...]) -> int | None:
    return next((epoch_ms(message.time) for message in messages if message.kind in kinds), None)


def _clock(clock: Clock, messages: list[PlayMessage], now_ms: int) -> ClockStory | None:
    # The last deadline stated counts: an upgrade tightens it; a stopped clock is no longer stated.
    stated = [deadline for message in messages if (deadline := _deadline(message, clock)) is not None]
    if not stated:
        return None
    deadline_ms = epoch_ms(stated[-1])
    about = [message for message in messages if message.clock == clock]
    breach = _first(about, ("sla_breach",))
    stopped = _first(messages, _STOPS[clock])
    cancelled = _first(messages, ("cancelled",))
    if breach is not None or (stopped is not None and stopped > deadline_ms):
        verdict: Verdict = "missed"
    elif stopped is not None:
        verdict = "met"
    elif cancelled is not None:
        verdict = "dropped"
    else:
        verdict = "missed" if now_ms > deadline_ms else "running"
    return ClockStory(
        clock=clock,
        start_ms=epoch_ms(messages[0].time),
        deadline_ms=deadline_ms,
        stopped_ms=stopped if stopped is not None else cancelled,
        warned=tuple(message.percent for message in about if message.kind == "sla_warning" and message.percent is not None),
        breached_ms=breach,
        handed=tuple((epoch_ms(message.time), message.owner) for message in about if message.kind == "escalated"),
        verdict=verdict,
    )
