"""Whether the condition behind a trigger still holds: asked by those who act on it, answered by those who raised it."""

from typing import NamedTuple, Protocol

from schemas.records.trigger import Subject, Trigger, trigger_id
from streams.processing.cells import Cells
from streams.processing.moment import Moment


class EpisodeRef(NamedTuple):
    """Names one episode of an account: what a trigger is about. `episode` is the trigger's own word for when it began (RFC 3339)."""

    rule: str
    subject_kind: str
    subject_id: str
    episode: str

    @classmethod
    def of(cls, trigger: Trigger) -> "EpisodeRef":
        """The episode a trigger is about."""
        return cls(trigger.rule, trigger.subject.kind, trigger.subject.id, trigger.episode)

    def trigger_id(self, account_id: str) -> str:
        """The id of the trigger that was, or would be, raised for it."""
        return trigger_id(self.rule, account_id, Subject(kind=self.subject_kind, id=self.subject_id), self.episode)


class Judge(Protocol):
    """Knows of the episodes of an account."""

    def holds(self, cells: Cells, episode: EpisodeRef, moment: Moment) -> bool | None:
        """Whether the condition of an episode that has fired still holds.

        True: as far as the facts go, it does. False: the episode has ended; it never holds again, a condition that comes back is
        another episode. None: it cannot be said: the rule is unknown, retired or names nothing that ends an episode, it never fired
        for this, or it fired so long ago that its end is not remembered.
        """
