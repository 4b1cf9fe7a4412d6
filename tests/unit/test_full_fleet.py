"""The whole library on the demonstration's fleet, replayed without Kafka: every rule speaks, and those who are well hear little."""

from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from schemas.catalogue import input_topics
from schemas.records.trigger import Trigger
from streams.cli.compose import Configuration, load_configuration
from streams.demo.beats import Beats
from streams.demo.outcome import Outcome, measure
from streams.demo.picture import CAUGHT_BAR, NOISE_BAR
from streams.demo.plan import DemoPlan
from streams.demo.slices import cut
from streams.engine.policy import EnginePolicy
from streams.fleet.fleet import Fleet, FleetSpec
from streams.replay.run import replay
from streams.replay.source import EventFiles

pytestmark = pytest.mark.timeout(300)  # the first test replays the fleet

PLAN = DemoPlan(Path(), "test", FleetSpec())


@lru_cache(maxsize=1)
def library() -> Configuration:
    return load_configuration(only=PLAN.rules)


def rules() -> list[str]:
    return [compiled.rule.id for compiled in library().rules]


def events(folder: Path) -> EventFiles:
    """The fleet with its publishers' signs of life, as the demonstration publishes it."""
    path, beats = folder / "events.jsonl", Beats()
    fleet = Fleet(PLAN.spec)
    with path.open("wb") as lines:
        for piece in cut(fleet.events(), fleet.span, PLAN.coarse_days):
            lines.writelines(line.value + b"\n" for line in (*beats.firsts(piece), *beats.around(piece)))
    source = EventFiles(PLAN.partitions)
    for _ in source.read(path):
        pass
    return source


@lru_cache(maxsize=1)
def outcome() -> Outcome:
    span = PLAN.spec.span
    with TemporaryDirectory() as folder:
        source = events(Path(folder))
    policy = EnginePolicy(
        partitions=PLAN.partitions, topics=input_topics(), until_ms=span.end_ms, go_live_ms=span.start_ms, quiet=library().quiet()
    )
    found = replay(source.logs, library().pipeline, policy, span.end_ms)
    triggers = [Trigger.model_validate_json(record.value or b"") for record in found.records if record.topic == "triggers"]
    assert not found.dead_letters
    return measure(Fleet(PLAN.spec), triggers, [], rules())


@pytest.mark.parametrize("rule", rules())
def test_every_rule_of_the_library_fires_at_least_twice(rule: str) -> None:
    assert outcome().triggers_by_rule.get(rule, 0) >= 2


def test_those_who_are_well_are_seldom_called_at_risk() -> None:
    assert outcome().noise <= NOISE_BAR


def test_planted_declines_are_caught() -> None:
    assert outcome().caught_share >= CAUGHT_BAR


def test_no_rule_speaks_often_of_those_who_are_well() -> None:
    """Less than once in ten months of a healthy account; but for what comes to everyone by the calendar."""
    by_date = {compiled.rule.id for compiled in library().rules if compiled.rule.timer == "D"}
    rates = {rule: round(outcome().noise_of(rule), 3) for rule in rules() if rule not in by_date}

    assert {rule: rate for rule, rate in rates.items() if rate > 0.1} == {}
