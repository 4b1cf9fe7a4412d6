"""Laws every rule of the library keeps, on stories no one would think of."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plays.loading.rules import LIBRARY, load_rule_book
from plays.loading.segments import POLICY, load_segments
from plays.rules.book import RuleBook
from schemas.events.event import Event
from schemas.records.decision import Reason
from schemas.records.trigger import Trigger
from streams.processing.effects import Decide, Raise
from streams.processing.library import Change
from streams.signals.driver import Driver, flush
from streams.signals.processor import OF_THE_RELATION, SignalsProcessor
from streams.signals.state import ACTIVATING, EPISODES, SERIES
from streams.signals.timeline import events_of
from tests.oracle.days import EPOCH
from tests.oracle.variation import z_of_week

SEGMENTS = load_segments(POLICY)
BOOK = load_rule_book(LIBRARY, SEGMENTS.names)
SIGNALS = SignalsProcessor(BOOK, SEGMENTS)
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Kiritimati", "Australia/Lord_Howe")
START = datetime(2026, 2, 20, tzinfo=UTC)  # clocks change within the stories, north and south
HOUR = timedelta(hours=1)

ids = st.sampled_from(["1", "2"])
roles = st.sampled_from(["champion", "executive_sponsor", "team_lead", "user"])
days = st.sampled_from(["2026-03-10", "2026-04-10"])
meetings = st.sampled_from(["kickoff", "qbr", "weekly_sync", "stakeholder", "executive"])
ACCOUNT_EVENTS: dict[str, Any] = {
    "account.handoff": st.fixed_dictionaries({}),
    "account.created": st.fixed_dictionaries({}),
    "contact.added": st.fixed_dictionaries({"contact_id": ids, "role": roles}),
    "contact.updated": st.fixed_dictionaries({"contact_id": ids, "role": roles, "influence": st.sampled_from(["low", "high"])}),
    "contact.leave": st.fixed_dictionaries({"contact_id": ids, "from": days}, optional={"until": days}),
    "contact.profile_changed": st.fixed_dictionaries({"contact_id": ids, "title": st.sampled_from(["VP Sales", "VP Operations"])}),
    "account.org_changed": st.fixed_dictionaries({}),
    "onboarding.completed": st.fixed_dictionaries({}),
    "email.sent": st.fixed_dictionaries({"to": ids}),
    "email.replied": st.fixed_dictionaries({"from": ids, "auto_reply": st.booleans()}),
    "touch.logged": st.fixed_dictionaries({"contact_id": ids}),
    "meeting.scheduled": st.fixed_dictionaries({"kind": meetings}),
    "contact.left": st.fixed_dictionaries({"contact_id": ids}),
    "contact.role_changed": st.fixed_dictionaries({"contact_id": ids, "role": roles}),
    "milestone.started": st.sampled_from([{"milestone_id": "1", "kind": "integration"}, {"milestone_id": "2", "kind": "training"}]),
    "milestone.moved": st.fixed_dictionaries({"milestone_id": ids, "due": st.sampled_from(["2026-03-20", "2026-04-20"])}),
    "milestone.completed": st.fixed_dictionaries({"milestone_id": ids}),
    "integration.connected": st.fixed_dictionaries({}),
    "meeting.held": st.fixed_dictionaries(
        {"kind": meetings}, optional={"invited": st.just(["1", "2"]), "attended": st.lists(ids, max_size=2, unique=True)}
    ),
    "ticket.created": st.fixed_dictionaries(
        {"ticket_id": ids, "priority": st.sampled_from(["P1", "P2"])},
        optional={"category": st.sampled_from(["login", "export"]), "subject_fingerprint": st.just("a81f")},
    ),
    "chat.escalated": st.fixed_dictionaries({"chat_id": ids}, optional={"context_link": st.just("https://chat.example/1")}),
    "survey.responded": st.fixed_dictionaries(
        {"kind": st.sampled_from(["csat", "nps"]), "score": st.integers(1, 7)}, optional={"contact_id": ids}
    ),
    "ticket.priority_changed": st.fixed_dictionaries({"ticket_id": ids, "priority": st.sampled_from(["P1", "P3"])}),
    "ticket.resolved": st.fixed_dictionaries({"ticket_id": ids}),
    "ticket.reopened": st.fixed_dictionaries({"ticket_id": ids}),
    "ticket.escalated": st.fixed_dictionaries({"ticket_id": ids, "to_management": st.booleans()}),
    "invoice.issued": st.fixed_dictionaries({"invoice_id": ids, "due": st.sampled_from(["2026-03-05", "2026-04-01"])}),
    "invoice.payment_failed": st.fixed_dictionaries({"invoice_id": ids}),
    "invoice.paid": st.fixed_dictionaries({"invoice_id": ids}),
    "contract.started": st.fixed_dictionaries(
        {"contract_id": ids, "renewal_date": st.sampled_from(["2026-06-10", "2026-07-20"])},
        optional={"start": st.sampled_from(["2024-04-01", "2025-03-31", "2026-02-01"])},
    ),
    "renewal.stage_changed": st.fixed_dictionaries({"stage": st.sampled_from(["proposal", "legal", "won"])}, optional={"contract_id": ids}),
    "subscription.changed": st.fixed_dictionaries(
        {"seats": st.integers(8, 12), "seats_before": st.just(10)}, optional={"contract_id": ids, "plan": st.just("team")}
    ),
    "usage.counter": st.fixed_dictionaries({"counter": st.just("members"), "value": st.sampled_from([90, 100, 120, 990, 1000])}),
    "value.measured": st.fixed_dictionaries(
        {"metric": st.sampled_from(["hours", "errors"]), "value": st.integers(-1, 40)}, optional={"period": st.just("2026-03")}
    ),
    "contraction.signal": st.fixed_dictionaries({}),
    "expansion.signal": st.fixed_dictionaries({}),
    "request.use_case": st.fixed_dictionaries({}),
    "contract.renewed": st.fixed_dictionaries({"contract_id": ids, "renewal_date": st.sampled_from(["2026-06-30", "2027-07-20"])}),
    "contract.ended": st.fixed_dictionaries({"contract_id": ids}),
    "renewal.confidence": st.fixed_dictionaries({"confidence": st.sampled_from(["low", "medium"])}, optional={"contract_id": ids}),
    "qbr.completed": st.fixed_dictionaries({}, optional={"sentiment": st.sampled_from(["negative", "positive"])}),
    "plan.created": st.fixed_dictionaries({}, optional={"plan_id": ids}),
    "plan.updated": st.fixed_dictionaries({}, optional={"plan_id": ids}),
    "outcome.targeted": st.fixed_dictionaries(
        {"metric": ids, "baseline": st.just(10), "target": st.sampled_from([5, 20])},
        optional={"date": st.sampled_from(["2026-03-20", "2026-04-20"])},
    ),
    "outcome.measured": st.fixed_dictionaries({"metric": ids, "value": st.sampled_from([4, 12, 21])}),
    "action_item.created": st.fixed_dictionaries({"item_id": ids}, optional={"owner": st.just("dana"), "due": st.just("2026-03-20")}),
    "action_item.completed": st.fixed_dictionaries({"item_id": ids}),
    "risk.registered": st.fixed_dictionaries({"risk_id": ids}),
    "risk.closed": st.fixed_dictionaries({"risk_id": ids}),
    "activation.step_completed": st.fixed_dictionaries({"step": st.sampled_from(["first_import", "invite_team"])}),
    "user.login": st.fixed_dictionaries({"user_id": ids}),
    "feature.activated": st.fixed_dictionaries({"feature": st.sampled_from(["export", "forecast"])}),
    "account.churned": st.fixed_dictionaries({}),
    "account.reactivated": st.fixed_dictionaries({}),
}


@st.composite
def account_event(draw: st.DrawFn) -> dict[str, Any]:
    name = draw(st.sampled_from(sorted(ACCOUNT_EVENTS)))
    at = START + HOUR * draw(st.integers(0, 24 * 60) | st.integers(0, 8).map(lambda n: n * 120))  # often the same instant
    return {"type": name, "occurred_at": at, **draw(ACCOUNT_EVENTS[name])}


@st.composite
def usage_spans(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Weeks of usage at levels that rise and fall, a few events of a day at odd hours."""
    found: list[dict[str, Any]] = []
    for week in range(draw(st.integers(0, 9))):
        a_day, people = draw(st.integers(0, 6)), draw(st.integers(1, 8))
        for day in range(7):
            for index in range(a_day):
                at = START + timedelta(days=7 * week + day, hours=(index * 5 + day) % 24)
                found.append({"type": "feature.used", "occurred_at": at, "feature": "export", "user_id": f"u{(index + day) % people}"})
    return found


@st.composite
def stories(draw: st.DrawFn) -> list[Event]:
    profile = {
        "type": "account.created", "occurred_at": START, "timezone": draw(st.sampled_from(ZONES)),
        "acv": draw(st.sampled_from([1_000, 20_000, 90_000])), "key_features": ["export", "forecast"],
    }  # fmt: skip
    events = draw(st.lists(account_event(), max_size=14)) + draw(usage_spans())
    return in_order([profile, *sorted(events, key=lambda event: event["occurred_at"])])


def in_order(events: Sequence[dict[str, Any]]) -> list[Event]:
    envelope = {"account_id": "acme", "source": "law"}
    numbered = ({**envelope, "event_id": f"e{n}", **one} for n, one in enumerate(events))
    return events_of([{**one, "occurred_at": one["occurred_at"].isoformat()} for one in numbered])


def end_of(events: Sequence[Event]) -> int:
    return max(event.time_ms for event in events) + 100 * 86_400_000


def told(events: Sequence[Event], *, flushed: bool = False) -> list[str]:
    driver = Driver(SIGNALS, "acme")
    driver.run(events, end_of(events), after_each=flush if flushed else None)
    return [str(happened) for happened in driver.happened]


def triggers(events: Sequence[Event]) -> list[Trigger]:
    driver = Driver(SIGNALS, "acme")
    driver.run(events, end_of(events))
    return [happened.effect.trigger for happened in driver.happened if isinstance(happened.effect, Raise)]


LAWS = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@LAWS
@given(stories())
def test_the_same_story_is_told_the_same_way(events: list[Event]) -> None:
    assert told(events) == told(events)


@LAWS
@given(stories())
def test_state_may_be_encoded_after_any_event(events: list[Event]) -> None:
    assert told(events, flushed=True) == told(events)


@LAWS
@given(stories())
def test_an_episode_fires_once_and_in_scope(events: list[Event]) -> None:
    found = triggers(events)

    assert len({trigger.trigger_id for trigger in found}) == len(found)
    for trigger in found:
        assert BOOK[trigger.rule].applies_to(trigger.evidence.segment_path)
        assert datetime.fromisoformat(trigger.episode) <= trigger.time


RETIRED = SignalsProcessor(RuleBook([]), SEGMENTS)
PACED = SignalsProcessor(RuleBook([one.rule.model_copy(update={"on_activate": "paced"}) for one in BOOK]), SEGMENTS)
EVERY = frozenset(one.rule.id for one in BOOK)
EDITED = Change(frozenset(), EVERY, frozenset(), frozenset())
GONE = Change(frozenset(), frozenset(), EVERY, frozenset())


@LAWS
@given(stories(), st.integers(0, 100), st.booleans())
def test_an_edit_fires_no_episode_again_and_none_that_it_opened_in_silence(events: list[Event], share: int, paced: bool) -> None:
    cut = len(events) * share // 100
    driver = Driver(SIGNALS, "acme")
    driver.run(events[:cut])
    after = PACED if paced else SIGNALS
    driver.pass_to(after, EDITED._replace(turn_ms=driver.now_ms + 86_400_000))
    driver.run(events[cut:], end_of(events))

    raised = [one.effect.trigger.trigger_id for one in driver.happened if isinstance(one.effect, Raise)]
    opened = [one.effect.decision.trigger_id for one in driver.happened if isinstance(one.effect, Decide)]
    opened = [identity for identity in opened if identity is not None]
    assert len({*raised, *opened}) == len(raised) + len(opened)
    assert ACTIVATING not in driver.cells


@LAWS
@given(stories(), st.integers(0, 170 * 24 * 60) | st.integers(0, 170).map(lambda day: day * 1440 + 5))  # often within the grace
def test_an_edit_of_words_alone_changes_nothing(events: list[Event], minutes: int) -> None:
    """All rules are edited at some minute, and fire as the same rules that were never touched."""
    cut_ms = events[0].time_ms + minutes * 60_000
    until_ms = max(end_of(events), cut_ms)
    driver = Driver(SIGNALS, "acme")
    driver.run([event for event in events if event.time_ms < cut_ms], cut_ms)
    driver.pass_to(SIGNALS, EDITED)
    driver.run([event for event in events if event.time_ms >= cut_ms], until_ms)

    untouched = Driver(SIGNALS, "acme")
    untouched.run(events, until_ms)
    assert fired(driver) == fired(untouched)
    assert not [one for one in driver.happened if isinstance(one.effect, Decide) and one.effect.decision.reason == Reason.ACTIVATED]


def fired(driver: Driver) -> list[tuple[int, str]]:
    return sorted((one.now_ms, one.effect.trigger.trigger_id) for one in driver.happened if isinstance(one.effect, Raise))


@LAWS
@given(stories(), st.integers(0, 100))
def test_retired_rules_leave_nothing_behind(events: list[Event], share: int) -> None:
    cut = len(events) * share // 100
    driver = Driver(SIGNALS, "acme")
    driver.run(events[:cut])
    so_far = len(driver.happened)
    driver.pass_to(RETIRED, GONE)
    driver.run(events[cut:], end_of(events))

    later = [one.effect for one in driver.happened[so_far:]]
    assert [effect for effect in later if not (isinstance(effect, Decide) and effect.decision.reason == Reason.CHURNED)] == []
    assert not driver.cells[EPISODES].spells
    assert not driver.cells[SERIES].times
    assert driver.deadlines == []


@LAWS
@given(stories(), st.randoms(use_true_random=False))
def test_events_of_one_instant_may_come_in_any_order(events: list[Event], chance: Any) -> None:
    calm = [event for event in events if event.type not in CONTRADICTING]
    shuffled = calm[1:]
    chance.shuffle(shuffled)
    shuffled.sort(key=lambda event: event.time_ms)  # stable: only events of one instant stay in the other order

    assert {trigger.trigger_id for trigger in triggers([calm[0], *shuffled])} == {trigger.trigger_id for trigger in triggers(calm)}


# Kinds that say opposite things about one subject (a role, a date, open and closed) have an order even within an instant.
CONTRADICTING = {
    "account.churned", "account.reactivated", "contract.started", "contract.renewed", "contract.ended", "contact.added",
    "contact.role_changed", "contact.updated", "contact.leave", "contact.profile_changed", "ticket.priority_changed",
    "milestone.moved", "invoice.issued", "account.handoff",
}  # fmt: skip


@LAWS
@given(stories())
def test_after_churn_nothing_fires_until_the_account_is_back(events: list[Event]) -> None:
    churned = in_order([{"type": "account.churned", "occurred_at": START + timedelta(days=61)}])
    driver = Driver(SIGNALS, "acme")
    driver.run(events)
    driver.run(churned)
    told_before = len(driver.happened)
    driver.run(in_order(LATER), end_of(events))

    assert driver.deadlines == []
    assert driver.happened[told_before:] == []
    assert [cell.name for cell in OF_THE_RELATION if cell in driver.cells] == []


LATER = [
    {"type": "ticket.created", "occurred_at": START + timedelta(days=62), "ticket_id": "9", "priority": "P1"},
    {"type": "feature.used", "occurred_at": START + timedelta(days=62), "feature": "export"},
    {"type": "account.handoff", "occurred_at": START + timedelta(days=62)},
]


@st.composite
def usage_stories(draw: st.DrawFn) -> tuple[str, list[Event]]:
    """Ten weeks of usage by some people, some of it late, around changes of the clock."""
    zone = draw(st.sampled_from(ZONES))
    levels = draw(st.lists(st.integers(0, 12), min_size=6, max_size=10))
    events: list[dict[str, Any]] = []
    for week, level in enumerate(levels):
        for index in range(level * 7):
            minutes = (index * 7919 + week * 13) % (7 * 24 * 60)
            at = START + timedelta(weeks=week, minutes=minutes)
            events.append({"type": "feature.used", "occurred_at": at, "feature": "export", "user_id": f"u{index * 7 % (level + 3)}"})
    events.sort(key=lambda event: event["occurred_at"])
    for _ in range(draw(st.integers(0, 5))):  # some arrive days later than they happened
        if events:
            late = events.pop(draw(st.integers(0, len(events) - 1)))
            events.insert(min(len(events), draw(st.integers(0, len(events)))), late)
    profile = {"type": "account.created", "occurred_at": START - HOUR, "timezone": zone, "acv": 20_000}
    return zone, in_order([profile, *events])


@LAWS
@given(usage_stories())
def test_drops_are_what_a_plain_recount_of_the_events_says(story: tuple[str, list[Event]]) -> None:
    zone, events = story
    driver = Driver(SIGNALS, "acme")
    driver.run(events, end_of(events))
    found = [
        (one.effect.trigger.rule, one.now_ms, one.effect.trigger.evidence.observed, one.effect.trigger.evidence.baseline)
        for one in driver.happened
        if isinstance(one.effect, Raise) and one.effect.trigger.rule in ("T04", "J5", "PB1")
    ]

    assert found == recount(zone, [event for event in events if event.type == "feature.used"], end_of(events))


def recount(zone: str, events: Sequence[Event], until_ms: int) -> list[tuple[str, int, float, float]]:
    """The three rules over usage, day by day from the raw events, with nothing kept but what a rule itself remembers."""
    place = ZoneInfo(zone)

    def day_of(ms: int) -> int:
        return datetime.fromtimestamp(ms / 1000, UTC).astimezone(place).toordinal()

    found: list[tuple[str, int, float, float]] = []
    open_: dict[str, tuple[int, float]] = {}
    last: dict[str, int] = {}
    applied = 0
    now_ms = 0
    seen: list[tuple[int, str]] = []
    if not events:
        return found
    first = min(day_of(event.time_ms) for event in events)
    for day in range(first, day_of(until_ms) + 1):
        close = datetime.combine(datetime.fromordinal(day + 1), datetime.min.time(), tzinfo=place).astimezone(UTC)
        due_ms = round(close.timestamp() * 1000) + 600_000
        if due_ms > until_ms:
            break
        while applied < len(events) and max(now_ms, events[applied].time_ms) < due_ms:
            now_ms = max(now_ms, events[applied].time_ms)
            seen.append((day_of(events[applied].time_ms), events[applied].data["user_id"]))
            applied += 1
        since = min((at for at, _ in seen), default=None)
        if since is None or since > day - 13:
            continue

        def count(end: int) -> int:
            return len([at for at, _ in seen if end - 7 < at <= end])

        def people(end: int) -> int:
            return len({user for at, user in seen if end - 7 < at <= end})

        now, before, users = count(day), count(day - 7), people(day)
        base = median([people(day - 14 - 7 * n) for n in range(4)])
        counts = Counter(at - EPOCH.toordinal() for at, _ in seen)
        usual = z_of_week(counts, since - EPOCH.toordinal(), day - EPOCH.toordinal(), zone) < 2.58
        holds = {
            "J5": before >= 20 and 100 * now <= 50 * before and not usual,
            "PB1": base >= 5 and 10 * users < 7 * base and 10 * people(day - 7) < 7 * base,
            "T04": before >= 20 and 100 * now <= 70 * before and not usual,
        }
        for rule in sorted(holds):
            measure, baseline = (users, base) if rule == "PB1" else (now, before)
            if rule in open_ and (10 * measure >= 9 * open_[rule][1] or day >= open_[rule][0] + 56):
                del open_[rule]
            if holds[rule] and rule not in open_ and (rule == "PB1" or day >= last.get(rule, -99) + 14):
                open_[rule] = (day, baseline)
                last[rule] = day
                found.append((rule, due_ms, measure, baseline))
    return found
