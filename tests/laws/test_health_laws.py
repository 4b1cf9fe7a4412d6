"""Laws of the health score: it is the sum of its parts, whatever is missing; what is told adds up to what is known."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from plays.loading.health import load_health
from plays.loading.segments import POLICY, load_segments
from plays.policy.health import BANDS, HealthPolicy
from plays.rules.book import RuleBook
from schemas.records.health_changed import HealthChanged
from streams.processing.effects import Tell
from streams.signals.driver import Driver, flush
from streams.signals.health.state import HEALTH, KEPT_DAYS, Change, Health, note
from streams.signals.processor import SignalsProcessor
from streams.signals.timeline import events_of

SEGMENTS = load_segments(POLICY)
SHIPPED = load_health(POLICY, SEGMENTS.names)
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
LAWS = settings(max_examples=200, deadline=None)

happening = st.one_of(
    st.fixed_dictionaries({"type": st.just("data.refreshed"), "dataset": st.sampled_from(["crm", "mail"])}),
    st.fixed_dictionaries(
        {"type": st.just("contract.started"), "contract_id": st.sampled_from(["C-1", "C-2"]), "renewal_date": st.just("2027-01-01")}
    ),
    st.fixed_dictionaries({"type": st.just("renewal.confidence"), "confidence": st.sampled_from(["low", "medium", "high"])}),
    st.fixed_dictionaries(
        {"type": st.just("feature.used"), "feature": st.sampled_from(["a", "b"]), "user_id": st.sampled_from(["u", "v"])}
    ),
    st.fixed_dictionaries({"type": st.just("account.updated"), "acv": st.sampled_from([1_000, 20_000, 90_000])}),
)
stories = st.lists(st.tuples(st.integers(0, 24 * 90), happening), max_size=20)


def lived(story: list[tuple[int, dict[str, Any]]], *, flushed: bool = False) -> tuple[list[HealthChanged], Driver]:
    driver = Driver(SignalsProcessor(RuleBook([]), SEGMENTS, SHIPPED), "acme")
    ordered = sorted(story, key=lambda one: one[0])
    events = events_of(
        [
            {"event_id": f"e{n}", "account_id": "acme", "source": "law", "occurred_at": (START + timedelta(hours=at)).isoformat(), **one}
            for n, (at, one) in enumerate(ordered)
        ]
    )
    driver.run(events, round((START + timedelta(days=150)).timestamp() * 1000), after_each=flush if flushed else None)
    return [one.effect.change for one in driver.happened if isinstance(one.effect, Tell)], driver


@LAWS
@given(stories)
def test_a_score_is_the_sum_of_its_parts_and_says_what_it_lacks(story: list[tuple[int, dict[str, Any]]]) -> None:
    for change in lived(story)[0]:
        known = [part for part in change.parts if part.points is not None]
        weight = sum(part.weight for part in known)
        exact = Fraction(sum(Fraction(part.weight) * Fraction(part.points or 0) for part in known)) / weight

        assert abs(Fraction(change.score) - Fraction(exact)) <= Fraction(1, 20) + Fraction(1, 10**9)
        assert [part.effective_weight for part in change.parts] == [
            0 if part.points is None else round(100 * part.weight / weight, 2) for part in change.parts
        ]
        assert sum(part.weight for part in change.parts) == 100
        assert change.band == SHIPPED.bands.band(change.score)


@LAWS
@given(stories)
def test_changes_follow_one_another_and_end_at_what_is_remembered(story: list[tuple[int, dict[str, Any]]]) -> None:
    changes, driver = lived(story)
    before: tuple[float | None, str | None] = (None, None)
    for change in changes:
        assert (change.score_before, change.band_before) == before
        assert (change.score, change.band) != before
        before = (change.score, change.band)

    assert len({change.health_id for change in changes}) == len(changes)
    health = driver.cells[HEALTH]
    assert before == ((None, None) if not changes else (health.score / 10, health.band))


@LAWS
@given(stories)
def test_state_may_be_encoded_after_any_event(story: list[tuple[int, dict[str, Any]]]) -> None:
    assert [str(one) for one in lived(story, flushed=True)[0]] == [str(one) for one in lived(story)[0]]


@LAWS
@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 1000)), max_size=300))
def test_what_was_is_remembered_for_a_hundred_days_and_no_more(steps: list[tuple[int, int]]) -> None:
    health, told = Health(), {}
    for day, score in sorted(steps, key=lambda step: step[0]):
        note(health, Change(day, score, 0, "healthy"))
        told[day] = score

    newest = max(told, default=0)
    for back in range(30, KEPT_DAYS, 7):
        known = [day for day in told if day <= newest - back]
        found = health.at(newest - back)
        assert (None if found is None else found.score) == (told[max(known)] if known else None)
    assert len(health.changes) <= KEPT_DAYS + 2


def test_every_set_of_weights_adds_up_and_every_account_has_one() -> None:
    assert [sum(weights.values()) for weights in SHIPPED.weights.values()] == [100] * len(SHIPPED.weights)
    assert SHIPPED.set_for(("all",)) in SHIPPED.weights
    assert [SHIPPED.bands.band(score) for score in (70, 69.9, 40, 39.9)] == [BANDS[0], BANDS[1], BANDS[1], BANDS[2]]


def test_a_policy_that_does_not_add_up_is_refused() -> None:
    stated = SHIPPED.model_dump(exclude_unset=True)
    name = next(iter(SHIPPED.weights))
    wrong = {**stated, "weights": {name: {next(iter(SHIPPED.indicators)): 90}}, "by_segment": {"all": name, "nowhere": "none"}}

    policy = HealthPolicy.model_validate(wrong)

    assert [(problem.loc[0], problem.what) for problem in policy.problems()] == [
        ("weights", "the weights add up to 90"), ("by_segment", "no weights 'none'"),
    ]  # fmt: skip
    assert [problem.what for problem in policy.segment_problems(SEGMENTS.names)] == ["no segment 'nowhere'"]
