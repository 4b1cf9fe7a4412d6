"""Laws of a changing library: every account passes from each library to the next exactly once, whatever happens in between."""

from collections.abc import Iterable
from typing import Any

import msgspec
import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.decoding.record import FileRecord
from schemas.events.event import Event
from streams.engine.batch import Batch
from streams.engine.pipeline import Pipeline
from streams.engine.policy import EnginePolicy
from streams.engine.quarantine import Quarantine
from streams.engine.task import PartitionTask
from streams.processing.cell import Cell
from streams.processing.cells import Cells
from streams.processing.deadline import Deadline
from streams.processing.effects import Effect, SetDeadline
from streams.processing.library import Change, Library
from streams.processing.moment import Mode, Moment
from streams.processing.proof import Topics

START_MS = 1_760_000_000_000
RATE = 10


class Diary(msgspec.Struct):
    """What happened to an account: which library touched it, and from which to which it passed."""

    lines: list[str] = []


DIARY: Cell[Diary] = Cell("diary", Diary, version=1)


class Chronicler:
    """Library number n has one rule, `rn`."""

    name = "chronicler"
    event_types = frozenset({"ticket.created"})
    cells = (DIARY,)

    def __init__(self, number: int) -> None:
        self.number = number

    def on_event(self, cells: Cells, event: Event, moment: Moment) -> Iterable[Effect]:
        cells.edit(DIARY).lines.append(f"event by {self.number}")
        yield SetDeadline("later", moment.now_ms + 90_000)

    def on_deadline(self, cells: Cells, deadline: Deadline, moment: Moment) -> Iterable[Effect]:
        cells.edit(DIARY).lines.append(f"deadline by {self.number}")
        yield from ()

    def on_held(self, cells: Cells, deadline: Deadline, moment: Moment) -> Iterable[Effect]:
        raise AssertionError("a clock is never held")

    def silent_topics(self, name: str) -> Topics:
        return ()

    def replan(self, cells: Cells, change: Change, moment: Moment) -> Iterable[Effect]:
        assert change.added == {f"r{self.number}"}
        assert change.turn_ms >= moment.now_ms
        (old,) = change.retired
        cells.edit(DIARY).lines.append(f"from {old[1:]} to {self.number}")
        yield from ()


class World:
    """A topic, a state and a task that is live; anything may be lost that is not committed."""

    def __init__(self) -> None:
        self.number = 1
        self.aside: frozenset[str] = frozenset()
        self.now_ms = START_MS
        self.log: list[FileRecord] = []
        self.state: dict[bytes, bytes] = {}
        self.task = self.recover()

    def recover(self) -> PartitionTask:
        library = Library(f"{self.number}:{self.number:012x}", {f"r{self.number}": (1, "")})
        policy = EnginePolicy(
            partitions=1, topics=("tickets",), allow_rollback=True, activation_rate=RATE, quarantine=Quarantine({}, self.aside)
        )
        task = PartitionTask(0, Pipeline([Chronicler(self.number)], None, library), policy)
        for key, value in self.state.items():
            task.restore(key, value)
        task.recovered()
        task.begin_at({"tickets": 0})
        self.task = task
        self.commit()
        task.catch_up({"tickets": len(self.log)})
        self.read()
        return task

    def event(self, account: str) -> None:
        value = {"event_id": f"e{len(self.log)}", "type": "ticket.created", "account_id": account, "source": "law", "ticket_id": "1"}
        at = f"2025-10-09T08:53:20.{self.now_ms % 1000:03d}Z"
        self.log.append(FileRecord(account.encode(), orjson.dumps({**value, "occurred_at": at}), len(self.log), self.now_ms))

    def read(self) -> None:
        at = self.task.expected("tickets")
        assert self.task.offer(Batch("tickets", at, len(self.log), self.log[at:], self.now_ms))
        while self.task.work(self.now_ms):
            pass
        if self.task.wants_ends:
            self.task.catch_up({"tickets": len(self.log)})
            while self.task.work(self.now_ms):
                pass

    def commit(self) -> None:
        for key, value in self.task.prepare().cells:
            if value is None:
                del self.state[key]
            else:
                self.state[key] = value

    def crash(self) -> None:
        self.task = self.recover()

    def diaries(self) -> dict[str, list[str]]:
        return {
            key.removesuffix(b"\x00diary").decode(): msgspec.msgpack.decode(value[1:], type=Diary).lines
            for key, value in self.state.items()
            if key.endswith(b"\x00diary")
        }


accounts = st.sampled_from([f"a{n}" for n in range(8)])
steps = st.one_of(
    st.tuples(st.just("event"), accounts),
    st.tuples(st.just("sweep"), st.integers(1, 4)),
    st.tuples(st.just("time"), st.integers(1, 100_000)),
    st.tuples(st.just("library"), st.integers(1, 4)),
    st.tuples(st.just("commit"), st.none()),
    st.tuples(st.just("crash"), st.none()),
)


def play(world: World, story: list[tuple[str, Any]]) -> None:
    for what, value in story:
        if what == "event":
            world.event(value)
            world.read()
        elif what == "sweep":
            world.task.sweep(value)
        elif what == "time":
            world.now_ms += value
            world.read()
        elif what == "library" and value != world.number:
            world.commit()
            world.number = value
            world.crash()
        elif what == "commit":
            world.commit()
        elif what == "crash":
            world.crash()


@settings(max_examples=150, deadline=None)
@given(st.lists(steps, max_size=40))
def test_every_account_passes_from_library_to_library_once(story: list[tuple[str, Any]]) -> None:
    world = World()
    play(world, [("event", f"a{n}") for n in range(0, 8, 2)])
    play(world, story)
    assert world.task.mode is Mode.LIVE
    while world.task.sweeping:
        world.task.sweep(3)
    world.commit()

    for account, lines in world.diaries().items():
        by = int(lines[0].rpartition(" ")[2])  # the library that first heard of it
        for line in lines:
            words = line.split()
            if words[0] == "from":
                assert int(words[1]) == by, (account, lines)
                by = int(words[3])
            else:
                assert int(words[2]) == by, (account, lines)  # nothing is done by a library the account has not passed to
        assert by == world.number, (account, lines)
    assert not [key for key in world.state if key.endswith(b"\x00swept")]
    assert b'"sweep"' not in world.state[b"\x00cursor"]


def test_a_sweep_goes_on_where_the_last_commit_left_it() -> None:
    world = World()
    play(world, [("event", f"a{n}") for n in range(8)])
    play(world, [("library", 2), ("sweep", 3), ("commit", None)])

    assert (world.task.sweeping, world.task.sweep_remaining) == (True, 5)
    play(world, [("sweep", 2), ("crash", None)])
    assert world.task.sweep_remaining == 5
    play(world, [("sweep", 5), ("commit", None), ("crash", None)])
    assert (world.task.sweeping, world.task.sweep_remaining) == (False, 0)
    assert set(map(tuple, world.diaries().values())) == {("event by 1", "from 1 to 2")}


def test_an_account_that_is_touched_passes_first() -> None:
    world = World()
    play(world, [("event", "a1"), ("event", "a5"), ("library", 2), ("event", "a5"), ("event", "a9"), ("time", 100_000)])

    while world.task.sweeping:
        world.task.sweep(1)
    world.commit()
    assert world.diaries() == {
        "a1": ["event by 1", "from 1 to 2", "deadline by 2"],
        "a5": ["event by 1", "from 1 to 2", "event by 2", "deadline by 2"],
        "a9": ["event by 2", "deadline by 2"],
    }


def test_a_finite_run_over_old_state_sweeps_before_it_reads_on() -> None:
    world = World()
    play(world, [("event", "a1"), ("event", "a2"), ("commit", None)])
    world.event("a2")
    library = Library("2:2", {"r2": (1, "")})
    policy = EnginePolicy(partitions=1, topics=("tickets",), until_ms=world.now_ms)
    task = PartitionTask(0, Pipeline([Chronicler(2)], None, library), policy)
    for key, value in world.state.items():
        task.restore(key, value)
    task.recovered()
    task.catch_up({"tickets": len(world.log)})
    world.task = task
    world.read()
    world.commit()

    assert task.finished
    assert world.diaries() == {"a1": ["event by 1", "from 1 to 2"], "a2": ["event by 1", "from 1 to 2", "event by 2"]}


def test_a_change_that_concerns_no_account_needs_no_sweep() -> None:
    world = World()
    play(world, [("event", "a1"), ("commit", None)])
    library = Library("2:other", {"r1": (1, "")})
    task = PartitionTask(0, Pipeline([Chronicler(1)], None, library), EnginePolicy(partitions=1, topics=("tickets",)))
    for key, value in world.state.items():
        task.restore(key, value)
    task.recovered()

    assert task.sweep_remaining == 0
    cursor = orjson.loads(dict(task.prepare().cells)[b"\x00cursor"] or b"")
    assert (cursor["revision"], "sweep" in cursor) == ("2:other", False)


def test_an_account_in_quarantine_keeps_its_library_until_it_is_back() -> None:
    world = World()
    play(world, [("event", f"a{n}") for n in range(3)])
    world.commit()
    world.number = 2
    world.aside = frozenset({"a1"})
    play(world, [("crash", None), ("sweep", 9), ("commit", None)])
    assert world.diaries()["a1"] == ["event by 1"]

    world.aside = frozenset()
    play(world, [("crash", None), ("sweep", 9), ("commit", None)])
    assert set(map(tuple, world.diaries().values())) == {("event by 1", "from 1 to 2")}
    assert not [key for key in world.state if key.endswith(b"\x00swept")]
