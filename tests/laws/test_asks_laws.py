"""Catching up, a question is answered at its own time, whoever works when, and whoever dies in between."""

from typing import NamedTuple

import orjson
from hypothesis import given
from hypothesis import strategies as st

from schemas.catalogue import ASKS, ASSIGNMENTS, PEOPLE, roster_topics
from schemas.decoding.record import FileRecord
from streams.engine.batch import Batch
from streams.engine.pipeline import Pipeline
from streams.engine.policy import EnginePolicy
from streams.engine.task import PartitionTask
from tests.laws.test_replay_roster_laws import END_MS, LOOKAHEAD, PARTITIONS, Ticket, ticket_logs, tickets
from tests.small_roster import INPUTS, Asking, Choosing

ROSTER = PARTITIONS
Topic = tuple[str, int]


class Step(NamedTuple):
    """Who works next, how much, and what becomes of it."""

    who: int
    budget: int
    end: str


steps = st.lists(
    st.builds(Step, st.integers(0, ROSTER), st.integers(1, 9), st.sampled_from(("commit", "commit", "go on", "die"))), max_size=60
)


class World:
    """Logs, committed state and tasks: a broker and its workers without time."""

    def __init__(self, opened: list[Ticket], patience_ms: int) -> None:
        self.logs: dict[Topic, list[FileRecord]] = {(ASKS, 0): [], (PEOPLE, 0): []}
        for partition, topics in ticket_logs(opened).items():
            self.logs["tickets", partition] = topics["tickets"]
            self.logs[ASSIGNMENTS, partition] = []
        self._patience_ms = patience_ms
        self._state: dict[int, dict[bytes, bytes]] = {number: {} for number in range(ROSTER + 1)}
        self.tasks = {number: self._recover(number) for number in range(ROSTER + 1)}

    def step(self, step: Step) -> None:
        task = self.tasks[step.who]
        self._feed(step.who, task)
        task.work(END_MS, step.budget)
        if step.end == "die":
            self.tasks[step.who] = self._recover(step.who)
        elif step.end == "commit":
            self._commit(step.who, task)

    def finish(self) -> None:
        """Everybody works until nobody has anything left."""
        quiet = 0
        while quiet <= ROSTER:
            quiet = 0
            for number, task in self.tasks.items():
                self._feed(number, task)
                while task.work(END_MS):
                    pass
                quiet += task.until_reached and not task.pending
                self._commit(number, task)

    def _recover(self, number: int) -> PartitionTask:
        if number == ROSTER:
            policy = EnginePolicy(
                partitions=1, topics=roster_topics(), until_ms=END_MS, lookahead=LOOKAHEAD, elsewhere={ASSIGNMENTS: PARTITIONS}
            )
            task = PartitionTask(0, Pipeline([Choosing()], None), policy)
        else:
            policy = EnginePolicy(
                partitions=PARTITIONS, topics=INPUTS, until_ms=END_MS, lookahead=LOOKAHEAD, answer_patience_ms=self._patience_ms
            )
            task = PartitionTask(number, Pipeline([Asking()], None), policy)
        for key, value in self._state[number].items():
            task.restore(key, value)
        task.recovered()
        task.begin_at(dict.fromkeys(task.topics, 0))
        task.catch_up({topic: len(self.logs[topic, self._place(number)]) for topic in task.topics})
        return task

    def _place(self, number: int) -> int:
        return 0 if number == ROSTER else number

    def _feed(self, number: int, task: PartitionTask) -> None:
        for topic in task.topics:
            log, at = self.logs[topic, self._place(number)], task.expected(topic)
            if at < len(log):
                assert task.offer(Batch(topic, at, len(log), log[at:], END_MS))

    def _commit(self, number: int, task: PartitionTask) -> None:
        commit = task.prepare()
        for key, value in commit.cells:
            if value is None:
                self._state[number].pop(key, None)
            else:
                self._state[number][key] = value
        for record in commit.outputs:
            assert record.partition is not None
            log = self.logs[record.topic, record.partition]
            log.append(FileRecord(record.key, record.value, len(log), END_MS, record.headers))


def _heard(world: World) -> list[tuple[str, str]]:
    return [(said["type"], said["ask_id"]) for said in (orjson.loads(r.value or b"") for r in world.logs[ASKS, 0])]


@given(tickets, steps)
def test_what_follows_a_question_finds_it_answered(opened: list[Ticket], order: list[Step]) -> None:
    """Each ticket is closed a second or more after it was opened, and lets go of the person it was given: none may be missing."""
    world = World(opened, patience_ms=60_000)
    for step in order:
        world.step(step)
    world.finish()
    said = _heard(world)
    names = {f"t{number}" for number in range(len(opened))}
    assert sorted(said) == sorted([("assignment.requested", n) for n in names] + [("assignment.released", n) for n in names])
    answers = [orjson.loads(r.value or b"")["ask_id"] for p in range(PARTITIONS) for r in world.logs[ASSIGNMENTS, p]]
    assert sorted(answers) == sorted(names)


def test_without_patience_answers_come_too_late_for_what_follows() -> None:
    """So the law above says something."""
    world = World([Ticket("acct-0", 1, 1)], patience_ms=0)
    world.finish()
    assert _heard(world) == [("assignment.requested", "t0")]


def test_patience_ends_and_begins_again_with_the_next_answer() -> None:
    world = World([Ticket("acct-0", 1, 1), Ticket("acct-0", 5, 1), Ticket("acct-0", 9, 1)], patience_ms=60_000)
    [asking] = [number for number in range(PARTITIONS) if world.logs["tickets", number]]
    task = world.tasks[asking]
    world.step(Step(asking, 100, "commit"))
    assert (task.waits_for_answers, task.queued("tickets"), task.until_reached) == (True, 5, False)
    assert not task.work(END_MS)
    assert not task.work(END_MS + 60_000)
    assert task.waits_for_answers
    while task.work(END_MS + 60_001):
        pass
    assert (task.waits_for_answers, task.queued("tickets"), task.until_reached) == (False, 0, True)
    assert len(_heard(world)) == 1  # the others are asked, too, and not waited for
    world.finish()
    assert [kind for kind, _ in _heard(world)] == ["assignment.requested"] * 3
