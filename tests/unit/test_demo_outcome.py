"""The figures of the demonstration and the comparison at its end."""

import orjson

from streams.demo.outcome import measure
from streams.demo.parity import compare
from streams.fleet.fleet import Fleet, FleetSpec


def record(identity: str, **more: object) -> bytes:
    return orjson.dumps({"trigger_id": identity, **more})


def sides(*triggers: bytes) -> dict[str, list[bytes]]:
    return {"triggers": list(triggers), "play-launches": [], "decisions": []}


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
    outcome = measure(Fleet(FleetSpec()), [], [])

    assert (outcome.fired, outcome.caught_share, outcome.noise, len(outcome.missed)) == ((), 0.0, 0.0, outcome.declines)
    assert outcome.declines > 20
