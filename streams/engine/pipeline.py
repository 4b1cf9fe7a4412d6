"""The processors of an account task, with the dispatch by event type."""

from collections.abc import Sequence
from typing import Any

from streams.processing.cell import Cell
from streams.processing.library import Library
from streams.processing.processor import Planner, Processor, TriggerProcessor
from streams.processing.proof import Topics

_NONE = Library()


class Pipeline:
    """Signals first, then the router, which also answers the triggers.

    `library` is what they were built from; its revision rides in the cursor.
    """

    __slots__ = ("_by_type", "_silent", "answerer", "cells", "library", "planners", "processors")

    def __init__(self, processors: Sequence[Processor], answerer: TriggerProcessor | None, library: Library = _NONE) -> None:
        if answerer is not None and answerer not in processors:
            raise ValueError("the processor that answers triggers must be one of the pipeline's processors")
        if len(processors) > 9:
            raise ValueError("at most nine processors in a pipeline")
        self.processors = tuple(processors)
        self.answerer = answerer
        self._silent: dict[str, Topics] = {}
        self.library = library
        self.planners = tuple((index, one) for index, one in enumerate(processors) if isinstance(one, Planner))
        self.cells: tuple[Cell[Any], ...] = tuple(cell for one in processors for cell in getattr(one, "cells", ()))
        self._by_type: dict[str, tuple[int, ...]] = {}
        for event_type in sorted({t for p in processors for t in p.event_types}):
            self._by_type[event_type] = tuple(i for i, p in enumerate(processors) if event_type in p.event_types)

    def handlers(self, event_type: str) -> tuple[int, ...]:
        """Indexes of the processors that want this type, in order; empty when none does."""
        return self._by_type.get(event_type, ())

    def silent_topics(self, name: str) -> Topics:
        """Topics on which a deadline (processor index and name) asserts silence."""
        # What follows the first colon names a subject: the answer is the same for all of them.
        kind = name.partition(":")[0]
        topics = self._silent.get(kind)
        if topics is None:
            topics = self._silent[kind] = self.processors[int(name[0])].silent_topics(name[1:])
        return topics
