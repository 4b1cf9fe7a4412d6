"""State: what the first version of a cell wrote is read and gone on with; what a busy year writes is bounded."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schemas.events.event import Event
from schemas.events.registry import KINDS
from schemas.records.wire import rfc3339
from streams.processing.account import CONTACTS, PROFILE
from streams.processing.cell import Cell
from streams.processing.cells import Cells
from streams.processing.effects import SetDeadline
from streams.signals.context import MAX_SUBJECTS
from streams.signals.driver import Driver
from streams.signals.processor import OF_THE_RELATION
from streams.signals.standing import LEDGER
from streams.signals.state import CONTRACTS, EPISODES, FIRED, ITEMS, MILESTONES, PENDING, SERIES, TODAY, WEEKS, Occurrence
from tests.laws.first_state import CELLS, DEADLINES, NOW_MS
from tests.laws.kinds import RULES, processor_of, triggers
from tests.laws.test_detector_laws import in_order

ALL = processor_of(RULES.values())
FIRST = {name: bytes.fromhex(text) for name, text in CELLS.items()}
SOURCES = ("product-usage", "tickets", "billing", "accounts", "feedback", "engagement")
ENVELOPE = ("account_id", "event_id", "source", "type", "occurred_at")
OURS: tuple[Cell[Any], ...] = (PROFILE, CONTACTS, FIRED, LEDGER, *OF_THE_RELATION)
READERS = {cell.name: cell for cell in OURS}


@pytest.mark.parametrize("name", CELLS)
def test_a_cell_of_the_first_version_is_read_and_written_again(name: str) -> None:
    cell = READERS[name]
    value = cell.decode(FIRST[name])

    assert FIRST[name][0] == 1
    assert value != cell.new()
    assert cell.decode(cell.encode(value)) == value


def test_what_it_says_is_what_was_written() -> None:
    cells = Cells("acme", dict(FIRST))

    assert (cells[PROFILE].name, cells[PROFILE].acv, cells[PROFILE].seats) == ("Acme", 20_000, 10)
    assert cells[CONTACTS].people["c1"].role == "champion"
    assert (cells[TODAY].count, list(cells[TODAY].users), cells[WEEKS].features) == (6, ["u0", "u1", "u2", "u3"], {"export": 20_486})
    assert cells[SERIES].times["ticket.reopened[]/ticket_id"] == [Occurrence(1_770_800_400_000, "t8")]
    assert cells[CONTRACTS].by_id["k1"].stated == "low"
    assert [(name, one.open) for name, one in cells[MILESTONES].by_rule["T03"].items()] == [("m1", True), ("m2", False)]
    assert cells[ITEMS].by_rule["T15"]["i1"].ended_ms == -1
    assert cells[EPISODES].spells["T07"]["t7"].open
    assert cells[PENDING].at.keys() == DEADLINES.keys() - {"day_close"}


def test_an_account_goes_on_from_it() -> None:
    """What is open stays one episode, what is due comes, what was counted counts."""
    driver = Driver(ALL, "acme")
    driver.cells = Cells("acme", dict(FIRST))
    driver.now_ms = NOW_MS
    driver._take(SetDeadline(name, at, silence=True) for name, at in DEADLINES.items())
    start = datetime(2026, 2, 23, 9, tzinfo=UTC)
    driver.run(
        in_order(
            [
                {"type": "ticket.priority_changed", "occurred_at": start, "ticket_id": "t7", "priority": "P1"},
                {"type": "ticket.reopened", "occurred_at": start + timedelta(hours=1), "ticket_id": "t8"},
                {"type": "milestone.started", "occurred_at": start + timedelta(hours=2), "milestone_id": "m1", "kind": "training"},
                {"type": "contact.left", "occurred_at": start + timedelta(days=1), "contact_id": "c1"},
            ]
        ),
        NOW_MS + 70 * 86_400_000,
    )
    of_then = ("T03", "T07", "T08", "T15", "T16", "T19", "T20", "T21")
    found = [(one.rule, one.subject.id, rfc3339(one.time)[:16]) for one in triggers(driver) if one.rule in of_then]

    assert found == [
        ("T08", "t8", "2026-02-23T10:00"),
        ("T16", "c1", "2026-02-24T09:00"),
        ("T15", "i1", "2026-03-08T23:10"),
        ("T20", "k1", "2026-03-21T23:10"),
        ("T21", "k1", "2026-04-20T22:10"),
    ]


DAYS = 400
A_DAY = 20
LARGEST = 150_000
"""Bytes: what no cell of the busy account below exceeds."""
ALTOGETHER = 400_000
_ENDS = ("account.churned", "feed.heartbeat")
_NAMES = ("metric", "step", "counter", "feature", "category", "subject_fingerprint", "dataset", "invited", "attended", "attendees")


def busy() -> Iterator[list[Event]]:
    """Twenty events a day of every type there is, each about somebody or something never heard of before."""
    kinds = [kind for kind in KINDS if kind.topic in SOURCES and kind.name not in _ENDS]
    start = datetime(2026, 1, 1, tzinfo=UTC)
    first = {"type": "account.created", "occurred_at": start, "timezone": "Europe/Berlin", "acv": 90_000, "seats": 400}
    yield in_order([first])
    for day in range(DAYS):
        found: list[dict[str, Any]] = []
        for at in range(A_DAY):
            number = day * A_DAY + at
            kind = kinds[number % len(kinds)]
            body = {name: renamed(name, value, number) for name, value in kind.example.items() if name not in ENVELOPE}
            found.append({**body, "type": kind.name, "occurred_at": start + timedelta(days=day, minutes=60 * at + 1)})
        yield in_order(found)


def renamed(name: str, value: Any, number: int) -> Any:
    """Ids and names that no other event has."""
    if isinstance(value, list) and name in _NAMES:
        return [f"{one}-{number}" for one in value]
    return f"{value}-{number}" if isinstance(value, str) and (name.endswith("_id") or name in _NAMES) else value


def test_a_busy_year_of_ever_new_names_stays_within_bounds() -> None:
    driver = Driver(ALL, "acme")
    sizes: dict[str, int] = {}
    for events in busy():
        driver.run(events)
        for name, _, new in driver.cells.flush():
            sizes[name] = max(sizes.get(name, 0), len(new or b""))
    spells = {rule: len(subjects) for rule, subjects in driver.cells[EPISODES].spells.items()}

    assert len(triggers(driver)) > DAYS
    assert {name: size for name, size in sizes.items() if size > LARGEST} == {}
    assert sum(sizes.values()) <= ALTOGETHER
    assert {rule: count for rule, count in spells.items() if count > MAX_SUBJECTS} == {}
    assert len(driver.deadlines) <= 1_000
