"""Which open run takes a trigger in, and what a trigger of higher priority changes in it."""

from collections.abc import Sequence

from plays.runs.run import Run
from plays.sla.clocks import Running, Targets, breached, tighten
from schemas.records.trigger import Trigger


def run_for(trigger: Trigger, open_runs: Sequence[Run], at_most: int) -> Run | None:
    """The open run that takes the trigger in; None when it starts its own.

    One run per concern: the one about the same subject first, else the ordinary one, else whichever is open. A P1 joins
    only a run about its own subject, unless the account already has `at_most` runs: then the latest of the concern.
    """
    same = [run for run in open_runs if run.concern == trigger.concern]
    if not same:
        return None
    subject = (trigger.subject.kind, trigger.subject.id)
    on_subject = next((run for run in same if (run.subject_kind, run.subject_id) == subject), None)
    if on_subject is not None:
        return on_subject  # there is but one: whatever is about its subject joins it
    if trigger.priority == "P1":
        return same[-1] if len(open_runs) >= at_most else None
    return next((run for run in same if run.priority != "P1"), same[0])


def needs_upgrade(run: Run, trigger: Trigger) -> bool:
    """A higher priority upgrades a run; so does any trigger that asks for a person while automation has the run."""
    return trigger.priority < run.priority or (run.owner.reason == "automation" and trigger.owner_role != "automation")


def start_clocks(run: Run, wanted: Targets | None) -> None:
    """Set or tighten the clocks of a run. One that runs only ever moves earlier; one that was stopped by its owner stays stopped.

    One that has run out has nothing more to say: what is asked for now has a clock of its own.
    """
    if wanted is None:
        return
    span_ms = wanted.acknowledge.due_ms - wanted.acknowledge.start_ms
    if not run.acknowledge_span_ms or span_ms < run.acknowledge_span_ms:
        run.acknowledge_span_ms, run.acknowledge_work_ms = span_ms, wanted.acknowledge.work_ms
    if not run.acknowledged:
        run.acknowledge = _earlier(run.acknowledge, wanted.acknowledge)
    if not run.started:
        run.act = _earlier(run.act, wanted.act)
    run.resolve = _earlier(run.resolve, wanted.resolve)


def _earlier(clock: Running | None, wanted: Running) -> Running:
    if clock is None or breached(clock):
        return wanted
    tighten(clock, wanted)
    return clock
