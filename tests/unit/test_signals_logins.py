"""Logins, who was there, last days of features: against a plain recount of the events."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plays.loading.segments import POLICY, load_segments
from plays.rules.book import RuleBook
from plays.rules.parts import MeasurePart
from schemas.events.event import Event
from streams.processing.moment import Moment
from streams.signals import usage
from streams.signals.attendance import attendance, power_users
from streams.signals.calendar import DAY_MS
from streams.signals.context import Context
from streams.signals.driver import Driver, flush
from streams.signals.facts.logins import first_login, last_login, last_login_of, login_days
from streams.signals.facts.past import PAST
from streams.signals.measures.logins import team_lead_logins
from streams.signals.measures.measure import Reading
from streams.signals.measures.registry import MEASURES
from streams.signals.processor import SignalsProcessor
from streams.signals.state import Weeks
from streams.signals.timeline import events_of
from streams.signals.weeks import NEVER_USED, add, add_features, last_used

SEGMENTS = load_segments(POLICY)
START = datetime(2026, 3, 2, tzinfo=UTC)
DAY_0 = round(START.timestamp()) // 86_400


def events_told(*events: dict[str, Any]) -> list[Event]:
    """`at`: days since the start."""
    envelope = {"account_id": "acme", "source": "test"}
    payloads = [
        {**envelope, **event, "event_id": f"e{n}", "occurred_at": (START + timedelta(days=event["at"])).isoformat()}
        for n, event in enumerate(events)
    ]
    return events_of([{name: value for name, value in one.items() if name != "at"} for one in payloads])


def driven(*events: dict[str, Any], flushed: bool = False) -> Driver:
    """An account of which this was told, under no rules."""
    driver = Driver(SignalsProcessor(RuleBook([]), SEGMENTS), "acme")
    driver.run(events_told(*events), after_each=flush if flushed else None)
    return driver


def reading(driver: Driver, name: str, day: int) -> Reading:
    """Of a measure at the close of a day since the start."""
    at_ms = (DAY_0 + day + 1) * DAY_MS
    context = Context(driver.cells, Moment(at_ms), SEGMENTS)
    return MEASURES[name].read(context, usage.closed(driver.cells, at_ms, 1))


def login(at: float, user: str = "ann", **data: Any) -> dict[str, Any]:
    return {"type": "user.login", "at": at, "user_id": user, **data}


def used(at: float, feature: str = "export", user: str = "ann") -> dict[str, Any]:
    return {"type": "feature.used", "at": at, "feature": feature, "user_id": user}


@st.composite
def visits(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Half a year of users who come and go, some events told late by a few days."""
    events = []
    for user in draw(st.lists(st.sampled_from("abcdefg"), unique=True, max_size=7)):
        first, last = sorted((draw(st.integers(0, 240)), draw(st.integers(0, 240))))
        every, logs_in = draw(st.integers(1, 40)), draw(st.integers(0, 3))
        for n, day in enumerate(range(first, last + 1, every)):
            event = login(day + 0.4, user) if logs_in and n % (logs_in + 1) else used(day + 0.5, user=user)
            events.append((day + 0.5 + draw(st.sampled_from([0, 0, 0, 0, 3])), event))
    return [event for _, event in sorted(events, key=lambda pair: pair[0])]


SLOW = settings(max_examples=50, deadline=None)


@SLOW
@given(visits(), st.booleans(), st.integers(0, 5))
def test_who_was_there_is_what_a_recount_says(events: list[dict[str, Any]], flushed: bool, before: int) -> None:
    driver = driven(*events, flushed=flushed)
    newest = max((int(event["at"]) for event in events), default=0)
    last = newest - before

    days: dict[str, int] = {}
    for event in events:
        if last - 149 <= int(event["at"]) <= last:
            days[event["user_id"]] = days.get(event["user_id"], 0) | 1 << int(event["at"]) - last + 149
    assert attendance(driver.cells, DAY_0 + last - 149, DAY_0 + last) == days


@SLOW
@given(visits(), st.integers(0, 100))
def test_login_days_are_what_a_recount_says(events: list[dict[str, Any]], later: int) -> None:
    driver = driven(*events)
    logins = sorted({int(event["at"]) for event in events if event["type"] == "user.login"})
    last = max(logins, default=0) + later

    assert first_login(driver.cells) == (DAY_0 + logins[0] if logins else None)
    assert last_login(driver.cells, DAY_0 + last) == (DAY_0 + logins[-1] if logins else None)
    for span in (7, 30, 90):
        first = last - span + 1
        assert login_days(driver.cells, DAY_0 + first, DAY_0 + last) == len([day for day in logins if first <= day])
    for user in "abcdefg":
        own = [int(event["at"]) for event in events if event["type"] == "user.login" and event["user_id"] == user]
        known = last_login_of(driver.cells, user)
        assert known == (DAY_0 + max(own) if own and (known is not None or max(own) > logins[-1] - 60) else None)


SLOW_PARTS = [
    MeasurePart(measure="days_since_login", at_least=30),
    MeasurePart(measure="days_since_login", above=12.5),
    MeasurePart(measure="login_days_share", at_most=0.2),
    MeasurePart(measure="power_users_absent_days", at_least=60),
    MeasurePart(measure="power_users_absent_days", at_least=45),
]


@SLOW
@given(visits(), st.integers(0, 239), st.sampled_from(SLOW_PARTS))
def test_a_measure_holds_at_no_day_before_the_one_it_names(events: list[dict[str, Any]], now: int, part: MeasurePart) -> None:
    punctual = sorted(events, key=lambda event: event["at"])
    known = driven({"type": "account.created", "at": 0}, *(event for event in punctual if event["at"] < now + 1))
    at_ms = (DAY_0 + now + 1) * DAY_MS
    not_before = MEASURES[part.measure].not_before
    assert not_before is not None

    first = not_before(Context(known.cells, Moment(at_ms), SEGMENTS), usage.closed(known.cells, at_ms, 1), part) - DAY_0

    assert first > now
    for day in range(now + 1, min(first + 1, now + 61)):
        later = driven({"type": "account.created", "at": 0}, *(event for event in punctual if event["at"] < day + 1))
        assert day == first or not part.holds(reading(later, part.measure, day).value)


def test_the_last_day_of_a_feature_is_the_last_it_was_used_on() -> None:
    weeks = Weeks()
    add(weeks, 10, 2, ["a"], ["x", "y"])
    add_features(weeks, 11, ["x", "z"], used=False)
    add(weeks, 14, 1, ["a"], ["y"])
    add(weeks, 12, 1, ["a"], ["y", "z"])

    assert last_used(weeks) == {"x": 10, "y": 14, "z": 12}
    assert weeks.features == {"x": 10, "y": 10, "z": 11}


def test_a_feature_that_was_only_activated_was_never_used() -> None:
    weeks = Weeks()
    add_features(weeks, 11, ["z"], used=False)

    assert last_used(weeks) == {"z": NEVER_USED}


def test_of_older_state_nothing_is_called_unused() -> None:
    weeks = Weeks()
    add(weeks, 10, 1, ["a"], ["x"])
    add(weeks, 14, 1, ["a"], ["y"])
    weeks.used = b""
    assert last_used(weeks) == {"x": 14, "y": 14}

    add(weeks, 20, 1, ["a"], ["y"])

    assert last_used(weeks) == {"x": 14, "y": 20}


def test_power_users_are_the_fifth_with_most_days_and_who_shares_the_least_count() -> None:
    assert power_users({}) == ()
    assert power_users({"ann": 9, "bob": 0}) == ()
    assert power_users({"ann": 1, "bob": 9}) == ("ann", "bob")
    assert power_users({**dict.fromkeys("abcdefghij", 1), "x": 5, "y": 7, "z": 5}) == ("x", "y", "z")
    assert power_users({**dict.fromkeys("abcdefghij", 1), "x": 5, "y": 7}) == tuple("abcdefghijxy")


def test_team_leads_are_contacts_in_that_role_and_who_says_so_when_signing_in() -> None:
    driver = driven(
        {"type": "contact.added", "at": 0, "contact_id": "ann", "role": "team_lead"},
        {"type": "contact.added", "at": 0, "contact_id": "bob", "role": "team_lead"},
        {"type": "contact.added", "at": 0, "contact_id": "cid", "role": "team_lead"},
        {"type": "contact.added", "at": 0, "contact_id": "dee", "role": "user"},
        login(1, "ann"),
        login(2, "eve", role="team_lead"),
        login(3, "dee", role="team_lead"),
        login(4, "fay", role="user"),
        login(5, "fay", role="user"),
        {"type": "contact.left", "at": 6, "contact_id": "cid"},
    )
    at_ms = (DAY_0 + 11) * DAY_MS

    found = team_lead_logins(Context(driver.cells, Moment(at_ms), SEGMENTS), usage.closed(driver.cells, at_ms, 1))

    assert found == (("ann", 9), ("bob", None), ("eve", 8))


@pytest.mark.parametrize(
    ("events", "days"),
    [
        ([login(3), used(5)], 15),
        ([used(5), login(8)], 12),
        ([login(3), {"type": "feature.used", "at": 19, "feature": "x", "actor": "api"}], 17),
        ([{"type": "account.created", "at": 4}], 16),
        ([], None),
    ],
)
def test_days_since_somebody_was_signed_in(events: list[dict[str, Any]], days: int | None) -> None:
    assert reading(driven(*events), "days_since_login", 20).value == days


def test_shares_of_seats_and_of_key_features() -> None:
    profile = {"type": "account.created", "at": 0, "seats": 4, "key_features": ["export", "forecast", "map"]}
    driver = driven(profile, used(1, "map", "bob"), used(20, "export"), used(21, "forecast", "cid"), used(22, "chat", "cid"))

    assert reading(driver, "seat_share_28d", 28) == Reading(0.75, {"active_users_28d": 3, "seats": 4})
    assert reading(driver, "seat_share_28d", 29).value == 0.5
    assert reading(driver, "key_feature_share_28d", 28).value == 1
    assert reading(driver, "key_feature_share_28d", 29).facts["unused"] == "map"
    assert reading(driver, "features_used_30d", 28) == Reading(3, {"features": "map, forecast, chat", "core": "export"})
    assert reading(driver, "features_used_30d", 31).value == 2
    assert reading(driven(used(1)), "seat_share_28d", 28).value is None


def test_the_past_is_written_every_two_months() -> None:
    writes: list[int] = []
    driver = Driver(SignalsProcessor(RuleBook([]), SEGMENTS), "acme")
    payloads = [
        {
            **one,
            "account_id": "acme",
            "source": "test",
            "event_id": f"e{day}{kind}",
            "occurred_at": (START + timedelta(days=day)).isoformat(),
        }
        for day in range(400)
        for kind, one in (
            ("u", {"type": "feature.used", "feature": "x", "user_id": "ann"}),
            ("l", {"type": "user.login", "user_id": "ann"}),
        )
    ]
    for event in events_of(payloads):
        driver.run([event])
        writes.extend(event.time_ms // DAY_MS - DAY_0 for name, _, _ in driver.cells.flush() if name == PAST.name)

    assert len(writes) <= 2 * 400 // 61
    assert len(driver.cells[PAST].users["ann"]) <= 31
