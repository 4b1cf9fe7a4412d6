"""From a question to an answer. The same question again gets the same answer, whatever has happened since."""

from collections.abc import Mapping
from datetime import datetime
from math import ceil
from typing import Any

from plays.roster.ask import Ask, Load
from plays.roster.choice import Choice, Owed, choose, turns_after
from plays.roster.rota import Rota
from schemas.events.event import Event
from schemas.records.wire import SOURCE, utc
from streams.processing.cells import Cells
from streams.processing.effects import Answer
from streams.roster.cells import LOAD, TURNS, Question, Questions, Told, of_person, of_pool
from streams.roster.holding import holding, remember, take

_DETAIL_AT_MOST = 600


def answer(cells: Cells, questions: Questions, question: Question, event: Event, rota: Rota) -> Answer:
    """Judge an ask as of its own time, once. Who was released before the ask came is named all the same, and holds nothing.

    The same step asked for after that, as a ladder that is climbed again does, is another question, and judged anew.
    """
    if question.told is None or _is_over(question, question.told, event.time_ms):
        question.pool = event.data["pool"]
        question.told = _known(question, event, rota) if question.holder is not None else _judged(cells, questions, question, event, rota)
    return Answer(_event(event.account_id, question.ask_id, question.told, event.time_ms))


def _is_over(question: Question, told: Told, at_ms: int) -> bool:
    """Nobody holds any more what was asked for, and who asks at this moment knows that."""
    return question.holder is None and at_ms > max([told.at_ms, *(since_ms for _, since_ms in question.freed)])


def weight(data: Mapping[str, Any]) -> tuple[int, int]:
    """SLA minutes and annual revenue in whole numbers, rounded up: sums of them are exact."""
    return ceil(data["sla_minutes"]), ceil(data.get("arr", 0.0))


def weigh(cells: Cells, questions: Questions, event: Event, rota: Rota) -> tuple[Choice, Owed]:
    """Who takes what the ask is about, by what people hold and pools owe now; and what they owe. Changes nothing."""
    data, at_ms = event.data, event.time_ms
    minutes, arr = weight(data)
    pool = data["pool"]
    handler, since_ms = questions.handled.get(pool, (None, 0))
    known = handler is not None and at_ms - since_ms <= rota.team.choosing.knows_for_ms
    ask = Ask(
        account_id=event.account_id,
        at_ms=at_ms,
        role=data["role"],
        pool=pool,
        minutes=minutes,
        arr=arr,
        business=data["business"],
        own=data.get("own"),
        handled_by=handler if known else None,
        skills=tuple(data.get("skills", ())),
        languages=tuple(data.get("languages", ())),
        exclude=tuple(data.get("exclude", ())),
        named=data.get("named"),
        holding=holding(questions, pool),
    )

    def load_of(person: str) -> Load:
        return of_person(cells, person)[LOAD]

    owed = {name: of_pool(cells, name)[TURNS].owed for name in rota.by_turns}
    return choose(ask, rota, load_of, owed), owed


def _judged(cells: Cells, questions: Questions, question: Question, event: Event, rota: Rota) -> Told:
    data, at_ms = event.data, event.time_ms
    minutes, arr = weight(data)
    choice, owed = weigh(cells, questions, event, rota)
    person = choice.person
    if all(since_ms < at_ms for _, since_ms in question.freed):
        for name, changed in turns_after(choice, rota, owed).items():
            kept = of_pool(cells, name).edit(TURNS).owed
            kept.update(changed)
            for gone in [one for one in kept if one not in rota.members[name]]:
                del kept[gone]
        take(cells, question, person.id, minutes, arr, at_ms)
        remember(questions, question, person.id, at_ms, rota.members)
    return Told(
        run_id=data["run_id"],
        step=data["step"],
        at_ms=at_ms,
        person=person.id,
        name=person.name,
        email=person.email,
        role=data["role"],
        reason=choice.reason,
        detail=choice.detail[:_DETAIL_AT_MOST],
        on_duty_from_ms=choice.on_duty_from_ms,
        runners_up=list(choice.runners_up_words()),
        calendar=person.calendar,
        timezone=person.timezone,
    )


def _known(question: Question, event: Event, rota: Rota) -> Told:
    """Somebody holds it already, as a confirmation that came first said: nobody else is sent."""
    data = event.data
    person = rota.find(question.holder or "")
    why = "already has it: the confirmation came before the question"
    return Told(
        data["run_id"],
        data["step"],
        event.time_ms,
        person.id,
        person.name,
        person.email,
        data["role"],
        "continuity",
        why,
        event.time_ms,
        [],
        person.calendar,
        person.timezone,
    )


def _event(account: str, ask_id: str, told: Told, asked_ms: int) -> dict[str, object]:
    event: dict[str, object] = {
        "event_id": f"assignment.made:{ask_id}:{asked_ms}"[:256],
        "type": "assignment.made",
        "account_id": account,
        "occurred_at": utc(asked_ms),
        "source": SOURCE,
        "ask_id": ask_id,
        "run_id": told.run_id,
        "step": told.step,
        "person": told.person,
        "name": told.name,
        "role": told.role,
        "reason": told.reason,
        "detail": told.detail,
        "runners_up": told.runners_up,
    }
    if told.email is not None:
        event["email"] = told.email
    if told.calendar is not None:
        event["calendar"] = told.calendar
    if told.timezone is not None:
        event["timezone"] = told.timezone
    if told.on_duty_from_ms > asked_ms:
        starts: datetime = utc(told.on_duty_from_ms)
        event["on_duty_from"] = starts
    return event
