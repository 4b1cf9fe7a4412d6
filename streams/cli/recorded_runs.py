"""How things stood by what was published: runs that were open, whose they were, what customers were sent."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from math import ceil

from plays.playbooks.step import FACING
from plays.runs.asking import OWNER, ask_id
from plays.runs.chronicle import RunStory
from plays.runs.owner import CSM_POOL
from plays.runs.run import Closed, Run, Runs, assignee, trigger_digest
from plays.sla.clocks import Running
from plays.suppression.touches import Touches
from schemas.records.play_message import Owner, PlayMessage
from schemas.records.wire import epoch_ms
from streams.cli.known import Known
from streams.processing.account import PROFILE
from streams.processing.cells import Cells
from streams.roster.cells import LOAD, QUESTIONS, Question, of_person
from streams.router.cells import RUNS
from streams.router.course.pins import PINS
from streams.router.holding import HELD
from streams.router.suppression import TOUCHES

_STEP_OVER = frozenset({"completed", "skipped", "step_ended", "step_left_out", "step_lapsed", "step_cancelled"})
_MINUTE_MS = 60_000


def with_recorded(known: Known, runs: Iterable[Sequence[PlayMessage]], at_ms: int, where: str) -> Known:
    """The account with its runs, and everybody with what they held, just before `at_ms`. `runs`: the messages of each, in order.

    Of an account of which nothing is recorded, its own runs stay as they are known.
    """
    past = [told for messages in runs if (told := [one for one in messages if epoch_ms(one.time) < at_ms])]
    own = [told for told in past if told[0].account_id == known.account_id]
    if own:
        known = known.changed(lambda cells: _put(cells, own))
        known = replace(known, recorded=True, account_from=f"{known.account_from}, its runs by {where}")
    profile = known.account()[PROFILE]
    arr = ceil(profile.acv or profile.contract_acv or 0)
    remark = "annual revenue of other accounts is not in these records: what they weigh by it is 0"
    known = replace(known, roster={}, held_by=f"{where} tells", remarks=(*known.remarks, remark))
    return known.changed_roster(lambda cells: _hold(cells, past, arr))


def _put(cells: Cells, own: Sequence[Sequence[PlayMessage]]) -> None:
    """What router and roster would remember of the account."""
    runs, touches = Runs(), Touches()
    for told in sorted(own, key=lambda one: one[0].time):
        last = told[-1]
        if last.kind in ("closed", "cancelled"):
            closed_ms = epoch_ms(last.time)
            runs.closed.append(Closed(last.run_id, closed_ms, [trigger_digest(one) for one in last.triggers], last.code, closed_ms))
        else:
            runs.open.append(_run(told))
    for message in sorted((one for told in own for one in told if _reaches_customer(one)), key=lambda one: one.time):
        touches.note(message.who_to_reach[0].id if message.who_to_reach else None, epoch_ms(message.time))
    cells.put(RUNS, runs)
    cells.put(TOUCHES, touches)
    cells.drop(HELD)
    cells.drop(PINS)


def _reaches_customer(message: PlayMessage) -> bool:
    return message.kind == "step_due" and any(step.kind in FACING for step in message.steps)


def _run(told: Sequence[PlayMessage]) -> Run:
    first, last, story = told[0], told[-1], RunStory(told[0])
    for message in told[1:]:
        story.hear(message)
    opened_ms = epoch_ms(first.time)
    clocks = (last.clocks.acknowledge_by, last.clocks.act_by, last.clocks.resolve_by)
    acknowledge, act, resolve = (None if due is None else Running(opened_ms, max(opened_ms, epoch_ms(due))) for due in clocks)
    return Run(
        id=last.run_id,
        play=last.play,
        play_version=last.play_version,
        concern=last.concern,
        subject_kind=last.subject.kind,
        subject_id=last.subject.id,
        priority=last.priority,
        owner=assignee(last.owner),
        ladder=[],
        triggers=list(last.triggers),
        rules=list(last.rules),
        why=first.why,
        opened_ms=opened_ms,
        touched_ms=epoch_ms(last.time),
        sequence=last.sequence,
        acknowledge=acknowledge,
        act=act,
        resolve=resolve,
        acknowledged=story.acknowledged,
        started=any(one.kind in ("started", "completed") for one in told),
    )


def _hold(cells: Cells, past: Sequence[Sequence[PlayMessage]], arr: int) -> None:
    """What people hold, as the roster counts it: runs they own, and steps they were asked for. `arr`: of the account itself."""
    questions = cells.edit(QUESTIONS)
    for at_ms, owner in sorted(_given(told for told in past if told[0].account_id == cells.account_id), key=lambda one: one[0]):
        for pool in _pools(owner):
            if owner.reason != "overflow":  # who helps out is not of the pool
                questions.handled[pool] = (owner.id, at_ms)
    for told in past:
        first, last = told[0], told[-1]
        own = last.account_id == cells.account_id
        if last.kind in ("closed", "cancelled"):
            continue
        minutes = 0 if first.clocks.act_by is None else max(0, ceil((epoch_ms(first.clocks.act_by) - epoch_ms(first.time)) / _MINUTE_MS))
        people = [last.owner.id] if last.owner.reason != "automation" else []
        if own:
            asked = ask_id(last.run_id, OWNER)
            questions.asked += [Question(asked, 0, pool, person, held_ms=_since(told)) for person in people for pool in _pools(last.owner)]
        for person in (*people, *_steps(told).values()):
            load = of_person(cells, person).edit(LOAD)
            load.take(minutes, arr if own else 0)


def _pools(owner: Owner) -> tuple[str, ...]:
    """Which pool was asked, or one of which."""
    return (owner.role, CSM_POOL) if owner.role == "csm" else (owner.role,)


def _since(told: Sequence[PlayMessage]) -> int:
    """When its present owner got the run."""
    return max(at_ms for at_ms, _ in _given([told]))


def _given(runs: Iterable[Sequence[PlayMessage]]) -> Iterator[tuple[int, Owner]]:
    """Whoever got a run, and when."""
    for told in runs:
        before = None
        for message in told:
            if message.owner.id != before and message.owner.reason != "automation":
                yield epoch_ms(message.time), message.owner
            before = message.owner.id


def _steps(told: Sequence[PlayMessage]) -> Mapping[str, str]:
    """Who has which step of the run beside its owner."""
    found: dict[str, str] = {}
    for message in told:
        holder = message.holder
        if message.step is None:
            continue
        if message.kind == "step_due" and holder is not None and holder.reason != "automation" and holder.role != message.owner.role:
            found[message.step] = holder.id
        elif message.kind in _STEP_OVER:
            found.pop(message.step, None)
    return found
