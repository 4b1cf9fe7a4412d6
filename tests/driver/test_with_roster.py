"""The main job with a roster: who owns a run is asked and answered over topics, live and in a backlog, and outlives a crash."""

from datetime import UTC, datetime

import pytest

from tests.driver.topology import Topology

MINUTE_MS = 60_000
DAY_MS = 86_400_000
MONDAY_MS = int(datetime(2026, 3, 2, 9, tzinfo=UTC).timestamp() * 1000)


@pytest.fixture
def acme() -> Topology:
    topology = Topology(MONDAY_MS, roster=True)
    topology.pipe("account.updated", name="Acme", acv=20_000, timezone="UTC")
    topology.until(MONDAY_MS)
    return topology


def asked(topology: Topology) -> list[str]:
    return [value["type"] for topic, value in topology.records if topic == "assignment-requests"]


def test_a_launch_goes_to_whom_the_roster_named_and_says_why(acme: Topology) -> None:
    acme.pipe("ticket.created", ticket_id="t1", priority="P1")
    [launch] = acme.until(MONDAY_MS + 1)
    [answer] = [value for topic, value in acme.records if topic == "assignments"]

    assert asked(acme) == ["assignment.requested"]
    assert (launch["kind"], launch["owner"]["id"], launch["owner"]["reason"]) == ("launched", answer["person"], answer["reason"])
    assert launch["clocks"]["acknowledge_by"] == "2026-03-02T09:30:00.001Z"


def test_a_closed_run_gives_its_person_back(acme: Topology) -> None:
    acme.pipe("ticket.created", ticket_id="t1", priority="P1")
    [launch] = acme.until(MONDAY_MS + 1)
    acme.now_ms += MINUTE_MS
    acme.pipe("run.closed", run_id=launch["run_id"], actor="dana", code="resolved")
    acme.until(MONDAY_MS + 2 * MINUTE_MS)

    assert asked(acme) == ["assignment.requested", "assignment.released"]


def test_a_question_that_was_not_committed_is_asked_again_and_answered_once(acme: Topology) -> None:
    acme.pipe("ticket.created", ticket_id="t1", priority="P1")
    acme.crash()
    [launch] = acme.until(MONDAY_MS + 1)

    assert launch["kind"] == "launched"
    assert asked(acme) == ["assignment.requested"]


def test_in_a_backlog_what_was_said_of_a_run_finds_it_launched(acme: Topology) -> None:
    """The ticket and the customer's system both spoke while nobody read: read in one go, an hour apart."""
    first = Topology(MONDAY_MS, roster=True)
    first.pipe("account.updated", name="Acme", acv=20_000, timezone="UTC")
    first.pipe("ticket.created", ticket_id="t1", priority="P1")
    run_id = first.until(MONDAY_MS + 1)[0]["run_id"]

    acme.now_ms = MONDAY_MS + DAY_MS
    acme.pipe("ticket.created", ticket_id="t1", priority="P1", occurred_at="2026-03-02T09:00:00.000Z")
    acme.pipe("run.acknowledged", run_id=run_id, actor="dana", occurred_at="2026-03-02T09:20:00.000Z")
    messages = acme.until(MONDAY_MS + DAY_MS)

    assert [(m["kind"], m["time"]) for m in messages if m["kind"] in ("launched", "acknowledged")] == [
        ("launched", "2026-03-02T09:00:00.000Z"), ("acknowledged", "2026-03-02T09:20:00.000Z"),
    ]  # fmt: skip
    assert acme.dead_letters == []
