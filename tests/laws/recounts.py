"""What the evidence of a trigger says, found again in the events of the story by the plainest means. One function a kind."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from plays.policy.health import BANDS
from plays.rules.detectors.event import EventParameters
from plays.rules.parts import EventPart
from plays.rules.rule import Rule
from schemas.events.event import Event
from schemas.records.trigger import Trigger
from tests.laws.kinds import DAY_MS, RULES, Story

MEANT = {"PB2": "ticket.created", "T08": "ticket.reopened", "T30": "ticket.created", "T31": "ticket.created"}
HEARD_OF: Mapping[str, Callable[[Event], bool]] = {
    "T41": lambda event: event.type == "qbr.completed" or (event.type == "meeting.held" and event.data["kind"] == "qbr"),
    "T42": lambda event: event.type == "touch.logged",
    "T48": lambda event: event.type in ("plan.created", "plan.updated"),
}
"""Of some silences, what would have broken them."""


def ms(moment: datetime | str) -> int:
    moment = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return round(moment.timestamp() * 1000)


def midnight(story: Story, day: date) -> int:
    """The first instant of a local day."""
    return ms(datetime.combine(day, time(), tzinfo=ZoneInfo(story.zone)).astimezone(UTC))


def day_of(story: Story, at_ms: int) -> date:
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(ZoneInfo(story.zone)).date()


def close(story: Story, day: date) -> int:
    return midnight(story, day + timedelta(days=1))


def window(trigger: Trigger) -> tuple[int, int]:
    found = trigger.evidence.window
    assert found is not None
    return ms(found.start), ms(found.end)


def named(trigger: Trigger, story: Story) -> list[Event]:
    """The events in the records that the evidence names."""
    records = {(one.topic, one.partition, one.offset) for one in trigger.evidence.sources}
    found = [event for event in story.events if (event.topic, event.partition, event.offset) in records]
    assert len(found) == len(records)
    return found


def of(story: Story, types: Iterable[str], field: str | None = None, subject: str | None = None) -> list[Event]:
    wanted = set(types)
    return [event for event in story.events if event.type in wanted and (field is None or event.data.get(field) == subject)]


def day(text: Any) -> date:
    return date.fromisoformat(str(text))


def event(trigger: Trigger, rule: Rule, story: Story) -> None:
    """The event it names is of the time of the episode, and one of those the rule is about; for a rule that listens to others, one of
    those that the rule it names is about. Its conditions hold by the facts it gives.
    """
    assert isinstance(rule.detector, EventParameters)
    facts, about = trigger.evidence.facts, rule.detector.on
    if "rule" in facts:
        assert facts["rule"] in rule.detector.on_rules
        heard = RULES[str(facts["rule"])].detector
        assert isinstance(heard, EventParameters)
        about = heard.on
    opened = [one for one in named(trigger, story) if one.time_ms == ms(trigger.episode)]
    assert any(match.type == one.type and match.holds(one.data) for one in opened for match in about)
    for part in rule.detector.also:
        assert isinstance(part, EventPart) or part.holds(facts[part.measure])
    if "health_band_7d_ago" in facts:
        assert BANDS.index(str(facts["health_band"])) > BANDS.index(str(facts["health_band_7d_ago"]))


def change(trigger: Trigger, rule: Rule, story: Story) -> None:
    (one,) = named(trigger, story)
    assert one.time_ms == ms(trigger.episode)
    assert one.type in {match.type for match in rule.detector.matchers()}
    only = [known.data["contract_id"] for known in of(story, ["contract.started", "contract.renewed"])]  # where it names none
    assert trigger.subject.id in (one.data.get("contact_id"), one.data.get("contract_id"), "acme", *only)


def counted(trigger: Trigger, rule: Rule, story: Story) -> None:
    """As many as it says, all in the window, and all of the subject."""
    found, evidence = named(trigger, story), trigger.evidence
    if evidence.window is None:  # fired at once
        return
    start, end = window(trigger)
    kind = trigger.subject.kind
    field = kind if kind in ("category", "subject_fingerprint") else f"{kind}_id"
    assert {one.type for one in found} == {MEANT[rule.id]}
    assert all(start <= one.time_ms < end for one in found)
    assert all(one.data.get(field, "acme") == trigger.subject.id for one in found)
    assert len(found) == evidence.observed
    assert evidence.threshold is not None
    assert evidence.observed >= evidence.threshold
    known = [one for one in of(story, [MEANT[rule.id]]) if start <= one.time_ms < end and one.data.get(field, "acme") == trigger.subject.id]
    assert {one.offset for one in found} <= {one.offset for one in known}
    assert {one.offset for one in known if ms(trigger.time) > one.time_ms} <= {one.offset for one in found}


def drop(trigger: Trigger, rule: Rule, story: Story) -> None:
    """Usage, or people, of the window and of the one before it."""
    evidence = trigger.evidence
    assert evidence.baseline_window is not None
    for (start, end), figure in (
        (window(trigger), evidence.observed),
        ((ms(evidence.baseline_window.start), ms(evidence.baseline_window.end)), evidence.baseline),
    ):
        usage = [one for one in of(story, ["feature.used"]) if start <= one.time_ms < end]
        if evidence.unit == "usage events":
            assert len(usage) == figure
        elif figure is not None and "weeks" not in evidence.facts:
            assert figure <= len({one.data["user_id"] for one in usage})  # of several weeks the median


def threshold(trigger: Trigger, rule: Rule, story: Story) -> None:
    evidence, (start, end) = trigger.evidence, window(trigger)
    last = day_of(story, end - 1)
    assert (start, end) == (midnight(story, last - timedelta(days=6)), close(story, last))
    people = {one.data["user_id"] for one in of(story, ["feature.used"]) if start <= one.time_ms < end and "user_id" in one.data}
    assert evidence.observed == len(people)
    assert evidence.threshold is not None
    assert len(people) < evidence.threshold


def achievement(trigger: Trigger, rule: Rule, story: Story) -> None:
    evidence, (one,) = trigger.evidence, named(trigger, story)
    marks = rule.model_dump()["detector"]["marks"][one.data["counter"]]
    assert evidence.observed == one.data["value"]
    assert evidence.threshold == max(mark for mark in marks if mark <= one.data["value"])
    earlier = [e.data["value"] for e in of(story, ["usage.counter"], "counter", one.data["counter"]) if e.offset < one.offset]
    assert evidence.baseline == max(earlier)
    assert max(earlier) < evidence.threshold


def milestone(trigger: Trigger, rule: Rule, story: Story) -> None:
    """Open since its event, and not completed by the end of the window, which is the close of its day."""
    (start, end), subject = window(trigger), trigger.subject.id
    facts = trigger.evidence.facts
    mine = of(story, ["milestone.started", "milestone.moved"], "milestone_id", subject)
    assert start == ms(trigger.episode)
    assert start in {one.time_ms for one in mine}
    assert end == close(story, day(facts["deadline_day"]))
    assert not [one for one in of(story, ["milestone.completed"], "milestone_id", subject) if start <= one.time_ms < end]
    if facts["kind"] == "integration":
        assert not [one for one in of(story, ["integration.connected"]) if start <= one.time_ms < end]


def due(trigger: Trigger, rule: Rule, story: Story) -> None:
    """At the moment its date says, and neither paid nor voided by then."""
    stated = rule.model_dump()["detector"]
    if trigger.evidence.sources:  # at once
        (one,) = named(trigger, story)
        assert (one.type, one.time_ms) == ("invoice.payment_failed", ms(trigger.episode))
        return
    date_, subject = day(trigger.evidence.facts["due"]), trigger.subject.id
    if stated["days_after"] is not None:
        end = close(story, date_ + timedelta(days=stated["days_after"]))
        assert ms(trigger.episode) == close(story, date_)
    else:
        end = midnight(story, date_ - timedelta(days=stated["days_before"]))
        assert ms(trigger.episode) == end
    issued = [one.time_ms for one in of(story, ["invoice.issued"], "invoice_id", subject) if day(one.data["due"]) == date_]
    ended = [one.time_ms for one in of(story, [match["type"] for match in stated["ended_by"]], "invoice_id", subject) if one.time_ms < end]
    assert max(issued) > max(ended, default=-1)
    assert ms(trigger.time) >= end


def overdue(trigger: Trigger, rule: Rule, story: Story) -> None:
    facts, of_ = trigger.evidence.facts, rule.model_dump()["detector"]["of"]
    kept = {
        "action_item": ("action_item.completed", "item_id"),
        "outcome": ("outcome.measured", "metric"),
        "onboarding_milestone": ("milestone.completed", "milestone_id"),
        "activation_step": ("activation.step_completed", "step"),
    }[of_]
    done = of(story, [kept[0]], kept[1], trigger.subject.id)
    if facts.get("reached"):
        assert ms(trigger.episode) in {one.time_ms for one in done}
        return
    assert trigger.evidence.observed is not None
    end = close(story, day(facts["due"]) + timedelta(days=int(trigger.evidence.observed)))
    assert ms(trigger.episode) == end
    assert ms(trigger.time) >= end
    if of_ == "outcome":
        return  # whether a value reaches its target is a matter of where it began
    assert not [one for one in done if one.time_ms < end] or of_ != "activation_step"


def silence(trigger: Trigger, rule: Rule, story: Story) -> None:
    """As long as it says, and nothing of what would have broken it in the window."""
    start, end = window(trigger)
    evidence = trigger.evidence
    assert start <= end <= ms(trigger.time)
    if rule.id in ("T41", "T42"):
        assert end - start == evidence.facts["days"] * DAY_MS  # type: ignore[operator]
        assert evidence.observed == evidence.facts["days"]
    breaks = HEARD_OF.get(rule.id)
    if breaks is not None:
        assert not [one for one in story.events if breaks(one) and start < one.time_ms < end]


def absence(trigger: Trigger, rule: Rule, story: Story) -> None:
    start, end = window(trigger)
    facts = trigger.evidence.facts
    assert start == midnight(story, day(facts["day_0"])) == ms(trigger.episode)
    assert end == close(story, day(facts["day_0"]) + timedelta(days=int(facts["days"])))  # type: ignore[arg-type]
    unwanted: Mapping[str, Callable[[Event], bool]] = {
        "T02": lambda one: one.type in ("meeting.held", "meeting.scheduled") and one.data["kind"] == "kickoff",
        "J2": lambda one: one.type in ("user.login", "feature.used"),
        "T06": lambda one: one.type in ("feature.activated", "feature.used") and one.data["feature"] == trigger.subject.id,
    }
    assert not [one for one in story.events if unwanted[rule.id](one) and start <= one.time_ms < end]


def checkpoint(trigger: Trigger, rule: Rule, story: Story) -> None:
    """In the window of the renewal date that the latest word on the contract says."""
    start, end = window(trigger)
    figures, renewal = rule.model_dump()["detector"], day(trigger.evidence.facts["renewal_date"])
    assert start == midnight(story, renewal - timedelta(days=figures["from_days"])) == ms(trigger.episode)
    assert end == midnight(story, renewal - timedelta(days=figures["until_days"]))
    assert start <= ms(trigger.time)
    dated = of(story, ["contract.started", "contract.renewed"], "contract_id", trigger.subject.id)
    assert renewal in {day(one.data["renewal_date"]) for one in dated if "renewal_date" in one.data}


def anniversary(trigger: Trigger, rule: Rule, story: Story) -> None:
    """At the first instant of a local day, or at the close of one, which is the same."""
    at = ms(trigger.episode)
    stated = rule.model_dump()["detector"]
    if stated["since"] == "month_end":
        return
    assert at == midnight(story, day_of(story, at))
    if rule.id == "J4":
        created = min(one.time_ms for one in of(story, ["account.created"]))
        assert at == close(story, day_of(story, created) + timedelta(days=30))


def composite(trigger: Trigger, rule: Rule, story: Story) -> None:
    """The parts within their bounds by the facts it gives; the events of a part among the records it names."""
    stated, facts = rule.detector, trigger.evidence.facts
    held = []
    for part in stated.parts:  # type: ignore[union-attr]
        if isinstance(part, EventPart):
            at = ms(trigger.episode)
            mine = [one for one in named(trigger, story) if one.type == part.event.type]
            held.append(any(at - part.within * DAY_MS < one.time_ms <= at for one in mine))
        else:
            held.append(part.measure in facts and part.holds(facts[part.measure]))
    assert all(held) if stated.kind == "all_of" else any(held)
    if "tickets_30d" in facts:
        at = ms(trigger.episode)
        since = midnight(story, day_of(story, at) - timedelta(days=30))
        known = [one for one in of(story, ["ticket.created"]) if since <= one.time_ms <= at]
        before = [one for one in known if one.time_ms < at]
        assert len(before) <= int(str(facts["tickets_30d"])) <= len(known)  # of one instant it may have seen some


RECOUNTS: Mapping[str, Callable[[Trigger, Rule, Story], None]] = {
    "absence": absence,
    "achievement": achievement,
    "all_of": composite,
    "anniversary": anniversary,
    "any_of": composite,
    "change": change,
    "checkpoint": checkpoint,
    "count": counted,
    "drop": drop,
    "due": due,
    "event": event,
    "milestone": milestone,
    "overdue": overdue,
    "silence": silence,
    "spike": counted,
    "threshold": threshold,
}
