"""The record of a run's outcome."""

from plays.runs.run import Run
from schemas.records.play_message import ClosureCode
from schemas.records.play_outcome import Breaches, PlayOutcome, StepCounts, Took, outcome_id
from schemas.records.wire import utc


def outcome_of(account_id: str, run: Run, code: ClosureCode, closed_by: str | None, now_ms: int) -> PlayOutcome:
    """What became of a run that is closed at `now_ms`, or when its closing says it was."""
    tally = run.tally
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
        to_acknowledge=None if tally.acknowledged_ms is None else _took(run.opened_ms, tally.acknowledged_ms),
        to_act=None if tally.acted_ms is None else _took(run.opened_ms, tally.acted_ms),
        to_resolve=_took(run.opened_ms, closed_ms),
        breaches=Breaches(**tally.breaches),
        escalations=tally.escalations,
        steps=StepCounts(completed=tally.completed, skipped=tally.skipped, cancelled=tally.cancelled),
        replied=tally.replied_ms is not None,
        condition_cleared=tally.cleared,
    )


def _took(start_ms: int, end_ms: int) -> Took:
    return Took(seconds=(end_ms - start_ms) / 1000)
