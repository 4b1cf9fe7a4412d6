"""A risk alert and the rescue it calls for are one conversation: signals and router together."""

from datetime import UTC, datetime, timedelta

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
START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def asked(*rules: str) -> list[PlayMessage]:
    """What the router says after five steady weeks of an account of which nothing more is heard."""
    payloads = [
        {
            "event_id": f"e{day}-{n}", "account_id": "acme", "source": "s", "type": "feature.used", "feature": "export",
            "occurred_at": (START + timedelta(days=day, minutes=n)).isoformat(),
        }
        for day in range(35)
        for n in range(20)
    ]  # fmt: skip
    driver = Driver(SignalsProcessor(RuleBook(RULES[name] for name in rules), SEGMENTS), "acme")
    driver.run(events_of(payloads), round((START + timedelta(days=43)).timestamp() * 1000))
    desk = Desk()
    triggers = [one.effect.trigger for one in driver.happened if isinstance(one.effect, Raise)]
    return [message for trigger in triggers for message in desk.trigger(trigger)]


def test_an_alert_and_its_rescue_are_one_launch_that_lists_both() -> None:
    launched, joined = asked("HT2", "J5")

    assert (launched.kind, joined.kind) == ("launched", "joined")
    assert joined.run_id == launched.run_id
    assert (launched.rules, joined.rules) == (("J5",), ("J5", "HT2"))
    assert launched.owner.role == "csm_pool"


def test_so_they_are_where_a_run_for_a_smaller_fall_is_open() -> None:
    messages = asked("HT2", "J5", "T04")

    assert len({message.run_id for message in messages}) == 1
    assert [message.kind for message in messages].count("launched") == 1
    assert set(messages[-1].rules) == {"HT2", "J5", "T04"}
    assert messages[-1].priority == "P1"
