"""From what a customer says to what somebody is asked to do: signals and router together."""

from typing import Any

from plays.loading.rules import LIBRARY, load_rules
from plays.loading.segments import POLICY, load_segments
from plays.rules.book import RuleBook
from schemas.records.play_message import PlayMessage
from streams.processing.effects import Raise
from streams.signals.driver import Driver
from streams.signals.processor import SignalsProcessor
from streams.signals.timeline import events_of
from tests.desk import Desk

SEGMENTS = load_segments(POLICY)
RULES = {rule.id: rule for rule in load_rules(LIBRARY, SEGMENTS.names)}
LINK = "https://chat.example/ch-9"


def asked(desk: Desk, rules: tuple[str, ...], *events: dict[str, Any]) -> list[PlayMessage]:
    """What the router says to the triggers that these rules make of the events."""
    driver = Driver(SignalsProcessor(RuleBook(RULES[name] for name in rules), SEGMENTS), "acme")
    envelope = {"account_id": "acme", "source": "s", "occurred_at": "2026-02-25T06:13:20Z"}
    driver.run(events_of([{**envelope, "event_id": f"e{n}", **event} for n, event in enumerate(events)]))
    triggers = [one.effect.trigger for one in driver.happened if isinstance(one.effect, Raise)]
    return [message for trigger in triggers for message in desk.trigger(trigger)]


def a_desk() -> Desk:
    desk = Desk(csm="Aisha Rahman")
    desk.meet("c-1", name="Ana Costa", role="champion")
    desk.meet("c-7", name="Bo Li", role="user")
    return desk


CHAT = {"type": "chat.escalated", "chat_id": "ch-9", "context_link": LINK, "contact_id": "c-7"}


def test_a_chat_is_handed_over_with_its_context_to_somebody_who_knows_whom_to_answer() -> None:
    (launched,) = asked(a_desk(), ("T55",), CHAT)

    assert (launched.play, launched.owner.role) == ("human-with-context", "support_lead")
    assert LINK in (launched.why or "")
    assert f"The chat so far: {LINK}" in (launched.message or "")
    assert launched.who_to_reach[0].id == "c-7"


def test_a_chat_that_is_handed_over_again_brings_its_context_into_the_open_run() -> None:
    later = {**CHAT, "context_link": f"{LINK}?part=2", "occurred_at": "2026-02-25T06:14:00Z"}

    launched, joined = asked(a_desk(), ("T55",), CHAT, later)

    assert (launched.kind, joined.kind, joined.run_id) == ("launched", "joined", launched.run_id)
    assert f"{LINK}?part=2" in (joined.why or "")


def test_one_low_score_is_one_conversation_with_the_person_who_gave_it() -> None:
    low = {"type": "survey.responded", "kind": "nps", "score": 3, "contact_id": "c-7", "comment": "Exports fail."}

    messages = asked(a_desk(), ("PB3", "T11"), low)

    assert len({message.run_id for message in messages}) == 1
    assert [message.kind for message in messages] == ["launched", "joined"]
    assert {rule for message in messages for rule in message.rules} == {"PB3", "T11"}
    assert messages[0].who_to_reach[0].id == "c-7"


def test_an_escalation_is_answered_to_whoever_wrote_the_ticket() -> None:
    created = {"type": "ticket.created", "ticket_id": "T-1", "requester_id": "c-7"}

    (launched,) = asked(a_desk(), ("HT3",), created, {"type": "ticket.escalated", "ticket_id": "T-1", "level": 2})

    assert (launched.play, launched.who_to_reach[0].id) == ("warm-transfer", "c-7")
