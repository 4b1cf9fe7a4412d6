"""Fires on an event itself."""

from typing import Annotated, Literal

from pydantic import Field

from plays.rules.detectors.parameters import Parameters
from plays.rules.matcher import EventMatch


class EventParameters(Parameters):
    """Each event in `on` is an episode; with `ended_by`, a subject that is open stays one episode until such an event."""

    kind: Literal["event"]
    on: Annotated[tuple[EventMatch, ...], Field(min_length=1)]
    ended_by: tuple[EventMatch, ...] = ()

    def matchers(self) -> tuple[EventMatch, ...]:
        return self.on + self.ended_by
