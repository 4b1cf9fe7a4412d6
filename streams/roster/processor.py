"""The roster: who takes a run, who holds what, who is on the team."""

from collections.abc import Iterable

from plays.policy.owners import Team
from plays.roster.rota import Hours
from schemas.events.event import Event
from streams.processing.cells import Cells
from streams.processing.deadline import Deadline
from streams.processing.effects import CancelDeadline, Effect, SetDeadline
from streams.processing.moment import Moment
from streams.processing.proof import Topics
from streams.roster.answering import answer, weight
from streams.roster.cells import CHANGED, LOAD, OF_PERSON, QUESTIONS, TURNS, Question, Questions
from streams.roster.holding import confirm, give_back, open_question, release, remember
from streams.roster.people import People

DEADLINE = "reconcile"
REMEMBERED_MS = 30 * 86_400_000
"""So long the answer to a question that is over is kept, for when it is asked again."""


class RosterProcessor:
    """Answers asks in the order of its log, which is the order that counts: the same log gives the same choices.

    Keyed by account (what is asked of it) and by person (what is said of them); the rest lies in cells beside. An account has one
    deadline: when the first thing held of it has gone unconfirmed for too long, or the first thing that is over is forgotten.
    """

    name = "roster"
    event_types = frozenset(
        ("assignment.requested", "assignment.released", "assignment.confirmed", "person.changed", "person.removed")
    )  # fmt: skip

    cells = (QUESTIONS, LOAD, TURNS, CHANGED, OF_PERSON)

    def __init__(self, team: Team, hours: Hours) -> None:
        self._people = People(team, hours)
        self._forget_after_ms = team.choosing.forget_after_ms

    def on_event(self, cells: Cells, event: Event, moment: Moment) -> Iterable[Effect]:  # noqa: ARG002 the event's own time counts
        """A question, a word of the router on who holds what, or a record about a person."""
        if event.type in ("person.changed", "person.removed"):
            rejected = self._people.change(cells, event)
            return () if rejected is None else (rejected,)
        questions = cells.edit(QUESTIONS)
        data, at_ms = event.data, event.time_ms
        question = open_question(cells, questions, data["ask_id"], at_ms)
        effects: list[Effect] = []
        if event.type == "assignment.requested":
            effects.append(answer(cells, questions, question, event, self._people.rota(cells)))
        elif event.type == "assignment.confirmed":
            if confirm(cells, question, data["person"], *weight(data), at_ms):
                remember(questions, question, data["person"], at_ms, self._people.rota(cells).members)
        else:
            release(cells, question, data["person"], at_ms)
        return self._settle(questions, effects)

    def on_deadline(self, cells: Cells, deadline: Deadline, moment: Moment) -> Iterable[Effect]:  # noqa: ARG002 the deadline's time counts
        """Give back what nobody has confirmed for too long: its router is gone, or its release was lost. Forget what is long over."""
        questions = cells.edit(QUESTIONS)
        for question in list(questions.asked):
            if self._until(question) <= deadline.at_ms:
                if question.holder is None:
                    questions.asked.remove(question)
                else:
                    give_back(cells, question)
        questions.armed_ms = None
        effects = self._settle(questions, [])
        if not questions.asked and not questions.handled:
            cells.drop(QUESTIONS)
        return effects

    def on_held(self, cells: Cells, deadline: Deadline, moment: Moment) -> Iterable[Effect]:  # noqa: ARG002 it sets no silences
        """Nothing here waits for a feed."""
        return ()

    def silent_topics(self, name: str) -> Topics:  # noqa: ARG002 no deadline has any
        """Nothing here asserts a silence."""
        return ()

    def _until(self, question: Question) -> int:
        return question.heard_ms + (REMEMBERED_MS if question.holder is None else self._forget_after_ms)

    def _settle(self, questions: Questions, effects: list[Effect]) -> list[Effect]:
        next_ms = min((self._until(question) for question in questions.asked), default=None)
        if next_ms != questions.armed_ms:
            questions.armed_ms = next_ms
            effects.append(CancelDeadline(DEADLINE) if next_ms is None else SetDeadline(DEADLINE, next_ms))
        return effects
