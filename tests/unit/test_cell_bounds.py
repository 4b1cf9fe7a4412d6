"""The byte bound of cells: whatever an account does, its cells can be written."""

from typing import Any

import msgspec
import pytest

from plays.runs.run import TRIGGERS_AT_MOST, Assignee, Closed, Run, Runs
from schemas.catalogue import STATE, topic
from streams.engine.deadlines import DEADLINES, Deadlines
from streams.engine.duplicates import SEEN, Seen
from streams.engine.errors import ProcessingFailed
from streams.engine.store import CellStore
from streams.processing.account import CONTACTS, PROFILE, Contact, Contacts, Profile
from streams.processing.bounded import CELL_MAX, encode_bounded
from streams.processing.cell import Cell, CellError
from streams.router.cells import RUNS
from streams.signals.facts.engagement import ENGAGEMENT, Engagement, Presence
from streams.signals.facts.logins import LOGIN_DAY, LOGINS, LoginDay, Logins
from streams.signals.facts.past import PAST, Past
from streams.signals.standing import LEDGER, Ledger, Standing
from streams.signals.state import (
    CONTRACTS,
    EPISODES,
    FIRED,
    ITEMS,
    MILESTONES,
    PENDING,
    SERIES,
    TODAY,
    WEEKS,
    Contract,
    Contracts,
    Episodes,
    Fired,
    Item,
    Items,
    Milestone,
    Milestones,
    Occurrence,
    Pending,
    Series,
    Spell,
    Today,
    Weeks,
)
from streams.signals.weeks import MAX_USERS


def wide(number: int) -> str:
    """An id as long as one may be: 256 characters of four bytes."""
    return f"{number:06d}" + "\U0001f4a5" * 250


def names(count: int) -> list[str]:
    return [wide(n) for n in range(count)]


def open_run(number: int) -> Run:
    owner = Assignee("kim", wide(0), "csm", None, "pool", wide(1))
    triggers = [f"{number:06d}-{n:029d}" for n in range(TRIGGERS_AT_MOST)]
    return Run(
        wide(number), "play", 1, "support", "ticket", wide(number), "P1", owner, [], triggers, ["T07"] * TRIGGERS_AT_MOST, "w" * 400, 1, 1
    )


OVERSIZED: dict[Cell[Any], msgspec.Struct] = {
    SEEN: Seen({(1 << 63) + n: 1_790_000_000_000 for n in range(100_000)}),
    DEADLINES: Deadlines(dict(zip(names(900), range(900), strict=True)), dict(zip(names(900), range(900), strict=True))),
    PROFILE: Profile(name="acme", key_features=names(1_500)),
    CONTACTS: Contacts({name: Contact(name) for name in names(600)}),
    RUNS: Runs([open_run(n) for n in range(200)], [Closed(wide(n), 1, [n] * 50) for n in range(200)]),
    TODAY: Today(day=1, count=9, users=dict.fromkeys(names(2_000), 1), features=dict.fromkeys(names(200), 1)),
    WEEKS: Weeks(users=dict.fromkeys(names(3_000), 1), features=dict.fromkeys(names(500), 1)),
    LOGIN_DAY: LoginDay(day=1, users=dict.fromkeys(names(2_000), "user")),
    LOGINS: Logins(users=dict.fromkeys(names(600), 1), roles=dict.fromkeys(names(700), "user")),
    PAST: Past(users=dict.fromkeys(names(2_000), b"1")),
    EPISODES: Episodes({rule: {name: Spell() for name in names(200)} for rule in ("T03", "T07", "T08", "T15", "T16", "T19")}),
    LEDGER: Ledger(
        {rule: [Standing("t", name, 1, 1, 1 << 63) for name in names(200)] for rule in ("T03", "T07", "T08", "T15", "T16", "T19")}
    ),
    SERIES: Series({key: [Occurrence(n, wide(n), 1, n) for n in range(2_000)] for key in ("a", "b")}),
    PENDING: Pending(dict.fromkeys(names(1_500), 1)),
    ENGAGEMENT: Engagement({name: Presence(missed=[(n, 0, n) for n in range(10)]) for name in names(1_200)}),
    CONTRACTS: Contracts({name: Contract() for name in names(1_200)}),
    MILESTONES: Milestones({rule: {name: Milestone() for name in names(200)} for rule in "abcdefgh"}),
    ITEMS: Items({rule: {name: Item() for name in names(200)} for rule in "abcdefgh"}),
}


def copy_of(cell: Cell[Any]) -> Any:
    return cell.decode(cell.encode(OVERSIZED[cell]))


@pytest.mark.parametrize("cell", OVERSIZED, ids=lambda cell: str(cell.name))
def test_an_oversized_cell_loses_detail_until_it_fits(cell: Cell[Any]) -> None:
    value = OVERSIZED[cell]
    assert len(cell.encode(value)) > CELL_MAX

    data, trimmed = encode_bounded(cell, copy_of(cell))

    assert trimmed
    assert CELL_MAX // 3 < len(data) <= CELL_MAX
    assert topic(STATE).max_message_bytes >= 2 * CELL_MAX


def test_trimmed_users_are_flagged_for_the_evidence() -> None:
    today, weeks = TODAY.decode(encode_bounded(TODAY, copy_of(TODAY))[0]), WEEKS.decode(encode_bounded(WEEKS, copy_of(WEEKS))[0])
    series = SERIES.decode(encode_bounded(SERIES, copy_of(SERIES))[0])

    assert today.approximate
    assert weeks.approximate
    assert series.dropped > 0
    assert series.dropped == 4_000 - sum(len(times) for times in series.times.values())
    assert series.times["a"][-1] == Occurrence(1_999, wide(1_999), 1, 1_999)


def test_the_documented_number_of_users_fits_without_trimming() -> None:
    weeks = Weeks(totals=bytes(400), users={f"0196f3a2-7c1e-7000-8000-{n:012d}": (1 << 64) - 1 for n in range(MAX_USERS)})

    assert not encode_bounded(WEEKS, weeks)[1]


def test_open_runs_are_kept_when_a_cell_is_trimmed() -> None:
    runs = RUNS.decode(encode_bounded(RUNS, copy_of(RUNS))[0])

    assert len(runs.open) == 200
    assert all(run.triggers[0].endswith("-" + "0" * 29) for run in runs.open)


def test_a_store_counts_what_it_trims_and_restores_the_trimmed_cell() -> None:
    store, again = CellStore(), CellStore()
    store.cells("acme").put(SEEN, Seen({(1 << 63) + n: n for n in range(100_000)}))
    for key, value in store.flush():
        again.restore(key, value)

    assert store.trimmed == {"seen": 1}
    assert (store.count, store.sum) == (again.count, again.sum)
    assert max(again.cells("acme")[SEEN].ids) == (1 << 63) + 99_999


def test_a_cell_without_a_rule_stops_with_its_name_and_account() -> None:
    store = CellStore()
    store.cells("acme").put(FIRED, Fired([1 << 63] * 200_000))

    with pytest.raises(ProcessingFailed, match=r"fired.*no detail that may go") as failed:
        store.flush()
    assert "acme" in str(failed.value)


def test_a_rule_that_cannot_make_it_fit_is_an_error_not_a_loop() -> None:
    with pytest.raises(CellError, match="profile"):
        encode_bounded(PROFILE, Profile(name="x" * 2 * CELL_MAX, key_features=["a"]))
