"""The router's own state."""

from plays.runs.run import Runs
from streams.processing.bounded import drop_first
from streams.processing.cell import Cell


def trim(runs: Runs) -> int:
    """Closed runs are forgotten first, then the triggers that joined open ones, but for the first and the latest."""
    if runs.closed:
        return drop_first(runs.closed)
    longest = max(runs.open, key=lambda run: len(run.triggers), default=None)
    if longest is None or len(longest.triggers) <= 2:
        return 0
    for run in runs.open:
        if len(run.triggers) > 2:
            run.drop_triggers(1, len(run.triggers) - 1)
    return 1


RUNS: Cell[Runs] = Cell("runs", Runs, version=1, trim=trim)
