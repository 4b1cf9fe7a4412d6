"""The router's own state."""

from plays.runs.run import Runs
from streams.processing.cell import Cell

RUNS: Cell[Runs] = Cell("runs", Runs, version=1)
