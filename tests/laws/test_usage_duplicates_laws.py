"""Laws of the check for repeated usage events: what is applied depends on the events alone, and the horizon is kept."""

from collections.abc import Iterable, Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.events.event import Event
from streams.engine.generation import CELL_HASHES, PREFIX, TAIL_HASHES
from streams.engine.store import CellStore
from streams.engine.usage_duplicates import UsageDuplicates, forget_all

HORIZON_MS = 60_000
START_MS = 1_790_000_000_000
MANY = 1_000_000

Sent = tuple[int, int]  # (append time after the start, id)


def usage(at_ms: int, identity: int | str, account: str = "acme", source: str = "web") -> Event:
    return Event("product-usage", 0, 0, START_MS + at_ms, START_MS, "feature.used", account, str(identity), source, {})


class Run:
    """The memory of a partition over a log, with commits and crashes."""

    def __init__(self, log: Sequence[Sent], most: int = MANY, strikes: int = 100) -> None:
        self.log = log
        self.state: dict[bytes, bytes] = {}
        self.committed: list[bool] = []
        self.applied: list[bool] = []
        self._bounds = most, strikes
        self.crash()

    def crash(self) -> None:
        self.store = CellStore()
        for key, value in self.state.items():
            self.store.restore(key, value)
        self.memory = UsageDuplicates(self.store.partition, HORIZON_MS, *self._bounds)
        self.memory.recovered()
        self.applied = list(self.committed)

    def apply(self, most: int) -> None:
        for sent in self.log[len(self.applied) :][:most]:
            self.applied.append(self.memory.first_sight(usage(*sent)))

    def commit(self) -> None:
        self.memory.flush()
        for key, value in self.store.flush():
            if value is None:
                del self.state[key]
            else:
                self.state[key] = value
        self.committed = list(self.applied)

    def finish(self) -> list[bool]:
        self.apply(len(self.log))
        self.commit()
        return self.committed


def logs(steps: st.SearchStrategy[int]) -> st.SearchStrategy[list[Sent]]:
    """Few ids, so that they come again; append times in steps of any direction."""

    def accumulated(pairs: Iterable[Sent]) -> Iterator[Sent]:
        at_ms = 0
        for step, identity in pairs:
            at_ms = max(0, at_ms + step)
            yield at_ms, identity

    return st.lists(st.tuples(steps, st.integers(0, 12)), max_size=60).map(lambda pairs: list(accumulated(pairs)))


FORWARD = st.sampled_from([0, 0, 1, 1_000, 7_000, 29_000, 45_000, 100_000])
ANYWHERE = st.sampled_from([0, 0, 500, 7_000, 29_000, 100_000, 10_000_000, -500, -40_000, -10_000_000])


@settings(max_examples=300, deadline=None)
@given(log=logs(ANYWHERE), most=st.sampled_from([4, 9, 20, MANY]), strikes=st.sampled_from([1, 2, 4]), data=st.data())
def test_what_is_applied_does_not_depend_on_commits_or_crashes(log: list[Sent], most: int, strikes: int, data: st.DataObject) -> None:
    straight = Run(log, most, strikes)
    straight.finish()
    broken = Run(log, most, strikes)
    for _ in range(data.draw(st.integers(0, 25))):
        match data.draw(st.sampled_from(["apply", "apply", "commit", "crash"])):
            case "apply":
                broken.apply(data.draw(st.integers(1, 9)))
            case "commit":
                broken.commit()
            case _:
                broken.crash()

    assert broken.finish() == straight.committed
    assert broken.memory.held_ms == straight.memory.held_ms
    assert broken.memory.hashes == straight.memory.hashes


@settings(max_examples=300, deadline=None)
@given(log=logs(FORWARD), strikes=st.sampled_from([1, 3, 100]))
def test_within_the_horizon_an_event_is_known_and_beyond_one_and_a_half_it_is_new(log: list[Sent], strikes: int) -> None:
    applied = Run(log, MANY, strikes).finish()
    remembered: dict[int, int] = {}
    for (at_ms, identity), was_applied in zip(log, applied, strict=True):
        age_ms = at_ms - remembered.get(identity, -HORIZON_MS * 2)
        if age_ms <= HORIZON_MS:
            assert not was_applied
        elif age_ms >= HORIZON_MS * 3 // 2:
            assert was_applied
        if was_applied:
            remembered[identity] = at_ms


@settings(max_examples=100, deadline=None)
@given(log=logs(st.sampled_from([0, 1, 500])), data=st.data())
def test_a_topic_published_again_within_the_horizon_changes_nothing(log: list[Sent], data: st.DataObject) -> None:
    later_ms = data.draw(st.integers(0, HORIZON_MS - 30_000))
    again = [(log[-1][0] + later_ms, identity) for _, identity in log]
    run = Run([*log, *again])
    first = Run(log).finish()
    run.apply(len(log))
    run.commit()
    run.crash()

    assert [*first, *([False] * len(log))] == run.finish()


@settings(max_examples=100, deadline=None)
@given(log=logs(ANYWHERE), most=st.integers(4, 30), strikes=st.sampled_from([1, 3]))
def test_memory_stays_within_its_bound(log: list[Sent], most: int, strikes: int) -> None:
    run = Run([(0, n) for _, n in log], most, strikes)
    run.finish()

    assert run.memory.hashes <= most
    assert sum(len(value) for key, value in run.state.items() if PREFIX.encode() in key) <= 8 * most + 24 * len(run.state)


def test_after_the_horizon_an_event_counts_again() -> None:
    log = [(0, 1), (HORIZON_MS, 1), (HORIZON_MS * 3 // 2, 1)]

    assert Run(log).finish() == [True, False, True]


def test_one_wrong_append_time_forgets_nothing() -> None:
    crowd = [(1_000 + n, 1_000 + n) for n in range(200)]
    log = [(0, 1), *crowd, (10**9, 2), (5_000, 1), (5_000, 2), (6_000, 2)]

    assert Run(log).finish() == [True] * 201 + [True, False, True, False]


def test_what_is_forgotten_leaves_the_state() -> None:
    run = Run([*((n, n) for n in range(500)), *((10 * HORIZON_MS + n, 10_000 + n) for n in range(200))])
    run.apply(500)
    run.commit()
    before = set(run.state)
    run.finish()

    assert run.memory.hashes == 200
    assert before & set(run.state) <= {b"\x00partition\x00usage_clock"}


def test_too_many_events_shorten_the_horizon_and_say_so() -> None:
    run = Run([(n * 10, n) for n in range(1_000)], most=400)
    assert run.memory.held_ms == HORIZON_MS
    run.finish()

    assert 2_000 < run.memory.held_ms < 4_010
    held_ms = run.memory.held_ms
    run.crash()
    assert held_ms == run.memory.held_ms
    assert not run.memory.first_sight(usage(10_000, 999 - held_ms // 10 + 1))


def test_a_trickle_fills_cells_up_and_a_flood_is_cut() -> None:
    trickle = Run([(n, n) for n in range(2 * TAIL_HASHES)])
    for _ in range(2 * TAIL_HASHES):
        trickle.apply(1)
        trickle.commit()
    flood = Run([(0, n) for n in range(CELL_HASHES + 1)])
    flood.finish()

    assert hashes_of(trickle) == [8 * TAIL_HASHES, 8 * TAIL_HASHES]
    assert hashes_of(flood) == [8, 8 * CELL_HASHES]


def hashes_of(run: Run) -> list[int]:
    return sorted(len(value) - 24 for key, value in run.state.items() if PREFIX.encode() in key)


@pytest.mark.parametrize(
    "other",
    [
        usage(0, "1", "acme", "mobile"),
        usage(0, "1", "initech"),
        usage(0, "2"),
        usage(0, "\x001", "acme", "web"),
        usage(0, "1", "acme", "webacme"),
    ],
)
def test_source_account_and_id_make_an_event(other: Event) -> None:
    run = Run([])

    assert run.memory.first_sight(usage(0, "1"))
    assert run.memory.first_sight(other)
    assert not run.memory.first_sight(other)


def test_turned_off_nothing_is_left_behind() -> None:
    run = Run([(n, n) for n in range(1_000)])
    run.finish()
    run.crash()
    forget_all(run.store.partition)
    run.commit()

    assert run.state == {}
