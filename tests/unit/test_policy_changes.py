"""What a change of policy does to open episodes and open runs: rules on trial, switched off, on again, and set otherwise.

Each stretch of time is a finite run of the engine over what the one before has committed, signals and router together.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copytree
from typing import Any

import orjson
import pytest

from plays.loading.rules import LIBRARY
from plays.loading.run_policy import DEFAULT_POLICY
from schemas.catalogue import input_topics
from schemas.decoding.record import FileRecord
from schemas.events.registry import TOPICS_OF
from schemas.records.wire import OutRecord
from streams.cli.compose import load_configuration
from streams.engine.batch import Batch
from streams.engine.policy import EnginePolicy
from streams.engine.task import PartitionTask
from tests.desk import OF_STEPS

DAY_0 = datetime(2026, 3, 2, tzinfo=UTC)
CHAINED = """
id: X1
version: 1
title: After a P1
status: stable
concern: experience
subject: account
applies_to: [all]
timer: N
priority: P3
owner: csm
sla: 48h
outcome: support_friction
play: usage-review
detector: {kind: event, on_rules: [T07]}
rearm: each
clears_when: the ticket is done
max_hold: until cleared
on_activate: silent
rationale: Somebody should call after a P1.
false_positives: [a P1 that was none]
source: a test
"""


class Town:
    """One account under one policy after the other. `day` 1.5 is noon of the second day."""

    def __init__(self, folder: Path) -> None:
        self.policy = copytree(DEFAULT_POLICY, folder / "policy")
        self.library = copytree(LIBRARY, folder / "library")
        self.said: list[OutRecord] = []
        self._state: dict[bytes, bytes] = {}
        self._logs: dict[str, list[FileRecord]] = {topic: [] for topic in input_topics()}
        self._events = 0

    def happens(self, day: float, kind: str, **data: Any) -> None:
        self._events += 1
        at = DAY_0 + timedelta(days=day)
        event = {
            "event_id": f"e{self._events}",
            "type": kind,
            "account_id": "acme",
            "source": "test",
            "occurred_at": at.isoformat(),
            **data,
        }
        log = self._logs[TOPICS_OF[kind][0]]
        log.append(FileRecord(b"acme", orjson.dumps(event), len(log), round(at.timestamp() * 1000)))

    def passes(self, until: float, rules: str, overrides: str = "") -> list[tuple[str, ...]]:
        """Time goes on under these switches; what was said in it, in short."""
        (self.policy / "rules.yaml").write_text(f"{{{rules}}}", encoding="utf-8")
        (self.policy / "overrides.yaml").write_text(overrides or "{}", encoding="utf-8")
        pipeline = load_configuration(self.library, self.policy).pipeline()
        until_ms = round((DAY_0 + timedelta(days=until)).timestamp() * 1000)
        task = PartitionTask(0, pipeline, EnginePolicy(partitions=1, topics=input_topics(), until_ms=until_ms))
        for key, value in self._state.items():
            task.restore(key, value)
        task.recovered()
        if not self._state:
            task.begin_at(dict.fromkeys(input_topics(), 0))
        task.catch_up({topic: len(log) for topic, log in self._logs.items()})
        before = len(self.said)
        for topic, log in self._logs.items():
            at = task.expected(topic)
            assert task.offer(Batch(topic, at, len(log), log[at:], until_ms))
        while not task.finished:
            task.work(until_ms)
            self._commit(task)
        return [short for record in self.said[before:] if (short := _short(record))[0] not in OF_STEPS]

    def hush(self, text: str) -> None:
        """Another suppression.yaml, from the next stretch of time on."""
        (self.policy / "suppression.yaml").write_text(text, encoding="utf-8")

    def _commit(self, task: PartitionTask) -> None:
        commit = task.prepare()
        self.said.extend(record for record in commit.outputs if record.topic in ("triggers", "decisions", "play-launches"))
        for key, value in commit.cells:
            if value is None:
                self._state.pop(key, None)
            else:
                self._state[key] = value

    def cell(self, name: str) -> bytes:
        return next((value for key, value in self._state.items() if key.endswith(b"\x00" + name.encode())), b"")


def _short(record: OutRecord) -> tuple[str, ...]:
    value = orjson.loads(record.value or b"")
    if record.topic == "play-launches":
        return value["kind"], value["play"]
    return (record.topic[:-1], value["rule"], *((value["reason"],) if record.topic == "decisions" else ()))


@pytest.fixture
def town(tmp_path: Path) -> Town:
    town = Town(tmp_path)
    town.happens(0, "account.created", touch_model="mid", timezone="UTC", csm="maya.lindqvist")
    return town


def ticket(town: Town, day: float, name: str) -> None:
    town.happens(day, "ticket.created", ticket_id=name, priority="P1")


def test_a_rule_on_trial_is_recorded_and_nothing_is_launched(town: Town) -> None:
    ticket(town, 1, "T-1")
    said = town.passes(2, "on: [T07], experimental: [T07]")

    assert said == [("decision", "T07", "experimental")]
    record = orjson.loads(town.said[0].value or b"")
    assert (record["subject"], record["facts"]["priority"]) == ({"kind": "ticket", "id": "T-1"}, "P1")
    assert town.cell("runs") == b""


def test_a_rule_whose_own_file_says_experimental_likewise(town: Town) -> None:
    path = town.library / "T07.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("status: stable", "status: experimental"), encoding="utf-8")
    ticket(town, 1, "T-1")

    assert town.passes(2, "on: [T07]") == [("decision", "T07", "experimental")]


def test_rules_that_listen_to_a_rule_on_trial_do_not_hear_of_it(town: Town) -> None:
    (town.library / "X1.yaml").write_text(CHAINED, encoding="utf-8")
    ticket(town, 1, "T-1")
    assert town.passes(2, "on: [T07, X1], experimental: [T07]") == [("decision", "T07", "experimental")]

    ticket(town, 3, "T-2")
    said = town.passes(3.01, "on: [T07, X1]")
    assert [one for one in said if one[0] in ("trigger", "launched")] == [
        ("trigger", "T07"), ("launched", "swat"), ("trigger", "X1"), ("launched", "usage-review"),
    ]  # fmt: skip


def test_after_the_trial_the_same_episode_is_not_raised_but_the_next_is(town: Town) -> None:
    ticket(town, 1, "T-1")
    town.passes(2, "on: [T07], experimental: [T07]")
    town.happens(2.5, "ticket.priority_changed", ticket_id="T-1", priority="P1", priority_before="P2")
    ticket(town, 3, "T-2")

    said = town.passes(3.01, "on: [T07]")

    assert said == [("trigger", "T07"), ("launched", "swat")]
    assert orjson.loads(town.said[-1].value or b"")["subject"] == {"kind": "ticket", "id": "T-2"}


def test_a_rule_that_is_off_is_not_evaluated(town: Town) -> None:
    ticket(town, 1, "T-1")

    assert town.passes(30, "on: [T01]") == []
    assert (town.cell("episodes"), town.cell("fired")) == (b"", b"")


def test_a_rule_switched_on_begins_with_the_next_event_and_looks_at_no_event_of_before(town: Town) -> None:
    ticket(town, 1, "T-1")
    town.passes(2, "on: [T01]")
    ticket(town, 3, "T-2")

    assert town.passes(3.01, "on: [T01, T07]") == [("trigger", "T07"), ("launched", "swat")]


def test_runs_outlive_the_switch_and_their_clocks_too(town: Town) -> None:
    ticket(town, 1, "T-1")
    assert town.passes(1.001, "on: [T07]") == [("trigger", "T07"), ("launched", "swat")]
    ticket(town, 1.5, "T-2")

    said = town.passes(2, "on: [T01]")

    assert {kind for kind, *_ in said} == {"sla_warning", "sla_breach", "escalated"}  # of the run of T-1; nothing about T-2
    run_id = orjson.loads(town.said[-1].value or b"")["run_id"]
    town.happens(2.1, "run.closed", run_id=run_id, actor="dana", code="resolved")
    assert town.passes(3, "on: [T01]") == [("closed", "swat")]


def test_off_and_on_again_raises_no_episode_twice(town: Town) -> None:
    ticket(town, 1, "T-1")
    town.passes(1.001, "on: [T07]")
    town.passes(1.002, "on: [T01]")
    town.happens(1.003, "ticket.priority_changed", ticket_id="T-1", priority="P2", priority_before="P1")  # nobody listens

    assert town.passes(1.004, "on: [T07]") == []
    ticket(town, 1.005, "T-2")
    assert town.passes(1.006, "on: [T07]") == [("trigger", "T07"), ("launched", "swat")]


def test_what_lies_ahead_is_forgotten_and_planned_again(town: Town) -> None:
    assert town.passes(3, "on: [J2]") == []
    assert town.passes(5, "on: [T01]") == []
    assert b"J2" not in town.cell("pending")

    assert town.passes(9, "on: [J2]")[:1] == [("trigger", "J2")]


def test_what_came_true_while_it_was_off_is_opened_in_silence(town: Town) -> None:
    town.passes(3, "on: [J2]")
    town.passes(20, "on: [T01]")

    assert town.passes(40, "on: [J2]") == [("decision", "J2", "activated")]


def test_what_had_fired_before_it_was_off_is_not_looked_at_again(town: Town) -> None:
    assert ("trigger", "J2") in town.passes(9, "on: [J2]")
    town.passes(10, "on: [T01]")

    assert [one for one in town.passes(30, "on: [J2]") if one[0] in ("trigger", "decision")] == []


def test_a_figure_of_the_policy_plans_anew(town: Town) -> None:
    town.passes(3, "on: [J2]")
    later = "rules: {J2: {all: {days: 12}}}"

    assert town.passes(12, "on: [J2]", later) == []
    assert town.passes(14, "on: [J2]", later)[:1] == [("trigger", "J2")]


def test_an_open_run_keeps_its_play_and_clocks_and_the_next_takes_what_the_policy_says_now(town: Town) -> None:
    ticket(town, 1, "T-1")
    town.passes(1.001, "on: [T07]")
    first = orjson.loads(town.said[-1].value or b"")
    assert town.passes(1.002, "on: [T07]", "rules: {T07: {human-touch: {sla: 8h, play: PB2, owner: csm, priority: P2}}}") == []
    ticket(town, 1.003, "T-2")

    said = town.passes(1.004, "on: [T07]", "rules: {T07: {human-touch: {sla: 8h, play: PB2, owner: csm, priority: P2}}}")

    assert said == [("trigger", "T07"), ("joined", "swat")]  # a P2 joins the run that is open for the concern
    fired, joined = (orjson.loads(record.value or b"") for record in town.said[-2:])
    assert (fired["first_action"], fired["play"], fired["priority"]) == ("8h", "PB2", "P2")
    assert fired["evidence"]["set_by"] == dict.fromkeys(("owner", "play", "priority", "sla"), "human-touch (policy)")
    assert (joined["run_id"], joined["clocks"]) == (first["run_id"], first["clocks"])


@pytest.mark.parametrize(
    ("owner", "launched"),
    [
        ("Priya Nair", ("priya.nair", "named person", "named")),
        ("Zoe Unlisted", ("Zoe Unlisted", "named person", "named")),
        ("c-1", ("maya.lindqvist", "csm", "account")),
    ],
)
def test_who_promised_an_item_is_asked_for_it(town: Town, owner: str, launched: tuple[str, ...]) -> None:
    town.happens(0.1, "contact.added", contact_id="c-1", name="Ana Costa", role="champion")
    town.happens(0.2, "plan.created")
    town.happens(0.5, "action_item.created", item_id="A-1", item="send the data", owner=owner, due="2026-03-04")

    assert town.passes(4, "on: [T50]")[:2] == [("trigger", "T50"), ("launched", "chase-item")]

    message = orjson.loads(town.said[1].value or b"")
    assert (message["owner"]["id"], message["owner"]["role"], message["owner"]["reason"]) == launched
    if owner == "c-1":
        assert message["who_to_reach"][0]["id"] == "c-1"


SILENCE = """
silences:
  - {name: migration, author: maya, reason: they move, expires: 2026-04-02T00:00:00Z, accounts: [acme], drop: false}
"""


def test_a_silence_lifted_lets_go_what_waits_when_the_account_passes_over(town: Town) -> None:
    town.hush(SILENCE)
    ticket(town, 1, "T-1")
    assert town.passes(2, "on: [T07]") == [("trigger", "T07"), ("decision", "T07", "silenced")]
    assert town.cell("runs") != b""  # the deadline of what waits

    town.hush("silences: []")

    assert town.passes(2.01, "on: [T07]") == [("decision", "T07", "released"), ("launched", "swat")]
    launched = next(orjson.loads(record.value or b"") for record in town.said if _short(record)[0] == "launched")
    assert launched["note"].startswith("held 1.0 days by migration (silenced by maya")


def test_a_ticket_that_is_solved_while_its_launch_waits_launches_nothing(town: Town) -> None:
    town.hush(SILENCE)
    ticket(town, 1, "T-1")
    town.happens(1.5, "ticket.resolved", ticket_id="T-1")

    assert town.passes(40, "on: [T07]") == [("trigger", "T07"), ("decision", "T07", "silenced"), ("decision", "T07", "cleared")]


def test_what_waits_for_a_rule_that_is_switched_off_is_not_launched(town: Town) -> None:
    town.hush(SILENCE)
    ticket(town, 1, "T-1")
    town.passes(2, "on: [T07]")

    assert town.passes(40, "on: [T01]") == [("decision", "T07", "expired")]


def test_a_silence_ends_by_itself_and_its_launch_goes_to_the_millisecond(town: Town) -> None:
    town.hush(SILENCE)
    ticket(town, 1, "T-1")
    town.passes(2, "on: [T07]")

    said = town.passes(31.01, "on: [T07]")

    assert said == [("decision", "T07", "released"), ("launched", "swat")]
    released = next(orjson.loads(record.value or b"") for record in town.said if _short(record) == said[0])
    assert released["time"] == "2026-04-02T00:00:00.000Z"
