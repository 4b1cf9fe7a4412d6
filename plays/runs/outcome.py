"""The record of a run's outcome."""

from plays.runs.run import Run
from plays.sla.calendar import WorkingCalendar
from schemas.records.play_message import ClosureCode
from schemas.records.play_outcome import Breaches, PlayOutcome, StepCounts, Took, outcome_id
from schemas.records.wire import utc


def outcome_of(
    account_id: str, run: Run, code: ClosureCode, closed_by: str | None, now_ms: int, hours: WorkingCalendar, *, cleared: bool | None
) -> PlayOutcome:
    """What became of a run that is closed at `now_ms`, or when its closing says it was; `hours` are those its business spans count in."""
    tally, facts = run.tally, None if run.course is None else run.course.facts

    def took(end_ms: int) -> Took:
        business_ms = hours.between(run.opened_ms, end_ms)
        return Took(seconds=(end_ms - run.opened_ms) / 1000, business_seconds=business_ms / 1000)

    closed_ms = now_ms if tally.closed_ms is None else tally.closed_ms
    return PlayOutcome(
        outcome_id=outcome_id(run.id),
        run_id=run.id,
        account_id=account_id,
        concern=run.concern,
        subject=run.subject(),
        priority=run.priority,
        rule=run.rules[0],
        rules=tuple(dict.fromkeys(run.rules)),
        triggers=len(run.triggers),
        segment_path=tuple(tally.segment_path),
        play=run.play,
        play_version=run.play_version,
        owner=run.owner.id,
        owner_role=run.owner.role,
        code=code,
        closed_by=closed_by,
        opened=utc(run.opened_ms),
        acknowledged=None if tally.acknowledged_ms is None else utc(tally.acknowledged_ms),
        acted=None if tally.acted_ms is None else utc(tally.acted_ms),
        closed=utc(closed_ms),
        to_acknowledge=None if tally.acknowledged_ms is None else took(tally.acknowledged_ms),
        to_act=None if tally.acted_ms is None else took(tally.acted_ms),
        to_resolve=took(closed_ms),
        breaches=Breaches(**tally.breaches),
        escalations=tally.escalations,
        steps=StepCounts(completed=tally.completed, skipped=tally.skipped, cancelled=tally.cancelled),
        replied=tally.replied_ms is not None or (facts is not None and facts.replied_ms >= run.opened_ms),
        condition_cleared=cleared,
    )
