"""Slices: a history cut without loss, gap or overlap, and at once after what is urgent."""

from datetime import date
from itertools import chain, pairwise

from streams.demo.slices import cut
from streams.fleet.fleet import Fleet, FleetSpec
from streams.fleet.occurrence import Occurrence
from streams.fleet.span import HOUR_MS, Span

SPEC = FleetSpec(seed=7, accounts=20, days=20, end=date(2026, 11, 16))
DAY = Span(date(2026, 11, 11), 1)  # a Tuesday


def ticket(hours: float, priority: str = "P3", account: str = "acct-0001", number: int = 1) -> Occurrence:
    fields = {"ticket_id": f"T-{number}", "priority": priority}
    return Occurrence(DAY.start_ms + int(hours * HOUR_MS), account, number, "ticket.created", "helpdesk", fields)


def ends(*events: Occurrence) -> list[float]:
    return [(piece.end_ms - DAY.start_ms) / HOUR_MS for piece in cut(events, DAY, coarse_days=0)]


def test_slices_hold_every_event_once_and_in_order() -> None:
    fleet = Fleet(SPEC)
    events = list(fleet.events())

    assert list(chain.from_iterable(piece.events for piece in cut(events, fleet.span, 5))) == events


def test_slices_follow_each_other_from_the_first_moment_to_the_last() -> None:
    fleet = Fleet(SPEC)
    pieces = list(cut(fleet.events(), fleet.span, 5))

    assert (pieces[0].start_ms, pieces[-1].end_ms) == (fleet.span.start_ms, fleet.span.end_ms)
    assert all(before.end_ms == after.start_ms for before, after in pairwise(pieces))
    assert all(piece.start_ms <= event.time_ms < piece.end_ms for piece in pieces for event in piece.events)


def test_an_ordinary_ticket_waits_for_the_end_of_its_part_of_the_day() -> None:
    assert ends(ticket(11)) == [0.5, 8.5, 16.5, 24]


def test_an_urgent_ticket_ends_its_slice_a_second_later() -> None:
    assert ends(ticket(11, "P1")) == [0.5, 8.5, 11 + 1 / 3600, 16.5, 24]


def test_slices_are_never_so_short_that_a_worker_would_take_them_for_the_present() -> None:
    assert ends(ticket(11, "P1"), ticket(11.05, "P1", number=2)) == [0.5, 8.5, 11 + 1 / 3600, 16.5, 24]


def test_who_writes_for_the_third_time_in_a_week_is_urgent() -> None:
    assert ends(*(ticket(hour, number=number) for number, hour in enumerate((9, 10, 11, 12)))) == [0.5, 8.5, 11 + 1 / 3600, 16.5, 24]
