"""Which events a matcher means, and what a score is on another scale."""

from typing import Any

import pytest

from plays.rules.matcher import EventMatch
from plays.rules.scales import bounds, scale_of, scaled


def match(**stated: Any) -> EventMatch:
    return EventMatch.model_validate({"type": "survey.responded", **stated})


@pytest.mark.parametrize(
    ("stated", "data", "meant"),
    [
        ({}, {}, True),
        ({"where": {"kind": "nps"}}, {"kind": "nps"}, True),
        ({"where": {"kind": "nps"}}, {"kind": "csat"}, False),
        ({"where": {"kind": "nps"}}, {}, False),
        ({"where": {"kind": ["nps", "ces"]}}, {"kind": "ces"}, True),
        ({"where": {"kind": ["nps", "ces"]}}, {"kind": "csat"}, False),
        ({"where": {"kind": "nps", "scale": "0-10"}}, {"kind": "nps"}, False),
        ({"where": {"kind": "nps", "scale": "0-10"}}, {"kind": "nps", "scale": "0-10"}, True),
        ({"at_most": {"score": 6}}, {"score": 6}, True),
        ({"at_most": {"score": 6}}, {"score": 7}, False),
        ({"at_most": {"score": 6}}, {}, False),
        ({"at_least": {"score": 6}}, {"score": 6}, True),
        ({"at_least": {"score": 6}}, {"score": 5}, False),
        ({"above": {"score": 6}}, {"score": 6}, False),
        ({"above": {"score": 6}}, {"score": 7}, True),
        ({"at_least": {"score": 3}, "at_most": {"score": 6}}, {"score": 2}, False),
        ({"at_least": {"score": 3}, "at_most": {"score": 6}}, {"score": 3}, True),
        ({"at_least": {"score": 3}, "at_most": {"score": 6}}, {"score": 7}, False),
        ({"missing": ["contact_id", "comment"]}, {"contact_id": "c"}, True),
        ({"missing": ["contact_id", "comment"]}, {"contact_id": "c", "comment": "-"}, False),
        ({"missing": ["contact_id"]}, {}, True),
        ({"missing": ["contact_id"], "at_most": {"score": 6}}, {"score": 7}, False),
        ({"at_most": {"score": 2}, "scaled": "1-5"}, {"score": 2.5, "scale": "0-10"}, True),
        ({"at_most": {"score": 2}, "scaled": "1-5"}, {"score": 3, "scale": "0-10"}, False),
        ({"at_most": {"score": 2}, "scaled": "1-5"}, {"score": 1, "kind": "nps"}, True),
        ({"at_most": {"score": 2}, "scaled": "1-5"}, {"score": 1, "kind": "unheard of"}, False),
        ({"at_most": {"score": 2}, "scaled": "1-5"}, {"score": 0, "kind": "csat"}, False),
    ],
)
def test_an_event_is_meant(stated: dict[str, Any], data: dict[str, Any], meant: bool) -> None:
    assert match(**stated).holds(data) is meant


def test_a_bounded_figure_is_told_with_its_bound_and_unit_where_there_is_one() -> None:
    assert match(at_most={"score": 6}).figure({"score": 4}) == (4, 6, "score")
    assert match(at_most={"score": 2}, scaled="1-5").figure({"score": 10, "scale": "0-10"}) == (5, 2, "on 1-5")
    assert match(at_most={"score": 6}).figure({}) is None
    assert match(at_most={"score": 6}, at_least={"score": 1}).figure({"score": 4}) is None
    assert match().figure({"score": 4}) is None


def test_a_matcher_has_a_name_of_its_own() -> None:
    stated: list[dict[str, Any]] = [
        {}, {"where": {"kind": "nps"}}, {"where": {"kind": "nps", "scale": "0-10"}}, {"at_most": {"score": 2}}, {"at_least": {"score": 2}},
        {"above": {"score": 2}}, {"at_most": {"score": 2}, "scaled": "1-5"}, {"missing": ["comment"]}, {"missing": ["contact_id"]},
    ]  # fmt: skip

    assert match(where={"kind": "nps"}, at_most={"score": 2}, scaled="1-5").key == "survey.responded[kind=nps,score<=2,@1-5]"
    assert match().key == "survey.responded[]"
    assert len({match(**one).key for one in stated}) == len(stated)


@pytest.mark.parametrize(
    ("stated", "problem"),
    [
        ({"where": {"unheard": 1}}, "survey.responded has no field 'unheard'"),
        ({"at_most": {"unheard": 1}}, "survey.responded has no field 'unheard'"),
        ({"at_least": {"unheard": 1}}, "survey.responded has no field 'unheard'"),
        ({"above": {"unheard": 1}}, "survey.responded has no field 'unheard'"),
        ({"missing": ["unheard"]}, "survey.responded has no field 'unheard'"),
        ({"scaled": "1-5"}, "`scaled` is about `score`, which is not bounded"),
        ({"scaled": "five", "above": {"score": 1}}, "'five' is no scale: write lowest-highest such as 1-5"),
    ],
)
def test_what_no_event_can_have_is_a_problem(stated: dict[str, Any], problem: str) -> None:
    assert [one.what for one in match(**stated).problems()] == [problem]


def test_what_events_can_have_is_none() -> None:
    assert list(match(where={"kind": "nps"}, at_least={"score": 6}, scaled="0-10", missing=["comment"]).problems()) == []
    assert list(match(above={"score": 6}, scaled="0-10").problems()) == []
    assert [one.what for one in EventMatch(type="un.heard", where={"kind": 1}).problems()] == ["no event type 'un.heard'"]


def test_scales_are_ranges() -> None:
    assert bounds("0-10") == (0, 10)
    assert bounds("-1-1") == (-1, 1)
    assert bounds("0.5-4.5") == (0.5, 4.5)
    for text in ("5-5", "5-1", "1", "1-5-9", ""):
        with pytest.raises(ValueError, match="is no scale"):
            bounds(text)


def test_a_score_says_its_scale_or_its_survey_does() -> None:
    assert [scale_of({"kind": kind}) for kind in ("nps", "csat", "ces", "other")] == ["0-10", "1-5", "1-7", None]
    assert scale_of({"kind": "nps", "scale": "1-5"}) == "1-5"
    assert scale_of({}) is None


@pytest.mark.parametrize(
    ("score", "scale", "onto", "moved"),
    [
        (1, "1-5", "0-10", 0), (5, "1-5", "0-10", 10), (3, "1-5", "0-10", 5), (2, "1-5", "1-5", 2), (0, "1-5", "0-10", None),
        (6, "1-5", "0-10", None), (3, None, "0-10", None), (3, "stars", "0-10", None), (4, "1-7", "-1-1", 0), (7, "1-7", "2-4", 4),
    ],
)  # fmt: skip
def test_a_score_moves_linearly_and_from_within_its_scale_alone(score: float, scale: str | None, onto: str, moved: float | None) -> None:
    assert scaled(score, scale, onto) == moved
