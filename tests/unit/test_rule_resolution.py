"""What a rule means on a path: most specific wins, value by value, and where each value comes from; refused overrides."""

import json
from fractions import Fraction
from pathlib import Path
from shutil import copytree
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from plays.loading.errors import ConfigError
from plays.loading.rules import LIBRARY, load_rules
from plays.loading.run_policy import DEFAULT_POLICY
from plays.loading.segments import POLICY, load_segments
from plays.rules.book import CompiledRule, RuleBook
from plays.rules.detectors.any_kind import AnyParameters
from plays.rules.detectors.drop import DropParameters
from plays.rules.resolution import Layer, override_problems, resolve
from plays.rules.rule import Rule
from plays.rules.timeline import Case
from schemas.records.trigger import Trigger
from streams.cli.compose import load_configuration
from streams.processing.effects import Raise
from streams.processing.library import change_between
from streams.signals.driver import Driver
from streams.signals.processor import SignalsProcessor
from streams.signals.timeline import events_of

SEGMENTS = load_segments(POLICY)
RULES = {rule.id: rule for rule in load_rules(LIBRARY, SEGMENTS.names)}
PATHS = [("all",), ("all", "tech"), ("all", "human-touch"), ("all", "human-touch", "mid"), ("all", "human-touch", "high")]
KINDS = get_args(get_args(AnyParameters)[0])


def with_overrides(rule_id: str, **by_segment: dict[str, Any]) -> Rule:
    named = {segment.replace("_", "-"): values for segment, values in by_segment.items()}
    return Rule.model_validate({**RULES[rule_id].model_dump(mode="json", exclude_unset=True), "overrides": named})


def fired(rule: Rule, story: dict[str, Any], *policy: Layer) -> list[Trigger]:
    case = TypeAdapter(Case).validate_python({"name": "story", "kind": "fires", **story})
    driver = Driver(SignalsProcessor(RuleBook([rule], {rule.id: policy}), SEGMENTS), "acme")
    driver.run(events_of(case.payloads()), None if case.until is None else round(case.moment(case.until).timestamp() * 1000))
    return [one.effect.trigger for one in driver.happened if isinstance(one.effect, Raise)]


TICKET = {"at": "d1 09:00", "type": "ticket.created", "data": {"ticket_id": "T-1", "priority": "P1"}}


def test_a_trigger_carries_what_holds_for_its_segment_and_says_who_set_it() -> None:
    rule = with_overrides(
        "T07", all={"sla": "4h"}, human_touch={"priority": "P2"}, high={"sla": "1h", "owner": "csm+support_lead", "play": "PB2"}
    )
    high, mid, tech = (fired(rule, {"profile": {"touch_model": touch}, "events": [TICKET]})[0] for touch in ("high", "mid", "tech"))

    assert (high.play, high.owner_role, high.first_action, high.priority) == ("PB2", "csm+support_lead", "1h", "P2")
    assert (mid.play, mid.owner_role, mid.first_action, mid.priority) == ("swat", "support_lead", "4h", "P2")
    assert (tech.play, tech.owner_role, tech.first_action, tech.priority) == ("swat", "support_lead", "4h", "P1")
    assert high.evidence.set_by == {
        "owner": "high (rule file)", "play": "high (rule file)", "priority": "human-touch (rule file)", "sla": "high (rule file)",
    }  # fmt: skip
    assert tech.evidence.set_by == {"sla": "all (rule file)"}
    assert json.loads(high.to_json())["evidence"]["segment_path"] == ["all", "human-touch", "high"]


def test_at_one_segment_the_policy_wins_over_a_chosen_alternative_and_that_over_the_rule_file() -> None:
    rule = with_overrides("T07", high={"sla": "1h", "owner": "csm", "priority": "P2"})
    layers = (
        Layer("policy, quick", {"high": {"sla": "3h", "owner": "cs_lead"}}),
        Layer("policy", {"high": {"sla": "5h"}, "all": {"priority": "P4"}}),
    )

    found = CompiledRule(rule, layers).resolve(("all", "human-touch", "high"))

    assert (found.sla, found.owner, found.priority) == ("5h", "cs_lead", "P2")
    assert found.set_by == {"owner": "high (policy, quick)", "priority": "high (rule file)", "sla": "high (policy)"}


VALUES = {
    "floor": st.integers(1, 100), "ratio": st.sampled_from(["0.5", "0.6", "0.7"]), "sla": st.sampled_from(["1h", "5bd", "-"]),
    "priority": st.sampled_from(["P1", "P2", "P3", "P4"]), "owner": st.sampled_from(["csm", "cs_lead"]),
    "play": st.sampled_from(["a", "b"]),
}  # fmt: skip
BY_SEGMENT = st.dictionaries(st.sampled_from(SEGMENTS.names), st.fixed_dictionaries({}, optional=VALUES))


@given(st.lists(BY_SEGMENT, max_size=3), st.sampled_from(PATHS))
def test_the_value_that_holds_is_the_last_one_said_going_down_the_path(
    stated: list[dict[str, dict[str, Any]]], path: tuple[str, ...]
) -> None:
    layers = [Layer(f"layer {n}", by_segment) for n, by_segment in enumerate(stated)]
    rule = RULES["T04"]

    found = resolve(rule, layers, path)

    for name in VALUES:
        said = [
            (by[segment][name], f"{segment} (layer {n})") for segment in path for n, by in enumerate(stated) if name in by.get(segment, {})
        ]
        held, own = (getattr(of, name, None) or getattr(of.parameters, name) for of in (found, resolve(rule, [], path)))
        wanted = said[-1][0] if said else own
        assert held == (Fraction(wanted) if name == "ratio" else wanted)
        assert found.set_by.get(name) == (said[-1][1] if said else None)


def test_a_path_is_resolved_once() -> None:
    compiled = CompiledRule(with_overrides("T04", high={"floor": 100}))

    assert compiled.resolve(PATHS[4]) is compiled.resolve(PATHS[4])
    assert isinstance(compiled.parameters(PATHS[4]), DropParameters)


# Every figure that a kind lets differ by segment is read by its logic: the rule's own value fires, the override does not.
ABSENT = {"profile": {"touch_model": "mid"}, "events": [{"at": "d0 09:00", "type": "account.created"}], "until": "d9"}
SIGNED = {"at": "d0 01:00", "type": "contract.started", "data": {"contract_id": "C", "renewal_date": "d130"}}
LOW = {"at": "d0 02:00", "type": "renewal.confidence", "data": {"contract_id": "C", "confidence": "low"}}
RENEWAL = {"profile": {"touch_model": "mid"}, "events": [SIGNED, LOW], "until": "d11"}
CHAMPION = {"at": "d0 09:00", "type": "contact.added", "data": {"contact_id": "c1", "role": "champion"}}
LEFT = {"profile": {"touch_model": "mid"}, "events": [CHAMPION, {"at": "d5 09:00", "type": "contact.left", "data": {"contact_id": "c1"}}]}
INVOICE = {"at": "d0 09:00", "type": "invoice.issued", "data": {"invoice_id": "I", "due": "d3"}}
UNPAID = {"profile": {"touch_model": "mid"}, "events": [INVOICE], "until": "d12"}
STARTED = {"at": "d0 09:00", "type": "milestone.started", "data": {"milestone_id": "M"}}
STALLED = {"profile": {"touch_model": "mid"}, "events": [STARTED]}
CREATED = {"type": "ticket.created", "data": {"ticket_id": "T"}}
PILE = {"profile": {"touch_model": "mid"}, "events": [{**CREATED, "at": f"d{day} 09:00"} for day in (60, 61, 62)]}
WEEKS = [{"at": "d0..d34 09:00", "type": "feature.used", "data": {"feature": "export"}, "count": 10, "users": 10}]
FALL = {"profile": {"touch_model": "mid", "seats": 4}, "events": [*WEEKS, {**WEEKS[0], "at": "d35..d50 09:00", "count": 1}], "until": "d51"}

ITEM = {"at": "d1 09:00", "type": "action_item.created", "data": {"item_id": "A", "due": "d3", "owner": "Priya Nair"}}
PROMISE = {"profile": {"touch_model": "mid"}, "events": [{"at": "d0 09:00", "type": "plan.created"}, ITEM], "until": "d20"}


@pytest.mark.parametrize(
    ("rule_id", "story", "override"),
    [
        ("J2", ABSENT, {"days": 20}),
        ("T02", {**ABSENT, "events": [{"at": "d0 09:00", "type": "account.handoff"}]}, {"days": 20}),
        ("T19", RENEWAL, {"from_days": 100}),
        ("T19", {**RENEWAL, "events": [{**SIGNED, "data": {"contract_id": "C", "renewal_date": "d100"}}, LOW]}, {"until_days": 110}),
        ("T19", RENEWAL, {"confidence": ["medium"]}),
        ("T16", LEFT, {"away_from": ["decision_maker"]}),
        ("PB2", PILE, {"forms": [{"of": "account", "at_least": 4, "days": "7d"}]}),
        ("T15", UNPAID, {"days_after": 9}),
        ("T27", {**RENEWAL, "until": "d60"}, {"from_days": 70}),
        ("J4", {**ABSENT, "until": "d40"}, {"at": ["50d"]}),
        ("T50", PROMISE, {"days_after": 90}),
        ("T41", {"profile": {"touch_model": "mid"}, "until": "d93"}, {"days": 100}),
        ("T03", {**STALLED, "until": "d20"}, {"days": 30}),
        ("T30", PILE, {"at_least": 4}),
        ("T30", PILE, {"probability": 0.0000001}),
        ("T04", FALL, {"floor": 80}),
        ("T04", FALL, {"ratio": 0.05}),
        ("T04", FALL, {"z_min": 9}),
        ("PB1", FALL, {"ratio": 0.05}),
    ],
)
def test_a_figure_of_the_segment_is_the_one_that_counts(rule_id: str, story: dict[str, Any], override: dict[str, Any]) -> None:
    rule = RULES[rule_id]

    assert [trigger.rule for trigger in fired(rule, story)] == [rule_id]
    assert fired(with_overrides(rule_id, mid=override), story) == []
    assert [trigger.rule for trigger in fired(with_overrides(rule_id, high=override), story)] == [rule_id]
    assert fired(rule, story, Layer("policy", {"mid": override})) == []


@pytest.mark.parametrize(
    ("first", "then", "at", "fires"),
    [("high", "mid", "d95", "2026-06-05"), ("mid", "high", "d50", "2026-09-18"), ("high", "mid", "d50", "2026-06-02")],
)
def test_an_account_that_passes_to_another_segment_is_waited_for_by_its_new_figures(first: str, then: str, at: str, fires: str) -> None:
    moved = {"at": f"{at} 09:00", "type": "account.updated", "data": {"touch_model": then}}
    story = {"profile": {"touch_model": first}, "events": [moved], "until": "d210"}

    found = fired(with_overrides("T41", high={"days": "200d"}), story)

    assert [trigger.time.date().isoformat() for trigger in found] == [fires]


MANY = {"measure": "active_users_7d", "at_least": 5}
ASKED = {"event": {"type": "request.use_case"}, "within": "30d"}
ASKS = {"at": "d40 09:00", "type": "request.use_case"}


@pytest.mark.parametrize(
    ("detector", "override"),
    [
        ({"kind": "all_of", "parts": [ASKED, MANY]}, {"parts": [ASKED, {**MANY, "at_least": 50}]}),
        ({"kind": "any_of", "parts": [MANY, {**MANY, "at_least": 90}]}, {"parts": [{**MANY, "at_least": 50}] * 2}),
        ({"kind": "event", "on": [{"type": "request.use_case"}], "also": [MANY]}, {"also": [{**MANY, "at_least": 50}]}),
    ],
    ids=["all_of", "any_of", "event"],
)
def test_bounds_of_parts_may_differ_by_segment(detector: dict[str, Any], override: dict[str, Any]) -> None:
    story = {"profile": {"touch_model": "mid"}, "events": [*WEEKS, ASKS], "until": "d41"}
    stated = {**RULES["T07"].model_dump(mode="json", exclude_unset=True), "subject": "account", "detector": detector}
    rule, other = Rule.model_validate(stated), Rule.model_validate({**stated, "overrides": {"mid": override}})

    assert len(fired(rule, story)) == 1
    assert fired(other, story) == []
    assert list(override_problems(rule, override)) == []


def test_what_parts_look_at_may_not() -> None:
    detector = {"kind": "all_of", "parts": [ASKED, MANY]}
    rule = Rule.model_validate({**RULES["T07"].model_dump(mode="json", exclude_unset=True), "subject": "account", "detector": detector})

    (problem,) = override_problems(rule, {"parts": [MANY, MANY]})

    assert "changes what the rule listens to" in problem.what


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: str(kind.__name__))
def test_what_may_differ_by_segment_are_figures_of_the_kind(kind: Any) -> None:
    assert kind.by_segment <= set(kind.model_fields) - {"kind"}


@pytest.mark.parametrize(
    ("rule_id", "values", "what"),
    [
        ("T07", {"on": []}, "on of rule T07 cannot differ by segment: event reads it once"),
        ("T07", {"floor": 3}, "event of rule T07 has no figure 'floor'"),
        ("PB2", {"forms": [{"of": "ticket", "at_least": 3, "days": "7d"}]}, "changes what the rule listens to"),
        ("PB2", {"forms": []}, "forms: Tuple should have at least 1 item"),
        ("T04", {"play": "no way"}, "play: String should match pattern"),
    ],
)
def test_an_override_the_kind_cannot_honour_is_refused(rule_id: str, values: dict[str, Any], what: str) -> None:
    (problem,) = override_problems(RULES[rule_id], values)

    assert what in problem.what
    assert problem.fix


# The policy's own file.


def policy(folder: Path, overrides: str) -> Path:
    copytree(DEFAULT_POLICY, folder / "policy")
    (folder / "policy" / "overrides.yaml").write_text(overrides, encoding="utf-8")
    return folder / "policy"


ALTERNATIVES = """
alternatives:
  slow:
    {says: four hours are enough, instead_of: two hours as it is, source: the table, rules: {T07: {all: {sla: 4h}}}}
  slower:
    {says: eight hours are enough, instead_of: two hours as it is, source: the table, rules: {T07: {all: {sla: 8h}}}}
  fewer:
    {says: one checkpoint is enough, instead_of: three of them, source: the table, off: [T19, T21]}
  bands:
    {says: fifty thousand is mid, instead_of: it is high here, source: the table, touch_bands: {high: 50001, mid: 5000}}
"""


def test_the_policy_sets_values_and_chooses_alternatives(tmp_path: Path) -> None:
    folder = policy(tmp_path, f"rules: {{T04: {{tech: {{floor: 50}}}}}}\nchoose: [slow, fewer, bands]{ALTERNATIVES}")

    found = load_configuration(policy=folder, only=("all",))

    assert found.rules["T07"].resolve(("all", "tech")).set_by == {"sla": "all (policy, slow)"}
    assert found.rules["T04"].resolve(("all", "tech")).set_by == {"floor": "tech (policy)"}
    assert {compiled.rule.id for compiled in found.rules} & {"T19", "T20", "T21"} == {"T20"}
    assert found.segments.bands.high == 50_001


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("rules:\n  T04:\n    vip: {floor: 5}\n", 3, "no segment 'vip'"),
        ("rules:\n  T99:\n    all: {sla: 5h}\n", 2, "the library has no rule T99"),
        ("rules:\n  T04:\n    all:\n      colour: red\n", 4, "for all: drop of rule T04 has no figure 'colour'"),
        ("rules:\n  T04:\n    all: {play: dance}\n", 1, "rule T04 launches play 'dance', which nobody wrote"),
        ("rules:\n  T04:\n    all: {ratio: 0.95}\n", 1, "rule T04 for all: the rule would re-arm where it fires"),
        ("choose: [slow, fast]" + ALTERNATIVES, 1, "no alternative 'fast'"),
        ("choose: [slow, slower]" + ALTERNATIVES, 1, "slow and slower both say T07 sla for all"),
        ("alternatives:\n  idle: {says: nothing at all, instead_of: something else, source: nowhere}\n", 2, "idle changes nothing"),
    ],
)
def test_overrides_that_mean_nothing_are_refused_with_their_line(tmp_path: Path, text: str, line: int, what: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load_configuration(policy=policy(tmp_path, text), only=("all",))

    assert any(what in one.what and one.line == line and one.fix for one in refused.value.complaints), str(refused.value)


def test_a_policy_without_the_file_sets_nothing(tmp_path: Path) -> None:
    folder = policy(tmp_path, "")
    (folder / "overrides.yaml").unlink()

    assert load_configuration(policy=folder).revision == load_configuration().revision


def test_what_the_policy_sets_for_a_rule_edits_that_rule_and_no_other(tmp_path: Path) -> None:
    before = load_configuration(only=("all",)).pipeline().library
    after = load_configuration(policy=policy(tmp_path, "rules: {T07: {high: {sla: 1h}}}\n"), only=("all",)).pipeline().library

    change = change_between(before, after)

    assert [sorted(part) for part in change[:3]] == [[], ["T07"], []]
    assert before.revision != after.revision
