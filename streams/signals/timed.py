"""Rules whose moments follow from what is known of the account: so long after this, at that date.

One deadline per rule and account stands for the earliest moment not judged yet. Facts that move a moment later need not tell
the rule: it wakes, finds nothing due, and sleeps on. The moments are computed anew each time; what is remembered is a spell
per subject: `fired_ms` the last moment judged, `open` whether it fired, `episode_ms` its episode.
"""

from collections.abc import Iterable
from typing import NamedTuple

from schemas.events.event import Event
from schemas.records.trigger import Evidence
from streams.signals.context import Context
from streams.signals.day_close import DayClose
from streams.signals.detector import Detector
from streams.signals.evidence import event_in_words
from streams.signals.standing import Memory, Over, Standing

FOR_EVER = 1 << 62


class Due(NamedTuple):
    """A moment of a subject, ms since the epoch like all of these.

    `known_ms`: event time of the fact it follows from; a moment before that was past when it became known, and is nobody's.
    `until_ms`: after that nobody need hear of it any more. `episode_ms`: when what the trigger is about began. `about`: the id of
    what the trigger is about, where several subjects of the rule's memory stand for one.
    """

    subject: str
    at_ms: int
    episode_ms: int
    known_ms: int = 0
    until_ms: int = FOR_EVER
    about: str | None = None


class Timed(Detector):
    """A subclass gives `dues` and `judge`, the event types that may bring a moment nearer, and `silent_topics`."""

    begins_with = frozenset({"account.created", "account.reactivated"})

    def dues(self, context: Context) -> Iterable[Due]:
        """The moment of each subject, past or to come, by the facts as they stand. In a fixed order; a subject may have several."""
        raise NotImplementedError

    def judge(self, context: Context, due: Due) -> Evidence | None:
        """The moment has come: the evidence, or None where the rule has nothing to say."""
        raise NotImplementedError

    @property
    def endings(self) -> frozenset[str]:  # type: ignore[override]
        """Whatever may move a moment."""
        return self.types | self.begins_with

    def ends(self, context: Context, one: Standing, at_ms: int, event: Event | None) -> Over | None:
        """Over when the moment it fired at is none of its subject's moments any more."""
        moments = context.moments.get(self.rule_id)
        if moments is None:  # once for all that stand: there may be as many of these as of those
            dues = sorted(self.dues(context), key=lambda due: due.at_ms, reverse=True)
            moments = context.moments[self.rule_id] = {(due.episode_ms, due.about or due.subject): due.at_ms for due in dues}
        if moments.get((one.episode_ms, one.subject), FOR_EVER) <= max(at_ms, one.fired_ms):
            return None
        return Over(self.over if event is None else event_in_words(event))

    over: str = "it is not so any more"
    """That an episode is over, for people."""

    def memory(self, context: Context, due: Due) -> Memory | None:  # noqa: ARG002 the moments say all
        """What is to be known of the episode until it is over; None where it has no end."""
        return Memory()

    def act_by(self, context: Context, due: Due) -> int | None:  # noqa: ARG002 most rules have a clock of their own
        """Until when somebody must have acted, for rules whose SLA is `until day N`."""
        return None

    def on_event(self, context: Context, event: Event) -> None:  # noqa: ARG002 the facts have taken it in
        self._plan(context)

    def on_deadline(self, context: Context, subject: str, at_ms: int) -> None:  # noqa: ARG002 one deadline stands for all subjects
        self._judge_until(context, at_ms)
        self._plan(context)

    def about(self, context: Context, subject: str, at_ms: int) -> tuple[str, ...]:  # noqa: ARG002 as above
        return tuple(due.subject for due in self._ahead(context) if due.at_ms <= at_ms)

    def plan_anew(self, context: Context) -> bool:
        ahead = self._ahead(context)
        if not ahead:
            context.unplan(self._name)
            return False
        return context.plan_anew(self._name, min(due.at_ms for due in ahead))

    def activate(self, context: Context, at_ms: int, close: DayClose) -> None:  # noqa: ARG002 no matter of days
        if not context.planned(self._name):
            while any(due.at_ms <= at_ms for due in self._ahead(context)):  # a subject may have more moments behind it than one
                self._judge_until(context, at_ms, late=True)
            self._plan(context)

    def replan(self, context: Context) -> None:
        now_ms = context.moment.now_ms
        planned_ms = context.planned_at(self._name)
        if planned_ms is not None and planned_ms > now_ms:
            context.unplan(self._name)
        self._plan(context)

    @property
    def _name(self) -> str:
        return f"{self.rule_id}:"

    def _ahead(self, context: Context) -> list[Due]:
        """What is not judged yet."""
        found: list[Due] = []
        for due in self.dues(context):
            spell = context.spell(self.rule_id, due.subject)
            if due.at_ms >= due.known_ms and (spell is None or due.at_ms > spell.fired_ms):
                found.append(due)
        return found

    def _plan(self, context: Context) -> None:
        planned_ms, now_ms = context.planned_at(self._name), context.moment.now_ms
        if planned_ms is not None and planned_ms <= now_ms:
            return  # due, and waiting to be believed: what is true will be found out then
        first_ms = min((due.at_ms for due in self._ahead(context)), default=None)
        if first_ms is None:
            context.unplan(self._name)
        elif planned_ms is None or first_ms < planned_ms:
            context.plan(self._name, first_ms)

    def _judge_until(self, context: Context, at_ms: int, *, late: bool = False) -> None:
        path = None
        for due in sorted(self._ahead(context), key=lambda due: (due.at_ms, due.subject)):
            if due.at_ms > at_ms:
                break
            path = context.path if path is None else path
            gone = late and due.until_ms <= at_ms
            evidence = None if gone or not context.in_scope(self.compiled, path, due.at_ms) else self.judge(context, due)
            spell = context.edit_spell(self.rule_id, due.subject)
            spell.fired_ms, spell.open = due.at_ms, evidence is not None
            if evidence is not None:
                spell.episode_ms = due.episode_ms
                act_by_ms, memory = self.act_by(context, due), self.memory(context, due)
                context.fire(self.compiled, path, due.about or due.subject, due.episode_ms, evidence, act_by_ms, memory=memory)
