"""What a change of the library does to an account, detector by detector: plans lie ahead, what is true already is looked at once."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from plays.loading.rules import LIBRARY, load_rules
from plays.loading.segments import POLICY, load_segments
from plays.loading.switches import load_switches
from plays.rules.book import RuleBook
from plays.rules.rule import Rule
from streams.processing.effects import Decide, Raise
from streams.processing.library import Change, Library, change_between
from streams.signals.driver import Driver
from streams.signals.processor import SignalsProcessor
from streams.signals.state import ACTIVATING, EPISODES, ITEMS, MILESTONES, RECORDED, SERIES
from streams.signals.timeline import events_of

SEGMENTS = load_segments(POLICY)
CORE = load_switches(POLICY).instead(("core",))
RULES = {rule.id: rule for rule in load_rules(LIBRARY, SEGMENTS.names) if CORE.running([rule.id])}
DAY_0 = datetime(2026, 1, 5, tzinfo=UTC)
DAY_MS = 86_400_000
START_MS = round(DAY_0.timestamp() * 1000)
SEATS = RULES["T04"].model_copy(update={"id": "X1"}).model_dump(mode="json", exclude_unset=True) | {
    "detector": {"kind": "threshold", "measure": "active_users", "share_of_seats": "0.4", "absolute": 3, "rearm": "1.1"}
}


def like(rule_id: str, detector: dict[str, Any] | None = None, **other: Any) -> Rule:
    """A rule of the library, with something else in it."""
    stated = RULES[rule_id].model_dump(mode="json", exclude_unset=True)
    return Rule.model_validate({**stated, **other, "detector": {**stated["detector"], **(detector or {})}})


class Story:
    """One account, day by day, under one library after the other. Days may be fractions: 3.5 is noon of day 3."""

    def __init__(self, *rules: Rule, **profile: Any) -> None:
        self._library, processor = self._build(rules)
        self.driver = Driver(processor, "acme")
        self._events = 0
        self.happens(0.0, "account.created", **{"touch_model": "mid", "timezone": "UTC", **profile})

    def happens(self, day: float, event_type: str, **data: Any) -> None:
        self._events += 1
        at = (DAY_0 + timedelta(days=day)).isoformat()
        event = {"event_id": f"e{self._events}", "account_id": "acme", "source": "test", "occurred_at": at, "type": event_type, **data}
        self.driver.run(events_of([event]))

    def used(self, days: Sequence[int], times: int, people: int = 1) -> None:
        for day in days:
            for n in range(times):
                self.happens(day + 0.4 + n / 1000, "feature.used", feature="export", user_id=f"u{n % people}")

    def until(self, day: float) -> None:
        self.driver.run([], START_MS + round(day * DAY_MS))

    def change(self, day: float, *rules: Rule, turn: float | None = None) -> Change:
        """At that time the account passes to a library of these rules."""
        self.until(day)
        before = self._library
        self._library, processor = self._build(rules)
        change = change_between(before, self._library)._replace(turn_ms=START_MS + round((day if turn is None else turn) * DAY_MS))
        self.driver.pass_to(processor, change)
        return change

    def raised(self) -> list[tuple[str, str, float]]:
        """(rule, subject, day) of every trigger; a day is to the hour."""
        found = [(one.effect.trigger, one.now_ms) for one in self.driver.happened if isinstance(one.effect, Raise)]
        return [(trigger.rule, trigger.subject.id, self._day(now_ms)) for trigger, now_ms in found]

    def decided(self) -> list[tuple[str, str | None, float]]:
        found = [(one.effect.decision, one.now_ms) for one in self.driver.happened if isinstance(one.effect, Decide)]
        return [(str(decision.reason), decision.rule, self._day(now_ms)) for decision, now_ms in found]

    def planned(self) -> list[tuple[str, float]]:
        return [(name, self._day(at_ms)) for name, at_ms in self.driver.deadlines if name != "day_close"]

    @staticmethod
    def _day(at_ms: int) -> float:
        return round((at_ms - START_MS) / DAY_MS, 1)

    @staticmethod
    def _build(rules: Sequence[Rule]) -> tuple[Library, SignalsProcessor]:
        processor = SignalsProcessor(RuleBook(rules), SEGMENTS)
        hashes = {rule.id: (rule.version, rule.content_hash) for rule in rules if rule.status != "retired"}
        return Library("", hashes, "", processor.recorded), processor


def test_a_new_absence_waits_for_its_day() -> None:
    story = Story()
    story.change(3.5, RULES["J2"])
    assert story.planned() == [("J2:account", 8.0)]
    story.until(20)

    assert (story.raised(), story.decided()) == ([("J2", "acme", 8.0)], [])


def test_a_new_absence_that_is_true_already_opens_its_episode_in_silence() -> None:
    story = Story()
    story.change(20.5, RULES["J2"])
    story.until(60)

    assert (story.raised(), story.decided()) == ([], [("activated", "J2", 20.5)])
    assert story.planned() == []
    assert ACTIVATING not in story.driver.cells


def test_what_happened_late_is_not_true_any_more() -> None:
    story = Story()
    story.happens(10.5, "user.login", user_id="u1")
    story.change(20.5, RULES["J2"], like("T06", on_activate="paced"))
    story.until(60)

    assert (story.raised(), story.decided()) == ([], [])


def test_a_paced_rule_fires_when_it_is_the_accounts_turn() -> None:
    story = Story()
    story.change(20.5, like("J2", on_activate="paced"), turn=23.2)
    story.until(60)

    assert (story.raised(), story.decided()) == ([("J2", "acme", 23.2)], [])


def test_an_absence_of_events_that_were_not_recorded_says_nothing() -> None:
    story = Story()
    story.happens(1.5, "account.handoff")
    story.happens(2.5, "meeting.scheduled", kind="kickoff")  # nobody asked for it then
    story.change(4.5, RULES["T02"])
    assert story.planned() == []
    story.happens(6.5, "account.handoff")  # thirty days before count too, and are not all known
    story.until(20)
    assert (story.raised(), story.decided()) == ([], [])

    story.happens(50.5, "account.handoff")
    story.until(60)
    assert story.raised() == [("T02", "acme", 58.0)]


def test_an_absence_whose_events_another_rule_had_recorded_can_be_judged() -> None:
    story = Story(RULES["T02"])
    story.happens(1.5, "account.handoff")
    story.happens(2.5, "meeting.scheduled", kind="kickoff")
    story.change(4.5, RULES["T02"], like("T02", id="X2", on_activate="paced"))
    story.until(20)

    assert (story.raised(), RECORDED in story.driver.cells) == ([], False)


def test_an_edited_absence_is_planned_by_its_new_figures() -> None:
    longer = Story(RULES["J2"])
    longer.change(5.5, like("J2", {"days": 10}))
    longer.until(20)
    assert (longer.raised(), longer.decided()) == ([("J2", "acme", 11.0)], [])

    shorter = Story(RULES["J2"])
    shorter.change(5.5, like("J2", {"days": 3}))
    shorter.until(20)
    assert (shorter.raised(), shorter.decided()) == ([], [("activated", "J2", 5.5)])


@pytest.mark.parametrize(("rule", "days"), [("J2", 7), ("J2", 6)])
def test_what_was_due_before_the_edit_and_waits_to_be_believed_fires_as_ever(rule: str, days: int) -> None:
    story = Story(RULES[rule])
    story.change(8.003, like(rule, {"days": days}))  # four minutes after the deadline, within its grace
    story.until(20)

    assert (story.raised(), story.decided()) == ([(rule, "acme", 8.0)], [])


def test_every_kind_of_deadline_that_waits_to_be_believed_outlives_an_edit() -> None:
    kinds = ("T03", "T15", "T19")
    story = Story(*(RULES[rule] for rule in kinds))
    day_of = {8: (DAY_0 + timedelta(days=8)).date().isoformat()}
    story.happens(1.5, "milestone.started", milestone_id="m1", kind="data", due=day_of[8])
    story.happens(1.5, "invoice.issued", invoice_id="i1", due=(DAY_0 + timedelta(days=1)).date().isoformat())
    story.happens(1.5, "contract.started", contract_id="c1", renewal_date=(DAY_0 + timedelta(days=129)).date().isoformat())
    story.happens(1.6, "renewal.confidence", confidence="low")
    assert sorted(at for _, at in story.planned()) == [9.0, 9.0, 9.0]
    story.change(9.003, *(like(rule, title="Other words") for rule in kinds))
    story.until(20)

    assert (sorted(story.raised()), story.decided()) == ([("T03", "m1", 9.0), ("T15", "i1", 9.0), ("T19", "c1", 9.0)], [])


def test_an_edit_fires_no_episode_again() -> None:
    story = Story(RULES["J2"])
    story.until(9)
    assert story.raised() == [("J2", "acme", 8.0)]
    for day in range(10, 14):
        story.change(day, like("J2", {"days": day}, on_activate="paced"))
    story.until(40)

    assert (len(story.raised()), story.decided()) == (1, [])


def test_a_rule_on_trial_raises_nothing_any_more() -> None:
    story = Story(RULES["J2"])
    story.change(3.5, like("J2", status="experimental"))
    story.until(20)

    assert (story.raised(), story.decided()) == ([], [("experimental", "J2", 8.0)])


@pytest.mark.parametrize("gone", [(), (like("J2", status="retired"),)])
def test_a_retired_rule_is_forgotten_but_for_what_it_has_fired(gone: tuple[Rule, ...]) -> None:
    early = Story(RULES["J2"])
    early.change(3.5, *gone)
    early.until(20)
    assert (early.raised(), early.decided(), early.planned()) == ([], [], [])

    late = Story(RULES["J2"])
    late.until(9)
    late.change(9.5, *gone)
    assert EPISODES not in late.driver.cells or "J2" not in late.driver.cells[EPISODES].spells
    late.change(12.5, like("J2", on_activate="paced"))
    late.until(20)
    assert late.raised() == [("J2", "acme", 8.0)]


def test_a_new_drop_is_silent_about_a_fall_of_before_and_speaks_of_the_next() -> None:
    story = Story()
    story.used(range(36), 10)
    story.used(range(36, 46), 4)
    story.change(46.5, RULES["T04"])
    story.used(range(47, 60), 4)
    story.until(60)
    assert (story.raised(), story.decided()) == ([], [("activated", "T04", 46.5)])

    story.used(range(60, 90), 10)
    story.until(110)
    assert [(rule, 90 < day < 98) for rule, _, day in story.raised()] == [("T04", True)]


def test_a_drop_switched_off_and_on_while_usage_is_low_is_silent_about_that_fall_and_speaks_of_the_next() -> None:
    story = Story(RULES["T04"])
    story.used(range(36), 10)
    story.used(range(36, 43), 4)
    story.change(43.3)
    story.used(range(43, 45), 4)
    story.change(45.3, RULES["T04"])
    story.used(range(45, 60), 4)
    story.used(range(60, 90), 10)
    story.until(110)

    assert [(rule, 40 < day < 42 or 90 < day < 98) for rule, _, day in story.raised()] == [("T04", True)] * 2
    assert [(reason, rule) for reason, rule, day in story.decided() if 43 < day < 60] == [("activated", "T04")]


def test_the_same_rule_from_the_start_fires_on_the_day_of_the_fall() -> None:
    """What the story above would have been: so that silence there is the sweep's work."""
    story = Story(RULES["T04"])
    story.used(range(36), 10)
    story.used(range(36, 60), 4)
    story.until(60)

    assert [(rule, day) for rule, _, day in story.raised()] == [("T04", 41.0)]


def test_a_paced_drop_waits_for_its_turn_although_days_close() -> None:
    story = Story()
    story.used(range(36), 10)
    story.used(range(36, 40), 4)
    story.change(40.3, like("T04", on_activate="paced"), turn=43.3)
    story.used(range(40, 60), 4)
    story.until(60)

    assert [(rule, day) for rule, _, day in story.raised()] == [("T04", 43.3)]


def test_a_day_that_closes_before_the_look_is_judged_as_ever() -> None:
    """Usage falls below the bar with the very day that is about to close when the library changes: that is news."""
    story = Story()
    story.used(range(36), 10)
    story.used(range(36, 41), 4)
    story.change(41.0005, RULES["T04"])  # forty seconds after midnight: the close is under way
    story.until(50)

    assert ([(rule, day) for rule, _, day in story.raised()], story.decided()) == ([("T04", 41.0)], [("not_unusual", "T04", 41.0)])


def test_an_edited_drop_leaves_an_open_episode_alone() -> None:
    story = Story(RULES["T04"])
    story.used(range(36), 10)
    story.used(range(36, 42), 4)
    story.change(42.3, like("T04", {"floor": 21}, on_activate="paced"))
    story.used(range(43, 60), 4)
    story.until(60)

    assert [(rule, day) for rule, _, day in story.raised()] == [("T04", 41.0)]


def test_a_new_threshold_starts_to_close_days_and_is_silent_about_who_never_came() -> None:
    rule = Rule.model_validate({**SEATS, "id": "X1"})
    story = Story(seats=10)
    story.change(50.5, rule)
    story.until(60)
    assert (story.raised(), story.decided()) == ([], [("activated", "X1", 50.5)])

    young = Story(seats=10)
    young.change(10.5, rule)
    young.until(60)
    assert ([(rule, day) for rule, _, day in young.raised()], young.decided()) == ([("X1", 32.0)], [])

    well = Story(seats=10)
    well.used(range(60), 4, people=4)
    well.change(60.5, rule)
    well.until(62)
    assert (well.raised(), well.decided()) == ([], [])


def test_a_new_checkpoint_plans_its_window_or_looks_into_it() -> None:
    renewal = {"contract_id": "c", "renewal_date": (DAY_0 + timedelta(days=150)).date().isoformat()}
    ahead = Story()
    ahead.happens(1.5, "contract.started", **renewal)
    ahead.happens(2.5, "renewal.confidence", confidence="low")
    ahead.change(10.5, RULES["T19"])
    assert ahead.planned() == [("T19:c", 30.0)]
    ahead.until(40)
    assert (ahead.raised(), ahead.decided()) == ([("T19", "c", 30.0)], [])

    inside = Story()
    inside.happens(1.5, "contract.started", **renewal)
    inside.happens(2.5, "renewal.confidence", confidence="low")
    inside.change(40.5, RULES["T19"])
    inside.happens(45.5, "renewal.confidence", confidence="low")
    inside.until(60)
    assert (inside.raised(), inside.decided()) == ([], [("activated", "T19", 40.5)])

    sure = Story()
    sure.happens(1.5, "contract.started", **renewal)
    sure.change(40.5, RULES["T19"])
    sure.happens(45.5, "renewal.confidence", confidence="low")
    sure.until(60)
    assert (sure.raised(), sure.decided()) == ([("T19", "c", 45.5)], [])


def test_an_edited_milestone_is_planned_by_its_new_figures_but_for_one_that_was_moved() -> None:
    story = Story(RULES["T03"])
    story.happens(1.5, "milestone.started", milestone_id="m1", kind="data")  # mid: ten days
    story.happens(1.5, "milestone.started", milestone_id="m2", kind="data")
    story.happens(2.5, "milestone.moved", milestone_id="m2", due=(DAY_0 + timedelta(days=9)).date().isoformat())
    assert story.planned() == [("T03:m1", 12.0), ("T03:m2", 10.0)]
    story.change(4.5, like("T03", overrides={"mid": {"days": 20}}))
    assert story.planned() == [("T03:m1", 22.0), ("T03:m2", 10.0)]
    story.change(5.5, like("T03", overrides={"mid": {"days": 2}}))
    story.until(30)

    assert (story.raised(), story.decided()) == ([("T03", "m2", 10.0)], [("activated", "T03", 5.5)])


def test_a_new_milestone_rule_takes_over_what_a_retired_one_followed() -> None:
    story = Story(RULES["T03"])
    story.happens(1.5, "milestone.started", milestone_id="m1", kind="data")
    story.change(4.5, like("T03", {"days": 15}, id="X3", overrides={}))
    story.until(30)

    assert story.raised() == [("X3", "m1", 17.0)]
    assert list(story.driver.cells[MILESTONES].by_rule) == ["X3"]


def test_a_new_rule_about_invoices_takes_over_from_one_like_it_only() -> None:
    later = like("T15", {"days_after": 20}, id="X4")
    other = like("T15", {"days_after": 30, "ended_by": [{"type": "invoice.paid"}]}, id="X5")
    story = Story(RULES["T15"])
    story.happens(1.5, "invoice.issued", invoice_id="i1", due=(DAY_0 + timedelta(days=5)).date().isoformat())
    story.change(4.5, RULES["T15"], later, other)
    assert story.planned() == [("T15:i1", 13.0), ("X4:i1", 26.0)]
    story.until(60)

    assert story.raised() == [("T15", "i1", 13.0), ("X4", "i1", 26.0)]
    story.change(61, later)
    assert list(story.driver.cells[ITEMS].by_rule) == ["X4"]


def test_an_overdue_invoice_is_silent_to_a_new_rule_until_it_is_paid() -> None:
    story = Story(RULES["T15"])
    story.happens(1.5, "invoice.issued", invoice_id="i1", due=(DAY_0 + timedelta(days=5)).date().isoformat())
    story.change(40.5, RULES["T15"], like("T15", {"days_after": 20}, id="X4"))
    story.until(41.5)
    story.happens(42.5, "invoice.payment_failed", invoice_id="i1")  # the episode is open in both
    story.happens(43.5, "invoice.paid", invoice_id="i1")
    story.happens(44.5, "invoice.payment_failed", invoice_id="i1")

    assert story.decided() == [("activated", "X4", 40.5)]
    assert story.raised() == [("T15", "i1", 13.0), ("T15", "i1", 44.5), ("X4", "i1", 44.5)]


def tickets(story: Story, *days: float) -> None:
    for day in days:
        story.happens(day, "ticket.created", ticket_id=f"t{day}", priority="P3")


def test_a_new_count_over_events_that_were_recorded_counts_them() -> None:
    counting = like("PB2", {"at_once": []}, id="X6")
    story = Story(RULES["T30"])
    tickets(story, 1.5, 2.5, 3.5)
    story.change(4.5, RULES["T30"], counting)
    tickets(story, 5.5)
    story.until(20)

    assert [one for one in story.decided() if one[1] == "X6"] == [("activated", "X6", 4.5), ("cooldown", "X6", 5.5)]
    assert [rule for rule, _, _ in story.raised()] == ["T30"]


def test_a_new_spike_is_silent_as_long_as_it_does_not_know_what_is_usual() -> None:
    story = Story()
    for week in range(1, 10):
        tickets(story, *(7.0 * week + n / 4 for n in range(5)))
    story.change(70.5, RULES["T30"])
    for week in range(11, 20):
        tickets(story, *(7.0 * week + n / 4 for n in range(5)))
    assert (story.raised(), story.decided()) == ([], [])

    tickets(story, *(140.0 + n / 4 for n in range(16)))
    assert [rule for rule, _, _ in story.raised()] == ["T30"]


def test_a_new_spike_over_recorded_events_is_silent_about_this_week() -> None:
    story = Story(like("PB2", {"at_once": []}))
    tickets(story, *(60.0 + n / 4 for n in range(8)))
    story.change(62.5, RULES["T30"])
    tickets(story, 63.5)

    assert [one[:2] for one in story.decided() if one[1] == "T30"] == [("activated", "T30"), ("cooldown", "T30")]
    assert [rule for rule, _, _ in story.raised() if rule == "T30"] == []


def test_a_new_rule_about_events_begins_with_the_next() -> None:
    story = Story()
    story.happens(1.5, "ticket.created", ticket_id="t1", priority="P1")
    story.happens(1.6, "contact.added", contact_id="c1", role="champion")
    story.change(2.5, RULES["T07"], RULES["T16"])
    story.until(4)
    assert (story.raised(), story.decided()) == ([], [])

    story.happens(5.5, "ticket.created", ticket_id="t2", priority="P1")
    story.happens(6.5, "contact.left", contact_id="c1")
    assert story.raised() == [("T07", "t2", 5.5), ("T16", "c1", 6.5)]


def test_what_no_rule_asks_for_is_not_recorded_any_more() -> None:
    story = Story(RULES["T30"])
    tickets(story, 1.5)
    story.change(2.5)
    tickets(story, 3.5)

    assert not story.driver.cells[SERIES].times


def test_two_changes_in_a_row_look_once() -> None:
    story = Story()
    story.change(20.5, RULES["J2"])
    story.change(20.501, RULES["J2"], RULES["T06"])
    story.until(60)

    assert (story.raised(), story.decided()) == ([], [("activated", "J2", 20.5)])
    assert story.driver.deadlines == []


def test_churn_ends_the_look_too() -> None:
    story = Story()
    story.change(20.5, RULES["J2"])
    story.happens(20.502, "account.churned")
    story.until(60)

    assert [reason for reason, _, _ in story.decided()] == ["churned"]
    assert story.driver.deadlines == []
