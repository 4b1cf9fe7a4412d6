"""The scenarios by row number of the list of faults.

To add row n, put `row_0n.py` beside this file. Its docstring says the fault in one line; it has

    def scenario(harness: Harness, report: Report) -> None

which opens one stage, or several in turn as acts (`harness.stage(report, act="leader move", ...)`), starts workers by
`stage.fleet`, does its faults, tells each by `stage.did(...)`, proves by `stage.must(claim, holds=...)` that each really
happened, and calls `stage.finish()`: which compares with the reference and recovers twice more. Everything random comes from
`Random(report.seed)`. It takes 30 to 120 seconds, waits for conditions (`stage.wait`, `stage.progress`) and ends what it starts.

A scenario that needs other topics, another history or other topics' settings gives `harness.stage` its own `work` (see
tests/faults/workload.py) or compares what it needs by itself and writes the differences into `report.differences`.
"""

import importlib
from collections.abc import Callable
from pathlib import Path

from tests.faults.report import Report
from tests.faults.stage import Harness

Scenario = Callable[[Harness, Report], None]


def rows() -> list[int]:
    """The rows that have a scenario."""
    return sorted(int(path.stem.removeprefix("row_")) for path in Path(__file__).parent.glob("row_*.py"))


def scenario_of(row: int) -> tuple[str, Scenario]:
    """Its fault in one line, and what plays it."""
    module = importlib.import_module(f"tests.faults.rows.row_{row:02}")
    assert module.__doc__ is not None
    return module.__doc__.splitlines()[0], module.scenario
