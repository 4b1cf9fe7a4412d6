"""Choices not to act, as the router records them."""

from collections.abc import Mapping

from plays.runs.run import Run
from schemas.records.decision import Decision, Reason, decision_id
from schemas.records.trigger import Scalar, Subject, Trigger
from schemas.records.wire import utc
from streams.processing.effects import Decide

_NO_FACTS: Mapping[str, Scalar] = {}


def about_trigger(trigger: Trigger, now_ms: int, reason: Reason, detail: str, facts: Mapping[str, Scalar] = _NO_FACTS) -> Decide:
    """What was decided about a trigger."""
    time = utc(now_ms)
    return Decide(
        Decision(
            decision_id=decision_id(trigger.account_id, time, reason, trigger.trigger_id),
            account_id=trigger.account_id,
            time=time,
            reason=reason,
            rule=trigger.rule,
            subject=trigger.subject,
            trigger_id=trigger.trigger_id,
            detail=f"{trigger.rule}: {detail}",
            facts=dict(facts),
        )
    )


def not_told(account_id: str, run: Run, now_ms: int, reason: Reason, detail: str) -> list[Decide]:
    """What was decided about each trigger of a run that ended before anybody was told of it."""
    time = utc(now_ms)
    return [
        Decide(
            Decision(
                decision_id=decision_id(account_id, time, reason, trigger),
                account_id=account_id,
                time=time,
                reason=reason,
                rule=ground.rule,
                subject=Subject(kind=ground.subject_kind, id=ground.subject_id),
                trigger_id=trigger,
                detail=f"{ground.rule}: {detail}",
            )
        )
        for trigger, ground in zip(run.triggers, run.grounds, strict=True)
    ]


def about_step(account_id: str, run: Run, step: str, now_ms: int, reason: Reason, detail: str, facts: Mapping[str, Scalar]) -> Decide:
    """What was decided about a step of a run."""
    time = utc(now_ms)
    return Decide(
        Decision(
            decision_id=decision_id(account_id, time, reason, f"{run.id}/{step}"),
            account_id=account_id,
            time=time,
            reason=reason,
            rule=run.rules[0],
            subject=run.subject(),
            trigger_id=run.triggers[0],
            run_id=run.id,
            detail=f"{step!r} of {run.play}: {detail}",
            facts={**facts, "step": step},
        )
    )
