"""The whole job on the production wiring: from an event to a named owner, through warnings and answers to a closed run."""

from datetime import UTC, datetime

import pytest

from tests.driver.topology import Topology

HOUR_MS = 3_600_000
MINUTE_MS = 60_000
DAY_MS = 24 * HOUR_MS
MONDAY_MS = int(datetime(2026, 3, 2, 9, tzinfo=UTC).timestamp() * 1000)


@pytest.fixture
def acme() -> Topology:
    """A mid-touch account with a champion, known since Monday morning."""
    topology = Topology(MONDAY_MS)
    topology.pipe("account.updated", name="Acme", acv=20_000, timezone="UTC")
    topology.pipe("contact.added", contact_id="c1", name="Ada", role="champion")
    topology.until(MONDAY_MS)
    return topology


def said(messages: list[dict[str, object]]) -> list[tuple[object, ...]]:
    """What the messages say, with hours since Monday."""
    return [
        (m["kind"], *(m[k] for k in ("clock", "percent") if m.get(k) is not None), round((_ms(str(m["time"])) - MONDAY_MS) / HOUR_MS, 3))
        for m in messages
    ]


def test_a_p1_ticket_reaches_a_named_owner_at_once(acme: Topology) -> None:
    acme.pipe("ticket.created", ticket_id="t1", priority="P1")
    [launch] = acme.until(MONDAY_MS + 1)

    assert (launch["kind"], launch["priority"], launch["play"], launch["rules"]) == ("launched", "P1", "swat", ["T07"])
    assert launch["owner"]["name"]
    assert launch["clocks"] == {
        "acknowledge_by": "2026-03-02T09:30:00.001Z",
        "act_by": "2026-03-02T11:00:00.001Z",
        "resolve_by": "2026-03-02T17:00:00.001Z",
    }
    assert [launch["triggers"][0]] == [trigger["trigger_id"] for trigger in acme.triggers]


def test_clocks_speak_on_time_although_nothing_arrives(acme: Topology) -> None:
    acme.pipe("ticket.created", ticket_id="t1", priority="P1")
    acme.until(MONDAY_MS)

    messages = [m for minute in range(1, 62) for m in acme.until(MONDAY_MS + minute * MINUTE_MS)]

    assert sorted(said(messages), key=lambda line: (line[-1], line[1] == "act")) == [
        ("sla_warning", "acknowledge", 50, 0.25),
        ("sla_warning", "acknowledge", 80, 0.4),
        ("sla_breach", "acknowledge", 0.5),
        ("escalated", "acknowledge", 0.5),
        ("sla_warning", "acknowledge", 50, 0.75),
        ("sla_warning", "acknowledge", 80, 0.9),
        ("sla_breach", "acknowledge", 1.0),
        ("escalated", "acknowledge", 1.0),
        ("sla_warning", "act", 50, 1.0),
    ]


def test_an_answer_stops_the_clocks_and_a_closure_ends_the_run(acme: Topology) -> None:
    acme.pipe("ticket.created", ticket_id="t1", priority="P1")
    [launch] = acme.until(MONDAY_MS)
    run = launch["run_id"]
    acme.pipe("run.acknowledged", run_id=run, actor="sam")
    acme.pipe("run.started", run_id=run, actor="sam")
    acme.pipe("run.closed", run_id=run, actor="sam", code="resolved", note="patched")
    messages = acme.until(MONDAY_MS + DAY_MS)

    assert [m["kind"] for m in messages] == ["acknowledged", "started", "closed"]
    assert (messages[-1]["code"], messages[-1]["note"], messages[-1]["actor"]) == ("resolved", "patched", "sam")
    sequences = [value["sequence"] for topic, value in acme.records if topic == "play-launches"]
    assert sequences == list(range(1, len(sequences) + 1))

    (outcome,) = [value for topic, value in acme.records if topic == "play-outcomes"]
    assert (outcome["run_id"], outcome["rule"], outcome["code"], outcome["closed_by"]) == (run, "T07", "resolved", "sam")
    assert outcome["segment_path"] == launch_segments(acme)
    assert outcome["to_act"]["seconds"] == outcome["to_resolve"]["seconds"] >= 0
    assert outcome["condition_cleared"] is False  # the ticket is still open: people said otherwise


def launch_segments(town: Topology) -> list[str]:
    """The segments the trigger was raised in."""
    path: list[str] = town.triggers[0]["evidence"]["segment_path"]
    return path


@pytest.mark.parametrize("crash", [False, True])
def test_a_run_ends_in_the_step_in_which_what_it_is_about_is_over(acme: Topology, *, crash: bool) -> None:
    acme.pipe("milestone.started", milestone_id="m1", kind="training", due="2026-03-03")
    [launch] = [m for m in acme.until(MONDAY_MS + 2 * DAY_MS) if m["kind"] == "launched"]
    assert launch["rules"] == ["T03"]

    if crash:
        acme.crash()
    acme.pipe("milestone.completed", milestone_id="m1")
    messages = acme.until(MONDAY_MS + 2 * DAY_MS)

    assert [(m["run_id"], m["code"]) for m in messages if m["kind"] == "closed"] == [(launch["run_id"], "resolved")]
    assert acme.until(MONDAY_MS + 9 * DAY_MS) == [], "its clocks go on, or its steps"


def test_an_update_for_an_unknown_run_is_a_dead_letter_with_the_reason(acme: Topology) -> None:
    acme.pipe("run.acknowledged", run_id="nobody", actor="sam")
    acme.until(MONDAY_MS + 1)

    assert [letter["dlq.reason"] for letter in acme.dead_letters] == ["unknown_run"]


def test_a_duplicate_changes_nothing(acme: Topology) -> None:
    for _ in range(3):
        acme.pipe("ticket.created", ticket_id="t1", priority="P1", event_id="same")
    messages = acme.until(MONDAY_MS + 1)

    assert [m["kind"] for m in messages] == ["launched"]


def test_a_stray_launches_like_any_other_event_and_only_once(acme: Topology) -> None:
    acme.pipe("ticket.created", ticket_id="t1", priority="P1", event_id="same", stray=True)
    acme.crash()
    first = acme.until(MONDAY_MS + 1)
    for stray in (True, False):
        acme.pipe("ticket.created", ticket_id="t1", priority="P1", event_id="same", stray=stray)
        acme.pipe("feature.used", user_id="u1", feature="export", event_id="used", stray=stray)
    second = acme.until(MONDAY_MS + 2)

    assert [(m["kind"], m["rules"]) for m in first + second] == [("launched", ["T07"])]
    assert [(s["topic"], s["partition"]) for t in acme.triggers for s in t["evidence"]["sources"]] == [("tickets", 3)]
    assert acme.counts == {
        ("accounts", "applied"): 2, ("rekeyed", "applied"): 1, ("rekeyed", "duplicate"): 2, ("tickets", "duplicate"): 1,
        ("product-usage", "applied"): 1,
    }  # fmt: skip


def test_a_second_trigger_of_the_concern_joins_the_open_run(acme: Topology) -> None:
    acme.pipe("ticket.created", ticket_id="t1", priority="P3")
    acme.pipe("ticket.reopened", ticket_id="t1")
    acme.pipe("ticket.reopened", ticket_id="t1")
    first = acme.until(MONDAY_MS + 1)
    acme.pipe("ticket.reopened", ticket_id="t2")
    acme.pipe("ticket.reopened", ticket_id="t2")
    second = acme.until(MONDAY_MS + 2)

    assert [m["kind"] for m in first] == ["launched"]
    assert {"joined"} == {m["kind"] for m in second}
    assert {first[0]["run_id"]} == {m["run_id"] for m in second}


def test_before_go_live_triggers_are_historical_and_nobody_is_asked() -> None:
    topology = Topology(MONDAY_MS, go_live_ms=MONDAY_MS + DAY_MS)
    topology.pipe("ticket.created", ticket_id="t1", priority="P1")

    assert topology.until(MONDAY_MS + 1) == []
    assert [trigger["historical"] for trigger in topology.triggers] == [True]
    assert [decision["reason"] for decision in topology.decisions] == ["historical"]

    topology.now_ms = MONDAY_MS + DAY_MS
    topology.pipe("ticket.created", ticket_id="t2", priority="P1")

    assert [m["kind"] for m in topology.until(MONDAY_MS + DAY_MS) if m["rules"] == ["T07"]] == ["launched"]


def test_a_crash_between_any_two_steps_changes_nothing() -> None:
    runs = []
    for crashing in (False, True):
        topology = Topology(MONDAY_MS)
        topology.pipe("account.created", name="Acme", acv=20_000, timezone="Europe/Berlin")
        steps = 40
        for step in range(steps):
            now_ms = MONDAY_MS + step * 6 * HOUR_MS
            topology.now_ms = now_ms
            if step % 5 == 1:
                topology.pipe("ticket.created", ticket_id=f"t{step}", priority="P1" if step % 2 else "P3")
            if step < 30:
                topology.pipe("feature.used", user_id=f"u{step % 3}", feature="export")
            if crashing:
                topology.crash()
            topology.until(now_ms)
        runs.append(topology.records)

    assert runs[0]
    assert runs[0] == runs[1]


def _ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)
