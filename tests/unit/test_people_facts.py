"""What is known of people: folded from their events, whatever the order in which they arrive."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plays.loading.rules import LIBRARY, load_rules
from plays.loading.segments import POLICY, load_segments
from plays.rules.book import RuleBook
from plays.rules.rule import Rule
from schemas.records.trigger import Trigger
from streams.processing.account import CONTACTS, Contact
from streams.processing.cells import Cells
from streams.processing.effects import Raise
from streams.signals.driver import Driver
from streams.signals.facts.contacts import MAX_CONTACTS, STAKEHOLDERS
from streams.signals.facts.engagement import ENGAGEMENT, MAX_MISSED, MAX_PEOPLE, Engagement
from streams.signals.facts.meetings import MEETINGS
from streams.signals.facts.registry import FOLDS
from streams.signals.processor import SignalsProcessor
from streams.signals.silences.breadth import narrow_since
from streams.signals.timeline import events_of

SEGMENTS = load_segments(POLICY)
RULES = {rule.id: rule for rule in load_rules(LIBRARY, SEGMENTS.names)}
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY_MS = 86_400_000


def ms(day: float) -> int:
    return round((START + timedelta(days=day)).timestamp() * 1000)


def events(told: list[dict[str, Any]]) -> list[Any]:
    envelope = {"account_id": "acme", "source": "test"}
    return events_of(
        [
            {
                **envelope,
                "event_id": f"e{n}",
                "occurred_at": (START + timedelta(days=one["at"])).isoformat(),
                **{name: value for name, value in one.items() if name != "at"},
            }
            for n, one in enumerate(told)
        ]
    )


def folded(told: list[dict[str, Any]]) -> Cells:
    cells = Cells("acme")
    for event in events(told):
        for fold in FOLDS[event.type]:
            fold(cells, event)
    return cells


def engagement(told: list[dict[str, Any]]) -> Engagement:
    return folded(told)[ENGAGEMENT]


sent = st.builds(lambda at: {"type": "email.sent", "at": at, "to": "c"}, st.integers(0, 30))
replied = st.builds(
    lambda at, auto: {"type": "email.replied", "at": at, "from": "c", "auto_reply": auto}, st.integers(0, 30), st.booleans()
)
held = st.builds(
    lambda at, came: {"type": "meeting.held", "at": at, "invited": ["c", "d"], "attended": ["c"] if came else []},
    st.integers(0, 30),
    st.booleans(),
)
touched = st.builds(lambda at: {"type": "touch.logged", "at": at, "contact_id": "c", "kind": "call"}, st.integers(0, 30))


@given(st.lists(replied | held | touched | sent, max_size=12), st.randoms(use_true_random=False))
def test_what_is_known_of_a_contact_is_what_a_plain_look_at_all_events_says_in_any_order(told: list[dict[str, Any]], chance: Any) -> None:
    came = [one["at"] for one in told if one["type"] == "meeting.held" and one["attended"]]
    wrote = [one["at"] for one in told if one["type"] == "email.replied" and not one["auto_reply"]]
    missed = sorted({one["at"] for one in told if one["type"] == "meeting.held" and one["at"] > max(came, default=-1)})
    chance.shuffle(told)
    found = engagement(told)
    one = found.people.get("c")

    heard = max([*came, *wrote], default=None)
    assert found.inbound_ms == (-1 if heard is None else ms(heard))
    if one is None:
        assert not told or all(event["type"] == "email.replied" for event in told)
        return
    assert one.heard_ms == (-1 if heard is None else ms(heard))
    assert [at for at, _, _ in one.missed] == [ms(at) for at in missed][:MAX_MISSED]
    days = sorted({ms(at) // DAY_MS for at in [*came, *wrote]})
    assert one.heard_days == days[-9:]
    assert one.gaps_days == tuple(later - earlier for earlier, later in zip(days[-9:], days[-9:][1:], strict=False))


@given(st.lists(sent | replied | held, max_size=12))
def test_the_first_mail_not_answered_is_that_of_a_recount(told: list[dict[str, Any]]) -> None:
    """In the order of time; of the same instant, an answer answers."""
    told = sorted(told, key=lambda one: one["at"])
    heard = [
        one["at"]
        for one in told
        if (one["type"] == "email.replied" and not one["auto_reply"]) or (one["type"] == "meeting.held" and one["attended"])
    ]
    open_ = [one["at"] for one in told if one["type"] == "email.sent" and one["at"] > max(heard, default=-1)]
    one = engagement(told).people.get("c")

    assert (None if one is None or one.asked is None else one.asked[0]) == (ms(open_[0]) if open_ else None)


def test_people_are_bounded_and_those_we_know_by_name_come_first() -> None:
    strangers = [{"type": "email.replied", "at": 1, "from": f"s-{n}"} for n in range(MAX_PEOPLE + 5)]
    known = [{"type": "contact.added", "at": 0, "contact_id": "c"}, *strangers, {"type": "email.sent", "at": 2, "to": ["c", "nobody"]}]
    found = engagement(known).people

    assert (len(found), "c" in found, "nobody" in found, "s-0" in found) == (MAX_PEOPLE, True, False, False)


def test_kinds_of_meetings_and_touches_are_bounded_and_dated() -> None:
    told = [
        {"type": "meeting.scheduled", "at": 0, "kind": "qbr", "starts_at": (START + timedelta(days=20)).isoformat()},
        {"type": "meeting.scheduled", "at": 1, "kind": "qbr", "starts_at": (START + timedelta(days=9)).isoformat()},
        {"type": "meeting.cancelled", "at": 2, "meeting_id": "m", "kind": "qbr"},
        {"type": "meeting.scheduled", "at": 3, "kind": "kickoff"},
        *({"type": "meeting.held", "at": 4, "kind": f"k-{n}"} for n in range(80)),
        *({"type": "touch.logged", "at": 5, "kind": f"k-{n}"} for n in range(80)),
    ]
    meetings, touches = folded(told)[MEETINGS], engagement(told).touches

    assert (meetings.first["qbr"], meetings.planned["qbr"], meetings.cancelled["qbr"]) == (ms(9), ms(20), ms(2))
    assert (meetings.planned["kickoff"], len(meetings.last), len(meetings.first), len(touches)) == (ms(3), 50, 50, 50)


def test_a_contact_carries_since_when_they_have_their_role_and_their_leave() -> None:
    told = [
        {"type": "contact.added", "at": 0, "contact_id": "c", "role": "user", "title": "Analyst"},
        {"type": "contact.updated", "at": 5, "contact_id": "c", "influence": "high"},
        {"type": "contact.role_changed", "at": 9, "contact_id": "c", "role": "champion"},
        {"type": "contact.leave", "at": 12, "contact_id": "c", "from": "2026-04-01", "until": "2026-04-10"},
        {"type": "contact.leave", "at": 11, "contact_id": "c", "from": "2026-05-01"},
    ]
    one = folded(told)[CONTACTS].people["c"]
    back = folded([*told, {"type": "contact.left", "at": 20, "contact_id": "c"}, {**told[0], "at": 30, "role": "champion"}])

    assert (one.role, one.role_ms, one.role_before, one.known_ms, one.title) == ("champion", ms(9), "user", ms(0), "Analyst")
    assert (one.leave_from_day, one.leave_until_day, one.leave_told_ms) == (20544, 20553, ms(12))
    assert (back[CONTACTS].people["c"].role_ms, back[CONTACTS].people["c"].role_before) == (ms(30), None)


stays = st.builds(
    lambda came, stayed, role, before, after: Contact(
        known_ms=came,
        role_ms=came + after,
        role=role,
        role_before=before,
        left_ms=None if stayed is None else came + after + stayed,
    ),
    st.integers(0, 20),
    st.none() | st.integers(1, 20),
    st.sampled_from(["champion", "team_lead", "user"]),
    st.none() | st.sampled_from(["champion", "team_lead", "user"]),
    st.integers(0, 10),
)


@given(st.lists(stays, min_size=1, max_size=6), st.integers(1, 3))
def test_since_when_an_account_is_narrow_is_what_counting_at_every_instant_says(people: list[Contact], at_least: int) -> None:
    def enough(at: int) -> bool:
        roles = []
        for one in people:
            assert one.known_ms is not None
            assert one.role_ms is not None
            if one.known_ms <= at < one.role_ms:
                roles.append(one.role_before)
            elif one.role_ms <= at and (one.left_ms is None or at < one.left_ms):
                roles.append(one.role)
        there = [role for role in roles if role in STAKEHOLDERS]
        return len(there) >= at_least and len(set(there)) >= 2

    last = 60
    if enough(last):
        assert narrow_since(people, at_least) is None
        return
    since = last
    while since > 0 and not enough(since - 1):
        since -= 1
    first = min(one.known_ms or 0 for one in people)
    assert narrow_since(people, at_least) == max(first, since)


def fired(rule: Rule, told: list[dict[str, Any]], until: float) -> list[tuple[str, str]]:
    driver = Driver(SignalsProcessor(RuleBook([rule]), SEGMENTS), "acme")
    driver.run(events(told), ms(until))
    found: list[Trigger] = [one.effect.trigger for one in driver.happened if isinstance(one.effect, Raise)]
    return [(one.subject.id, one.episode[:10]) for one in found]


PROFILE = {"type": "account.updated", "at": 0, "acv": 20_000}
SPONSOR = {"type": "contact.added", "at": 0, "contact_id": "c", "role": "executive_sponsor", "influence": "high"}


def test_contacts_of_a_customer_who_comes_back_are_waited_for_from_then_on() -> None:
    told = [
        PROFILE,
        SPONSOR,
        {"type": "account.churned", "at": 10},
        {"type": "contact.updated", "at": 100, "contact_id": "c", "title": "COO"},
        {"type": "account.reactivated", "at": 200},
    ]

    assert fired(RULES["T17"], told, 300) == [("c", "2026-09-18")]
    assert fired(RULES["T54"], told, 231) == [("c", "2026-09-18")]


@pytest.mark.parametrize(("heard", "expected"), [([], []), ([70], [("c", "2026-05-11")])])
def test_a_leave_without_an_end_lasts_until_they_are_heard(heard: list[int], expected: list[tuple[str, str]]) -> None:
    told = [
        PROFILE,
        SPONSOR,
        {"type": "contact.leave", "at": 10, "contact_id": "c", "from": "2026-03-20"},
        *({"type": "email.replied", "at": at, "from": "c"} for at in heard),
    ]

    assert fired(RULES["T17"], told, 300) == expected


def test_more_contacts_than_are_kept_break_nothing() -> None:
    people = [{**SPONSOR, "contact_id": f"c-{n}"} for n in range(MAX_CONTACTS + 20)]

    assert len(fired(RULES["T17"], [PROFILE, *people], 70)) == MAX_CONTACTS


def test_evidence_of_people_names_the_records_it_rests_on() -> None:
    told: list[dict[str, Any]] = [PROFILE, {**SPONSOR, "role": "champion"}]
    told += [{"type": "meeting.held", "at": at, "invited": ["c"], "attended": []} for at in (3, 5, 8)]
    told += [{"type": "email.sent", "at": 9, "to": ["c"]}]
    driver = Driver(SignalsProcessor(RuleBook([RULES["T37"], RULES["T38"]]), SEGMENTS), "acme")
    driver.run(events(told), ms(30))
    sources = {one.effect.trigger.rule: one.effect.trigger.evidence.sources for one in driver.happened if isinstance(one.effect, Raise)}

    assert {rule: [one.offset for one in found] for rule, found in sources.items()} == {"T37": [0, 1, 2], "T38": [3]}
    assert {one.topic for found in sources.values() for one in found} == {"engagement"}


def test_that_nobody_answered_is_believed_only_of_feeds_where_an_answer_would_have_come() -> None:
    signals = SignalsProcessor(RuleBook([RULES["HT4"], RULES["T19"], RULES["T54"]]), SEGMENTS)

    assert signals.silent_topics("HT4:K-1") == ("billing", "engagement", "feedback")
    assert signals.silent_topics("T19:K-1") == ("billing",)
    assert signals.silent_topics("T54:") == ("engagement", "feedback")


def test_a_contact_who_leaves_between_the_silence_and_its_end_is_not_waited_for() -> None:
    told = [PROFILE, SPONSOR, {"type": "contact.left", "at": 59.9, "contact_id": "c"}]

    assert fired(RULES["T17"], told, 200) == []
    assert fired(RULES["T17"], told[:2], 200) == [("c", "2026-03-02")]


@pytest.mark.parametrize(
    "detector",
    [
        {"kind": "silence", "of": "inbound", "days": "3d"},
        {"kind": "silence", "of": "qbr", "days": "3d", "roles": ["champion"]},
        {"kind": "silence", "of": "cadence", "days": "3d"},
        {"kind": "silence", "of": "attendance", "days": "3d", "roles": ["champion"]},
        {"kind": "silence", "of": "answer", "days": "3d", "roles": ["champion"], "by_influence": {"high": "3d"}},
        {"kind": "change", "attribute": "contact_leave"},
        {"kind": "change", "attribute": "contact_profile", "away_from": ["champion"]},
        {"kind": "checkpoint", "from_days": 30, "until_days": 0, "quiet_from_days": 30},
    ],
)
def test_parameters_that_mean_nothing_are_named(detector: dict[str, Any]) -> None:
    stated = RULES["T17"].model_dump(mode="json", exclude_unset=True)

    assert list(Rule.model_validate({**stated, "detector": detector}).problems()) != []


def test_who_opts_out_stays_out_until_they_say_otherwise() -> None:
    told: list[dict[str, Any]] = [
        {"at": 1, "type": "contact.added", "contact_id": "c-1", "role": "champion"},
        {"at": 2, "type": "contact.updated", "contact_id": "c-1", "opted_out": True},
        {"at": 3, "type": "contact.updated", "contact_id": "c-1", "name": "Ana Costa"},
        {"at": 4, "type": "contact.updated", "contact_id": "c-1", "opted_out": False},
    ]
    assert [folded(told[:known])[CONTACTS].people["c-1"].opted_out for known in (1, 2, 3, 4)] == [False, True, True, False]
