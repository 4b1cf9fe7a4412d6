"""Fires when a milestone is not completed in time."""

from typing import Annotated, Literal

from pydantic import Field

from plays.rules.detectors.parameters import Parameters


class MilestoneParameters(Parameters):
    """Not completed at the close of the day `days` after its start, or of its due day if that is earlier. A milestone that was
    moved is due at the close of its new due day. Milestones of `connected_kind` are completed by integration.connected.
    """

    by_segment = frozenset({"days"})

    kind: Literal["milestone"]
    days: Annotated[int, Field(ge=1, le=400)]
    connected_kind: str = "integration"
