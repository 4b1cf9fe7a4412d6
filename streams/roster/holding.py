"""Who holds what. What is taken is given back with the same whole numbers, so that loads are the sum of what is open, always."""

from collections.abc import Mapping

from streams.processing.cells import Cells
from streams.roster.cells import FREED_AT_MOST, LOAD, POOLS_AT_MOST, QUESTIONS_AT_MOST, Question, Questions, of_person


def take(cells: Cells, question: Question, person: str, minutes: int, arr: int, at_ms: int) -> None:
    """The person holds it as of `at_ms`; whoever did before does not."""
    give_back(cells, question)
    load = of_person(cells, person).edit(LOAD)
    load.take(minutes, arr)
    load.last_ms = at_ms if load.last_ms is None else max(load.last_ms, at_ms)
    question.holder, question.minutes, question.arr, question.held_ms = person, minutes, arr, at_ms


def give_back(cells: Cells, question: Question) -> None:
    """Nobody holds it any more."""
    if question.holder is not None:
        theirs = of_person(cells, question.holder)
        load = theirs.edit(LOAD)
        load.give_back(question.minutes, question.arr)
        if not load.runs:
            theirs.drop(LOAD)
        question.holder, question.minutes, question.arr = None, 0, 0


def open_question(cells: Cells, questions: Questions, ask_id: str, at_ms: int) -> Question:
    """The question of this id, new where there is none. Of too many the oldest goes, first among those that nobody holds."""
    question = questions.find(ask_id)
    if question is None:
        if len(questions.asked) >= QUESTIONS_AT_MOST:
            oldest = next((one for one in questions.asked if one.holder is None), questions.asked[0])
            give_back(cells, oldest)
            questions.asked.remove(oldest)
        question = Question(ask_id, at_ms)
        questions.asked.append(question)
    question.heard_ms = max(question.heard_ms, at_ms)
    return question


def confirm(cells: Cells, question: Question, person: str, minutes: int, arr: int, at_ms: int) -> bool:
    """The router says that this person holds it, as of `at_ms`. False: what is known of them is newer, nothing changes."""
    if any(freed == person and since_ms >= at_ms for freed, since_ms in question.freed):
        return False
    if question.holder is not None and at_ms < question.held_ms:
        return False
    take(cells, question, person, minutes, arr, at_ms)
    return True


def release(cells: Cells, question: Question, person: str, at_ms: int) -> None:
    """The router says that this person does not hold it (any more), as of `at_ms`. It may overtake what made them hold it."""
    since_ms = max((since for freed, since in question.freed if freed == person), default=at_ms)
    question.freed = [one for one in question.freed if one[0] != person][-FREED_AT_MOST + 1 :]
    question.freed.append((person, max(since_ms, at_ms)))
    if question.holder == person and at_ms >= question.held_ms:
        give_back(cells, question)


def holding(questions: Questions, pool: str) -> tuple[str, ...]:
    """Who has something of this account that the pool was asked for, whoever got it last before the others."""
    held = sorted((-one.held_ms, one.holder) for one in questions.asked if one.holder is not None and one.pool == pool)
    return tuple(dict.fromkeys(holder for _, holder in held))


def remember(questions: Questions, question: Question, person: str, at_ms: int, members: Mapping[str, frozenset[str]]) -> None:
    """Who of the pool last had a run of it for this account. Who helped out from elsewhere is not, and takes nobody's place."""
    pool = question.pool
    if pool is None or person not in members.get(pool, ()) or questions.handled.get(pool, ("", at_ms))[1] > at_ms:
        return
    questions.handled.pop(pool, None)
    while len(questions.handled) >= POOLS_AT_MOST:
        del questions.handled[next(iter(questions.handled))]
    questions.handled[pool] = (person, at_ms)
