"""The outcome that is published when a run is closed."""

from plays.runs.outcome import outcome_of
from plays.runs.run import Run
from streams.processing.effects import Conclude
from streams.router.messages import Extra


def conclude(account_id: str, run: Run, extra: Extra, now_ms: int) -> Conclude:
    """The outcome of a run that was just closed with `extra.code`."""
    if extra.code is None:
        raise AssertionError(f"run {run.id} is closed without a code")
    return Conclude(outcome_of(account_id, run, extra.code, extra.actor, now_ms))
