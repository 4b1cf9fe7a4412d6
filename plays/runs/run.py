"""A run: a launched play while it lives, and the little that is remembered of it afterwards."""

import msgspec
from xxhash import xxh64_intdigest

from plays.runs.asking import Asked, Holder
from plays.runs.case import Case
from plays.runs.course.state import Course
from plays.runs.grounds import Ground
from plays.runs.ladder import Climb, Rung
from plays.runs.rests import Rests
from plays.runs.tally import Tally
from plays.sla.calendar import WorkingCalendar
from plays.sla.clocks import Running
from schemas.records.play_message import Clocks, ClosureCode, Owner, OwnerReason
from schemas.records.trigger import Priority, Subject
from schemas.records.wire import utc

DAY_MS = 86_400_000
TRIGGERS_AT_MOST = 50  # the first, and the latest 49
STEPS_AT_MOST = 30


class Assignee(msgspec.Struct, array_like=True):
    """The owner as kept in state."""

    id: str
    name: str
    role: str
    email: str | None
    reason: OwnerReason
    detail: str
    runners_up: tuple[str, ...] = ()
    calendar: str | None = None  # as the roster said; None: as the owners file says
    timezone: str | None = None


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
    ladder: list[str | Rung]  # levels still to escalate to; a bare role is a level that takes over at once
    triggers: list[str]
    rules: list[str]
    why: str
    opened_ms: int
    touched_ms: int  # last sign of life: launch, joined trigger, update
    sequence: int = 0  # of the last message
    acknowledge: Running | None = None
    act: Running | None = None
    resolve: Running | None = None
    acknowledge_span_ms: int = 0  # what the next level gets, where it is not working time
    paused_ms: int | None = None
    acknowledged: bool = False  # by the present owner
    started: bool = False
    steps_done: list[str] = []
    tally: Tally = msgspec.field(default_factory=Tally)
    case: Case | None = None  # of the trigger people were briefed for; None in runs from before cases were kept
    grounds: list[Ground] = []  # the conditions the run rests on, in the order of `triggers`
    asked: list[Asked] = []  # questions to the roster without an answer yet
    holders: list[Holder] = []  # who counts as holding what of the run
    rests: Rests = msgspec.field(default_factory=Rests)
    anew_ms: int = 0  # since when it is another's who has yet to see it: what was done before says nothing of them
    owned_ms: int = 0  # of the latest change of owner
    acknowledge_work_ms: int = 0  # what the next level gets, in working time
    climb: Climb | None = None  # the next level is on its way
    climbed: list[str] = []  # who had it since it was last acknowledged
    course: Course | None = None  # where it stands in its play; None before people were told, and in runs from before plays were walked
    plays: int = 0  # how often it went over to another play
    levels: int = 0  # how many levels of its ladders the roster was asked for

    @property
    def launched(self) -> bool:
        """Whether anybody was told of the run: not while its owner is being asked for."""
        return self.sequence > 0

    @property
    def running(self) -> tuple[Running | None, Running | None, Running | None]:
        """The clocks in the order of `CLOCKS`; None is stopped or never set."""
        return self.acknowledge, self.act, self.resolve

    @property
    def paused_for(self) -> str | None:
        """The reason of a rest with no end in sight, where one was given."""
        spells = self.rests.spells()
        return spells[-1].reason if spells and spells[-1].end_ms is None else None

    def next_acknowledge(self, start_ms: int, hours: WorkingCalendar) -> Running | None:
        """The clock of somebody who hears of the run at this moment; None where it has none."""
        if self.acknowledge_work_ms:
            return Running(start_ms, hours.add(start_ms, self.acknowledge_work_ms), 0, self.acknowledge_work_ms)
        return Running(start_ms, start_ms + self.acknowledge_span_ms) if self.acknowledge_span_ms else None

    def clocks(self) -> Clocks:
        """The clocks as published."""
        acknowledge, act, resolve = (None if clock is None else utc(clock.due_ms) for clock in self.running)
        return Clocks(acknowledge_by=acknowledge, act_by=act, resolve_by=resolve)

    def subject(self) -> Subject:
        """What the run is about."""
        return Subject(kind=self.subject_kind, id=self.subject_id)

    def add_trigger(self, trigger_id: str, ground: Ground) -> None:
        """List one more trigger, dropping the second oldest when there are too many."""
        if len(self.triggers) >= TRIGGERS_AT_MOST:
            self.drop_triggers(1, 2)
        self.triggers.append(trigger_id)
        self.rules.append(ground.rule)
        self.grounds.append(ground)

    def drop_triggers(self, first: int, behind: int) -> None:
        """Forget the triggers of these places; `grounds` is shorter where the run is older than them."""
        older = len(self.triggers) - len(self.grounds)
        del self.triggers[first:behind], self.rules[first:behind], self.grounds[max(0, first - older) : max(0, behind - older)]


class Closed(msgspec.Struct, array_like=True):
    """What is remembered of a closed run, so that a late update or a repeated trigger is recognised."""

    run_id: str
    closed_ms: int
    triggers: list[int]  # xxh64 of their ids
    code: ClosureCode | None = None
    said_ms: int | None = None  # when its closing says it was; None in what older releases wrote


class Runs(msgspec.Struct, omit_defaults=True):
    """All runs of one account. `armed_ms` is the moment the router asked to be called at."""

    open: list[Run] = []
    closed: list[Closed] = []
    armed_ms: int | None = None
    quiet_ms: dict[str, int] = {}  # by topic: the silence the router asked to be called at

    def find(self, run_id: str) -> Run | None:
        """The open run of this id."""
        return next((run for run in self.open if run.id == run_id), None)

    def closed_run(self, run_id: str) -> Closed | None:
        """What is remembered of a run of this id that was closed not long ago."""
        return next((stub for stub in self.closed if stub.run_id == run_id), None)

    def knows(self, trigger_id: str) -> bool:
        """Whether an open or remembered run already answers this trigger."""
        if any(trigger_id in run.triggers for run in self.open):
            return True
        digest = trigger_digest(trigger_id)
        return any(digest in stub.triggers for stub in self.closed)

    def close(self, run: Run, now_ms: int, code: ClosureCode | None) -> None:
        """Move a run from open to remembered."""
        self.open.remove(run)
        said_ms = now_ms if run.tally.closed_ms is None else run.tally.closed_ms
        self.closed.append(Closed(run.id, now_ms, [trigger_digest(trigger) for trigger in run.triggers], code, said_ms))
        del self.closed[:-CLOSED_AT_MOST]


CLOSED_AT_MOST = 200


def trigger_digest(trigger_id: str) -> int:
    """64 bits of a trigger id; a false match among the few an account has is out of reach."""
    return xxh64_intdigest(trigger_id.encode())


def assignee(owner: Owner) -> Assignee:
    """The owner as kept in state."""
    return Assignee(owner.id, owner.name, owner.role, owner.email, owner.reason, owner.detail, owner.runners_up)


def hand_over(run: Run, now_ms: int) -> None:
    """Another has the run from now on, who has to see it and to act, whatever the one before had done."""
    run.acknowledged = run.started = False
    run.anew_ms = run.owned_ms = now_ms
