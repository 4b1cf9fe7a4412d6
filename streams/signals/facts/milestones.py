"""Takes milestones into what is planned for when, and what is done."""

import msgspec

from schemas.events.event import Event
from streams.processing.bounded import drop_first
from streams.processing.cell import Cell
from streams.processing.cells import Cells
from streams.signals.calendar import day_number

MAX_MILESTONES = 200


class PlannedMilestone(msgspec.Struct, array_like=True, gc=False):
    """A milestone as the plan has it: its day, and since when that is known."""

    kind: str | None = None
    started_ms: int = -1
    due_day: int | None = None
    dated_ms: int = -1
    completed_ms: int = -1


class PlannedMilestones(msgspec.Struct, array_like=True, gc=False):
    """Milestones by id."""

    by_id: dict[str, PlannedMilestone] = {}


PLANNED: Cell[PlannedMilestones] = Cell("planned", PlannedMilestones, version=1, trim=lambda cell: drop_first(cell.by_id))


def fold_milestone(cells: Cells, event: Event) -> None:
    """milestone.started, milestone.moved, milestone.completed; of two days for one instant the earlier stands."""
    by_id, data = cells.edit(PLANNED).by_id, event.data
    milestone = by_id.get(data["milestone_id"])
    if milestone is None:
        if len(by_id) >= MAX_MILESTONES:
            del by_id[next((name for name, old in by_id.items() if old.completed_ms >= 0), next(iter(by_id)))]
        milestone = by_id[data["milestone_id"]] = PlannedMilestone()
    milestone.kind = data.get("kind", milestone.kind)
    if event.type == "milestone.completed":
        milestone.completed_ms = max(milestone.completed_ms, event.time_ms)
        return
    if event.type == "milestone.started":
        milestone.started_ms = event.time_ms if milestone.started_ms < 0 else min(milestone.started_ms, event.time_ms)
    due = data.get("due")
    if due is not None:
        day = day_number(due)
        if event.time_ms > milestone.dated_ms or (event.time_ms == milestone.dated_ms and day < (milestone.due_day or day + 1)):
            milestone.dated_ms, milestone.due_day = event.time_ms, day
