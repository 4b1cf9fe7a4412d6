"""A run: a launched play while it lives, and the little that is remembered of it afterwards."""

import msgspec
from xxhash import xxh64_intdigest

from plays.runs.tally import Tally
from plays.sla.clocks import MARKS, Due, Running, next_mark
from plays.sla.policy import SlaPolicy
from schemas.records.play_message import Clocks, Owner, OwnerReason
from schemas.records.trigger import Priority, Subject
from schemas.records.wire import utc

DAY_MS = 86_400_000
WHY_AT_MOST = 400  # characters of the first trigger's summary that travel with every message
TRIGGERS_AT_MOST = 50  # the first, and the latest 49
STEPS_AT_MOST = 30

IDLE = 3  # stands after the three clocks in `Due.clock`


class Assignee(msgspec.Struct, array_like=True):
    """The owner as kept in state."""

    id: str
    name: str
    role: str
    email: str | None
    reason: OwnerReason
    detail: str


class Run(msgspec.Struct, array_like=True):
    """An open run. Times in ms since the epoch, UTC; fields only ever get appended."""

    id: str
    play: str
    play_version: int
    concern: str
    subject_kind: str
    subject_id: str
    priority: Priority
    owner: Assignee
    ladder: list[str]  # roles still to escalate to
    triggers: list[str]
    rules: list[str]
    why: str
    opened_ms: int
    touched_ms: int  # last sign of life: launch, joined trigger, update
    sequence: int = 0  # of the last message
    acknowledge: Running | None = None
    act: Running | None = None
    resolve: Running | None = None
    acknowledge_span_ms: int = 0  # what the next level gets
    paused_ms: int | None = None
    acknowledged: bool = False  # by the present owner
    started: bool = False
    steps_done: list[str] = []
    tally: Tally = msgspec.field(default_factory=Tally)

    @property
    def running(self) -> tuple[Running | None, Running | None, Running | None]:
        """The clocks in the order of `CLOCKS`; None is stopped or never set."""
        return self.acknowledge, self.act, self.resolve

    def next_due(self, policy: SlaPolicy) -> Due:
        """The earliest thing to say if nobody answers; every open run has one.

        For an idle run is closed: so many days after the last sign of life or the last clock ran out, whichever is later.
        """
        days = policy.idle_close_automation_days if self.owner.reason == "automation" else policy.idle_close_days
        last_ms = max(self.touched_ms, *(clock.due_ms for clock in self.running if clock is not None), self.opened_ms)
        due = Due(last_ms + days * DAY_MS, IDLE, 0)
        if self.paused_ms is not None:
            return due
        for index, clock in enumerate(self.running):
            mark = next_mark(clock, policy) if clock is not None else None
            if mark is not None:
                due = min(due, Due(mark[0], index, MARKS.index(mark[1])))
        return due

    def clocks(self) -> Clocks:
        """The clocks as published."""
        acknowledge, act, resolve = (None if clock is None else utc(clock.due_ms) for clock in self.running)
        return Clocks(acknowledge_by=acknowledge, act_by=act, resolve_by=resolve)

    def subject(self) -> Subject:
        """What the run is about."""
        return Subject(kind=self.subject_kind, id=self.subject_id)

    def add_trigger(self, trigger_id: str, rule: str) -> None:
        """List one more trigger, dropping the second oldest when there are too many."""
        if len(self.triggers) >= TRIGGERS_AT_MOST:
            del self.triggers[1], self.rules[1]
        self.triggers.append(trigger_id)
        self.rules.append(rule)


class Closed(msgspec.Struct, array_like=True):
    """What is remembered of a closed run, so that a late update or a repeated trigger is recognised."""

    run_id: str
    closed_ms: int
    triggers: list[int]  # xxh64 of their ids


class Runs(msgspec.Struct, omit_defaults=True):
    """All runs of one account. `armed_ms` is the moment the router asked to be called at."""

    open: list[Run] = []
    closed: list[Closed] = []
    armed_ms: int | None = None

    def find(self, run_id: str) -> Run | None:
        """The open run of this id."""
        return next((run for run in self.open if run.id == run_id), None)

    def was_closed(self, run_id: str) -> bool:
        """Whether a run of this id was closed not long ago."""
        return any(stub.run_id == run_id for stub in self.closed)

    def knows(self, trigger_id: str) -> bool:
        """Whether an open or remembered run already answers this trigger."""
        if any(trigger_id in run.triggers for run in self.open):
            return True
        digest = trigger_digest(trigger_id)
        return any(digest in stub.triggers for stub in self.closed)

    def close(self, run: Run, now_ms: int) -> None:
        """Move a run from open to remembered."""
        self.open.remove(run)
        self.closed.append(Closed(run.id, now_ms, [trigger_digest(trigger) for trigger in run.triggers]))
        del self.closed[:-CLOSED_AT_MOST]


CLOSED_AT_MOST = 200


def trigger_digest(trigger_id: str) -> int:
    """64 bits of a trigger id; a false match among the few an account has is out of reach."""
    return xxh64_intdigest(trigger_id.encode())


def assignee(owner: Owner) -> Assignee:
    """The owner as kept in state."""
    return Assignee(owner.id, owner.name, owner.role, owner.email, owner.reason, owner.detail)
