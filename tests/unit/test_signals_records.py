"""Evidence names the records it rests on: all of the window, newest first, within a bound; and old state is still read."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from plays.loading.rules import LIBRARY, load_rules
from plays.loading.segments import POLICY, load_segments
from plays.rules.book import RuleBook
from plays.rules.rule import Rule
from schemas.events.event import Event
from schemas.records.trigger import Trigger
from streams.processing.effects import Raise
from streams.signals.driver import Driver, flush
from streams.signals.processor import SignalsProcessor
from streams.signals.series import MAX_NAMED
from streams.signals.state import EPISODES, SERIES, Occurrence, Series
from streams.signals.timeline import events_of

SEGMENTS = load_segments(POLICY)
RULES = {rule.id: rule for rule in load_rules(LIBRARY, SEGMENTS.names)}
COUNTED = ("T08", "T30", "T31", "PB2")
START = datetime(2026, 3, 2, tzinfo=UTC)
Said = tuple[float, str, dict[str, Any]]


def events(said: list[Said], shift: int = 0) -> list[Event]:
    """As from a log whose partition and offsets are nothing that could be guessed from their order."""
    payloads = [
        {
            "account_id": "acme",
            "source": "s",
            "event_id": f"e{n}",
            "type": name,
            "occurred_at": (START + timedelta(hours=at)).isoformat(),
            **data,
        }
        for n, (at, name, data) in enumerate(said)
    ]
    found = events_of(payloads)
    for n, event in enumerate(found):
        event.partition, event.offset = n % 3, shift + 7 * n
    return found


def fired(rules: list[Rule], told: list[Event]) -> list[tuple[int, Trigger]]:
    """Triggers, each with how many events had been told when it came."""
    driver = Driver(SignalsProcessor(RuleBook(rules), SEGMENTS), "acme")
    found: list[tuple[int, Trigger]] = []
    for n, event in enumerate(told):
        before = len(driver.happened)
        driver.run([event], after_each=flush)
        found += [(n + 1, one.effect.trigger) for one in driver.happened[before:] if isinstance(one.effect, Raise)]
    return found


def named(trigger: Trigger) -> list[tuple[str, int, int]]:
    return [(one.topic, one.partition, one.offset) for one in trigger.evidence.sources]


_TICKETS = st.tuples(
    st.integers(0, 40 * 24) | st.integers(0, 20).map(lambda n: 48 * n),  # often the same instant, in any order: late ones too
    st.sampled_from(["ticket.created", "ticket.created", "ticket.reopened", "ticket.resolved"]),
    st.fixed_dictionaries(
        {"ticket_id": st.sampled_from(["T-1", "T-2"])},
        optional={"category": st.sampled_from(["login", "export"]), "subject_fingerprint": st.sampled_from(["a8", "b9"])},
    ),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(_TICKETS, max_size=25))
def test_what_was_observed_is_what_the_named_records_say(said: list[Said]) -> None:
    told = events([(at, name, data if name == "ticket.created" else {"ticket_id": data["ticket_id"]}) for at, name, data in said])

    for known, trigger in fired([RULES[name] for name in COUNTED], told):
        log = {(event.topic, event.partition, event.offset): event for event in told[:known]}
        rest_on, evidence = [log[record] for record in named(trigger)], trigger.evidence
        assert evidence.window is not None
        start, end = (round(moment.timestamp() * 1000) for moment in (evidence.window.start, evidence.window.end))
        kind, of = trigger.subject.kind, "ticket_id" if trigger.subject.kind == "ticket" else trigger.subject.kind
        meant = [
            event
            for event in log.values()
            if event.type == ("ticket.reopened" if trigger.rule == "T08" else "ticket.created")
            and start <= event.time_ms < end
            and (kind == "account" or event.data.get(of) == trigger.subject.id)
        ]
        assert evidence.observed == len(rest_on) == len(set(named(trigger)))
        assert {event.event_id for event in rest_on} == {event.event_id for event in meant}
        assert [event.time_ms for event in rest_on] == sorted((event.time_ms for event in rest_on), reverse=True)


def test_at_most_a_hundred_are_named_and_the_evidence_says_how_many_are_not() -> None:
    many = RULES["T31"].model_copy(
        update={"detector": RULES["T31"].detector.model_validate({
            "kind": "count", "of": {"type": "ticket.created"}, "forms": [{"of": "account", "at_least": 130, "days": "30d"}],
        })}
    )  # fmt: skip
    told = events([(n, "ticket.created", {"ticket_id": f"T-{n}"}) for n in range(130)])

    ((_, trigger),) = fired([many], told)

    assert trigger.evidence.observed == 130
    assert named(trigger) == [("tickets", n % 3, 7 * n) for n in range(129, 129 - MAX_NAMED, -1)]
    assert trigger.evidence.facts["sources_left_out"] == 30


def test_the_events_of_a_condition_are_named_beside_the_event_itself() -> None:
    stated = RULES["T07"].model_dump(mode="json", exclude_unset=True)
    asked = {"event": {"type": "request.use_case"}, "within": "10d"}
    beside = Rule.model_validate({**stated, "id": "X1", "detector": {"kind": "event", "on": [{"type": "ticket.created"}], "also": [asked]}})
    both = {"kind": "all_of", "parts": [asked, {"event": {"type": "ticket.created"}, "within": "10d"}]}
    composite = Rule.model_validate({**stated, "id": "X2", "subject": "account", "detector": both})
    use_case: Said = (0, "request.use_case", {})
    told = events([use_case, (300, "request.use_case", {}), (301, "request.use_case", {}), (310, "ticket.created", {"ticket_id": "T-1"})])

    found = {trigger.rule: trigger for _, trigger in fired([beside, composite], told)}

    asked_for = [("accounts", 2, 14), ("accounts", 1, 7)]
    assert named(found["X1"]) == [("tickets", 0, 21), *asked_for]
    assert named(found["X2"]) == [("tickets", 0, 21), *asked_for]


def test_a_series_from_before_records_were_noted_is_read_and_said_to_be_unnamed() -> None:
    day = 86_400_000
    old = b"\x01" + msgspec.msgpack.encode([{"ticket.reopened[]/ticket_id": [(day, "T-1"), (2 * day, "T-2")]}, 3])
    assert SERIES.decode(old) == Series({"ticket.reopened[]/ticket_id": [Occurrence(day, "T-1"), Occurrence(2 * day, "T-2")]}, 3)

    driver = Driver(SignalsProcessor(RuleBook([RULES["T08"]]), SEGMENTS), "acme")
    driver.cells.put(SERIES, SERIES.decode(old))
    reopened = events([(0, "ticket.reopened", {"ticket_id": "T-1"})], shift=40)
    reopened[0].time_ms = 3 * day
    driver.run(reopened)

    about = {one.effect.trigger.subject.kind: one.effect.trigger for one in driver.happened if isinstance(one.effect, Raise)}
    assert {kind: one.evidence.observed for kind, one in about.items()} == {"ticket": 2, "account": 3}
    assert {kind: named(one) for kind, one in about.items()} == {kind: [("tickets", 0, 40)] for kind in about}
    assert {kind: one.evidence.facts["sources_left_out"] for kind, one in about.items()} == {"ticket": 1, "account": 2}


def test_a_low_score_that_arrives_after_a_better_one_given_later_says_nothing() -> None:
    answers: list[Said] = [(9, "survey.responded", {"kind": "nps", "score": 9, "contact_id": "c-1"})]
    late: Said = (5, "survey.responded", {"kind": "nps", "score": 2, "contact_id": "c-1"})

    assert fired([RULES["T11"]], events([*answers, late])) == []
    assert len(fired([RULES["T11"]], events([late, *answers]))) == 1


def test_what_ended_is_forgotten_after_five_weeks_and_what_is_open_is_not() -> None:
    def ended(at: float, number: int, verb: str = "resolved") -> Said:
        return at, f"ticket.{verb}", {"ticket_id": f"T-{number}", **({"to_management": True} if verb == "escalated" else {})}

    week = 7 * 24
    driver = Driver(SignalsProcessor(RuleBook([RULES["T09"]]), SEGMENTS), "acme")
    driver.run(events([ended(0, 1), ended(1, 2, "escalated"), ended(5 * week, 3), ended(6 * week, 4)]))

    assert list(driver.cells[EPISODES].spells["T09"]) == ["T-2", "T-3", "T-4"]
