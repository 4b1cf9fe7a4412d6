"""The figures of the demonstration and the comparison at its end."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import orjson
import pytest

from streams.demo.errors import DemoError
from streams.demo.letters import Letter, Letters, event_id_of, sort_out
from streams.demo.outcome import measure
from streams.demo.outcome_file import fired_rules, write_outcome
from streams.demo.parity import compare
from streams.demo.picture import scores
from streams.demo.plan import DemoPlan
from streams.fleet.fleet import Fleet, FleetSpec


def record(identity: str, **more: object) -> bytes:
    return orjson.dumps({"trigger_id": identity, **more})


def sides(*triggers: bytes) -> dict[str, list[bytes]]:
    return {"triggers": list(triggers), "play-launches": [], "play-outcomes": [], "decisions": [], "health": []}


def test_equal_records_in_another_order_are_equal() -> None:
    assert compare(sides(record("a"), record("b")), sides(record("b"), record("a"))).equal


def test_places_in_the_log_are_left_out_but_not_their_number() -> None:
    there = record("a", evidence={"sources": [{"offset": 1}]})
    moved = record("a", evidence={"sources": [{"offset": 9}]})
    fewer = record("a", evidence={"sources": []})

    assert compare(sides(there), sides(moved)).equal
    assert not compare(sides(there), sides(fewer)).equal


def test_a_record_too_many_is_named() -> None:
    check = compare(sides(record("a"), record("a")), sides(record("a")))

    assert (check.equal, check.only_worker, check.only_replay) == (False, (record("a"),), ())


def test_nothing_against_nothing_proves_nothing() -> None:
    assert not compare(sides(), sides()).equal


def test_without_any_trigger_every_rule_is_silent_and_every_decline_missed() -> None:
    outcome = measure(Fleet(FleetSpec()), [], [], ["T04", "J5"])

    assert (outcome.silent_rules, outcome.caught_share, outcome.noise, len(outcome.missed)) == (("J5", "T04"), 0.0, 0.0, outcome.declines)
    assert outcome.declines > 20


def test_the_outcome_file_tells_which_rules_fired_and_which_ran_in_vain(tmp_path: Path) -> None:
    plan = DemoPlan.quick(tmp_path, "x", 7, date(2026, 11, 16))
    outcome = measure(Fleet(plan.spec), [], [], ["T04", "J5"])
    write_outcome(plan, "a broker", replace(outcome, triggers_by_rule={"J5": 3}, silent_rules=("T04",)), None)

    assert fired_rules(plan.outcome_file) == {"J5": 3}
    assert list(orjson.loads(plan.outcome_file.read_bytes())["rules"]) == ["J5", "T04"]


@pytest.mark.parametrize("content", [None, b"", b"[]", b"{}", b'{"rules": 3}'])
def test_what_is_no_outcome_file_is_refused_with_the_command_that_makes_one(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "outcome.json"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(DemoError, match="run `playcall demo`"):
        fired_rules(path)


def test_only_what_crossed_the_end_of_its_run_explains_a_dead_letter() -> None:
    crossed = Letter("play-updates", "wrong_state", "run r is already closed", "a")
    unknown, other = crossed._replace(reason="unknown_run"), crossed._replace(event_id="b")

    found = sort_out([crossed, unknown, other], {"a"})

    assert found == Letters((crossed,), (unknown, other))
    said = "1 unknown_run on play-updates, 1 wrong_state on play-updates, 1 answers of the CRM that crossed the end of their run"
    assert str(found) == f"3 dead letters ({said})"
    assert str(sort_out([], {"a"})) == "0 dead letters"


@pytest.mark.parametrize(
    ("value", "identity"), [(b'{"event_id": "a"}', "a"), (b'{"event_id": 7}', ""), (b"[]", ""), (b"{", ""), (None, "")]
)
def test_the_event_of_a_dead_letter_is_read_where_it_can_be(value: bytes | None, identity: str) -> None:
    assert event_id_of(value) == identity


def test_a_dead_letter_that_nothing_explains_misses_the_bar() -> None:
    letter = Letter("play-updates", "wrong_state", "run r is already closed")
    of = {letters: measure(Fleet(FleetSpec()), [], [], [], letters) for letters in (Letters((letter,)), Letters((), (letter,)))}

    assert [(scores(outcome)[-1].passed, scores(outcome)[-1].value) for outcome in of.values()] == [(True, "0"), (False, "1")]
