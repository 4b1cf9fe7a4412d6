"""What support and surveys say of an account: the measures rules ask for, from the events alone."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plays.loading.segments import POLICY, load_segments
from plays.rules.book import RuleBook
from streams.processing.moment import Mode, Moment
from streams.signals import usage
from streams.signals.context import Context
from streams.signals.driver import Driver, flush
from streams.signals.facts.feedback import FEEDBACK, MAX_ANSWERS, MAX_CONTACTS
from streams.signals.facts.support import MAX_CREATED, MAX_TICKETS, SUPPORT
from streams.signals.measures import feedback, support
from streams.signals.measures.measure import Reading
from streams.signals.measures.registry import MEASURES
from streams.signals.processor import SignalsProcessor
from streams.signals.timeline import events_of

SEGMENTS = load_segments(POLICY)
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
Said = tuple[float, str, dict[str, Any]]


def after(said: Sequence[Said]) -> Driver:
    """No rule at all: facts are told whatever rules there are."""
    driver = Driver(SignalsProcessor(RuleBook([]), SEGMENTS), "acme")
    envelope = {"account_id": "acme", "source": "test"}
    payloads = [
        {**envelope, "event_id": f"e{n}", "type": name, "occurred_at": (START + timedelta(days=at)).isoformat(), **data}
        for n, (at, name, data) in enumerate(said)
    ]
    driver.run(events_of(payloads), after_each=flush)
    return driver


def read(name: str, *said: Said, at: float | None = None) -> Reading:
    return reading(name, after(said), at)


def reading(name: str, driver: Driver, at: float | None) -> Reading:
    now_ms = driver.now_ms if at is None else round((START + timedelta(days=at)).timestamp() * 1000)
    context = Context(driver.cells, Moment(now_ms, historical=False, mode=Mode.CATCHING_UP), SEGMENTS)
    return MEASURES[name].read(context, usage.closed(driver.cells, now_ms, 1))


def ticket(at: float, verb: str, **data: Any) -> Said:
    return at, f"ticket.{verb}", {"ticket_id": "T-1", **data}


def survey(at: float, kind: str, score: float, **data: Any) -> Said:
    return at, "survey.responded", {"kind": kind, "score": score, **data}


ESCALATED = (ticket(0, "created"), ticket(1, "escalated", level="L2"))


@pytest.mark.parametrize(
    ("said", "open_"),
    [
        (ESCALATED, 1),
        ((ESCALATED[1], ticket(20, "created", ticket_id="T-2")), 1),  # its creation was before our time
        ((*ESCALATED, ticket(2, "resolved")), 0),
        ((*ESCALATED, ticket(1, "closed")), 0),  # an ending is after what it ends
        ((ticket(1, "closed"), *ESCALATED), 0),
        ((*ESCALATED, ticket(2, "resolved"), ticket(3, "reopened")), 0),
        ((*ESCALATED, ticket(2, "resolved"), ticket(3, "reopened"), ticket(4, "escalated", level="L3")), 1),
        ((*ESCALATED, ticket(2, "escalated", ticket_id="T-2")), 2),
        ((ticket(0, "created"),), 0),
        ((*ESCALATED, (2, "account.churned", {}), (3, "account.reactivated", {})), 0),
    ],
)
def test_an_escalation_is_open_until_its_ticket_is_resolved(said: tuple[Said, ...], open_: int) -> None:
    assert read("open_escalations", *said).value == open_


def test_an_open_escalation_says_which_and_how_far_it_went() -> None:
    told = (*ESCALATED, ticket(2, "escalated", ticket_id="T-2", to_management=True))

    assert read("open_escalations", *told).facts == {"escalated_tickets": "T-1, T-2", "to_management": 1}
    assert read("open_escalations", *ESCALATED).facts == {"escalated_tickets": "T-1"}


@pytest.mark.parametrize(
    ("said", "open_"),
    [
        ((ticket(0, "created", priority="P1"),), 1),
        ((ticket(0, "created", priority="P2"),), 0),
        ((ticket(0, "created", priority="P2"), ticket(1, "priority_changed", priority="P1")), 1),
        ((ticket(0, "created", priority="P1"), ticket(1, "priority_changed", priority="P3")), 0),
        ((ticket(1, "priority_changed", priority="P3"), ticket(0, "created", priority="P1")), 0),  # the older came later
        ((ticket(0, "created", priority="P1"), ticket(1, "resolved")), 0),
        ((ticket(0, "created", priority="P1"), ticket(1, "resolved"), ticket(2, "reopened")), 1),
        ((ticket(0, "created", priority="P1"), ticket(0, "created", priority="P2")), 1),
        ((ticket(0, "created", priority="P2"), ticket(0, "created", priority="P1")), 1),
    ],
)
def test_a_p1_is_open_until_it_is_resolved_or_lowered(said: tuple[Said, ...], open_: int) -> None:
    assert read("open_p1", *said).value == open_


def test_tickets_are_counted_for_thirty_complete_days_and_today() -> None:
    said = [ticket(at, "created", ticket_id=f"T-{at}") for at in (0, 1, 30, 30.1)]

    assert [read("tickets_30d", *said, at=at).value for at in (30.2, 31.2, 60.2, 61.2)] == [4, 3, 2, 0]


def test_sentiment_is_the_mean_of_how_each_ticket_last_sounded() -> None:
    said = (
        ticket(0, "sentiment", score=-1),
        ticket(1, "sentiment", score=0.5),
        ticket(2, "sentiment", ticket_id="T-2", sentiment="negative"),
        ticket(3, "sentiment", ticket_id="T-3", score=3, scale="1-5"),
        ticket(4, "sentiment", ticket_id="T-4", sentiment="dubious"),
        ticket(4, "sentiment", ticket_id="T-5", score=12),
    )

    assert read("ticket_sentiment_30d", *said) == Reading(-0.5 / 3, {"sentiment": "neutral", "sentiment_tickets": 3})
    assert read("ticket_sentiment_30d", *said, at=32) == Reading(-0.5, {"sentiment": "negative", "sentiment_tickets": 2})
    assert read("ticket_sentiment_30d", *said, at=40).value is None


def test_csat_is_the_mean_of_ninety_days_on_one_scale() -> None:
    said = (survey(0, "csat", 5), survey(1, "csat", 0, scale="0-10"), survey(2, "csat", 9), survey(3, "nps", 0), survey(4, "ces", 7))

    assert read("csat_90d", *said) == Reading(3, {"csat_answers": 2, "csat_lowest": 1})
    assert read("csat_answers_90d", *said).value == 2
    assert read("csat_90d", *said, at=91).value == 1
    assert read("csat_90d", *said, at=92).value is None
    assert read("csat_answers_90d", *said, at=92).value == 0


def test_nps_is_the_mean_of_the_latest_of_each_contact() -> None:
    said = (
        survey(0, "nps", 2, contact_id="c-1"),
        survey(5, "nps", 10, contact_id="c-2"),
        survey(4, "nps", 8, contact_id="c-1"),
        survey(3, "nps", 0, contact_id="c-1"),  # the older came later
        survey(6, "nps", 0),
        survey(7, "nps", 6),  # who has no name is one
    )

    assert read("nps_latest", *said) == Reading(8, {"nps_contacts": 3, "nps_lowest": 6})
    assert read("nps_latest").value is None


def test_the_last_review_that_says_how_it_went_stands() -> None:
    negative: Said = (1, "qbr.completed", {"sentiment": "negative"})
    silent: Said = (2, "qbr.completed", {})

    assert read("qbr_sentiment", negative, silent).value == "negative"
    assert read("qbr_sentiment", negative, (3, "qbr.completed", {"sentiment": "positive"})).value == "positive"
    assert read("qbr_sentiment", (1, "qbr.completed", {"sentiment": "positive"}), negative).value == "negative"
    assert read("qbr_sentiment", silent).value is None


def test_what_is_kept_is_bounded() -> None:
    many = [ticket(n / 100, "created", ticket_id=f"T-{n}", category="x") for n in range(1_200)]
    sounds = [ticket(12 + n / 100, "sentiment", ticket_id=f"T-{n}", score=0.1) for n in range(400)]
    answers = [survey(20 + n / 1_000, kind, 5, contact_id=f"c-{n}") for n in range(700) for kind in ("csat", "nps")]
    cells = after([*many, *sounds, *answers]).cells
    asked, said = cells[SUPPORT], cells[FEEDBACK]

    assert (len(asked.tickets), len(asked.created), len(asked.sentiments)) == (MAX_TICKETS, MAX_CREATED, MAX_TICKETS)
    assert (len(said.csat), len(said.nps)) == (MAX_ANSWERS, MAX_CONTACTS)
    assert "T-1199" in asked.tickets
    assert "c-699" in said.nps


def test_what_ended_is_forgotten_in_time_and_before_what_is_open() -> None:
    said = [ticket(0, "created"), ticket(1, "resolved"), ticket(2, "created", ticket_id="T-2")]
    assert list(after(said).cells[SUPPORT].tickets) == ["T-1", "T-2"]
    assert list(after([*said, ticket(9, "created", ticket_id="T-3")]).cells[SUPPORT].tickets) == ["T-2", "T-3"]


_VERBS = ("created", "escalated", "reopened", "resolved", "closed", "sentiment")
_TICKETS = st.builds(
    lambda at, verb, number, data: ticket(at, verb, ticket_id=f"T-{number}", **data),
    st.integers(0, 3),
    st.sampled_from(_VERBS),
    st.integers(0, 2),
    st.sampled_from([{}, {"priority": "P1"}, {"score": -0.3}, {"score": 0.7}]),
)
_SURVEYS = st.builds(
    lambda at, kind, score, contact: survey(at, kind, score, **({} if contact is None else {"contact_id": contact})),
    st.integers(0, 3),
    st.sampled_from(["csat", "nps"]),
    st.integers(1, 5),
    st.sampled_from([None, "c-1", "c-2"]),
)
_REVIEWS = st.builds(
    lambda at, word: (at, "qbr.completed", {"sentiment": word}), st.integers(0, 3), st.sampled_from(["positive", "negative"])
)
_NAMES = (*(measure.name for measure in support.MEASURES), *(measure.name for measure in feedback.MEASURES))


@settings(deadline=None)
@given(st.lists(_TICKETS | _SURVEYS | _REVIEWS, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(said: list[Said], chance: Any) -> None:
    other = list(said)
    chance.shuffle(other)

    first, second = after(said), after(other)

    assert {name: reading(name, first, 5).value for name in _NAMES} == {name: reading(name, second, 5).value for name in _NAMES}
