"""The processors of an account task, with the dispatch by event type."""

from collections.abc import Sequence

from streams.processing.processor import Processor, TriggerProcessor
from streams.processing.proof import Topics


class Pipeline:
    """Signals first, then the router, which also answers the triggers.

    `revision` names the library they were built from; it rides in the cursor.
    """

    __slots__ = ("_by_type", "_silent", "answerer", "processors", "revision")

    def __init__(self, processors: Sequence[Processor], answerer: TriggerProcessor | None, revision: str = "") -> None:
        if answerer is not None and answerer not in processors:
            raise ValueError("the processor that answers triggers must be one of the pipeline's processors")
        if len(processors) > 9:
            raise ValueError("at most nine processors in a pipeline")
        self.processors = tuple(processors)
        self.answerer = answerer
        self.revision = revision
        self._silent: dict[str, Topics] = {}
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
