"""Runs the timeline tests of a rule: that rule alone, on the story of each case."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from plays.policy.health import HealthPolicy
from plays.policy.segments import SegmentIndex
from plays.rules.book import RuleBook
from plays.rules.rule import Rule
from plays.rules.timeline import Case, ExpectedClearing, ExpectedTrigger, Timeline
from schemas.events.event import Event
from schemas.events.registry import KINDS
from schemas.records.decision import Decision
from schemas.records.trigger import Trigger
from schemas.records.wire import rfc3339, utc
from streams.processing.effects import Cleared, Decide, Raise
from streams.signals.driver import Driver
from streams.signals.processor import SignalsProcessor

_OBJECT = TypeAdapter[Any](dict[str, Any])
_ADAPTERS = {kind.name: (kind.topic, TypeAdapter[Any](kind.model)) for kind in KINDS}


class Outcome(NamedTuple):
    """One case run: what is wrong with it, line by line; nothing is success."""

    case: Case
    faults: tuple[str, ...]


def run_timeline(
    timeline: Timeline, rule: Rule, segments: SegmentIndex, library: Iterable[Rule] = (), health: HealthPolicy | None = None
) -> list[Outcome]:
    """Run every case of a rule's timeline. Rules of the library that it listens to run with it, and are not looked at."""
    wanted = set(rule.detector.sources())
    processor = SignalsProcessor(RuleBook([rule, *(one for one in library if one.id in wanted and one.id != rule.id)]), segments, health)
    return [Outcome(case, tuple(_run(case, processor, rule.id))) for case in timeline.cases]


def events_of(payloads: Sequence[dict[str, Any]]) -> list[Event]:
    """Validated events, offsets counting from 0 per topic. Raises ValueError naming the event that no publisher could send."""
    events: list[Event] = []
    offsets: dict[str, int] = {}
    for payload in payloads:
        if payload["type"] not in _ADAPTERS:
            raise ValueError(f"unknown event type {payload['type']}")
        topic, adapter = _ADAPTERS[payload["type"]]
        try:
            data = adapter.validate_json(_json(payload))
        except ValidationError as error:
            first = error.errors()[0]
            raise ValueError(f"{payload['type']} at {payload['occurred_at']}: {first['loc']}: {first['msg']}") from None
        at: datetime = data["occurred_at"]
        offset = offsets[topic] = offsets.get(topic, -1) + 1
        time_ms = round(at.timestamp() * 1000)
        identity = (data["account_id"], data["event_id"], data["source"])
        events.append(Event(topic, 0, offset, time_ms, time_ms, payload["type"], *identity, data))
    return events


def _json(payload: dict[str, Any]) -> str:
    return _OBJECT.dump_json(payload).decode()


def _run(case: Case, processor: SignalsProcessor, rule_id: str) -> list[str]:
    try:
        events = events_of(case.payloads())
    except ValueError as error:
        return [str(error)]
    driver = Driver(processor, "acme")
    until = None if case.until is None else round(case.moment(case.until).timestamp() * 1000)
    driver.run(events, until)
    triggers = [one.effect.trigger for one in driver.happened if isinstance(one.effect, Raise) and one.effect.trigger.rule == rule_id]
    decisions = [
        one.effect.decision for one in driver.happened if isinstance(one.effect, Decide) and one.effect.decision.rule in (None, rule_id)
    ]
    faults: list[str] = []
    for index in range(max(len(triggers), len(case.fires))):
        if index >= len(case.fires):
            faults.append(f"unexpected trigger: {_words(triggers[index])}")
        elif index >= len(triggers):
            faults.append(f"missing trigger {index + 1}: {case.fires[index].model_dump(exclude_none=True)}")
        else:
            faults.extend(_compare(case, case.fires[index], triggers[index]))
    if case.decisions is not None:
        wanted = [(None if one.at is None else rfc3339(case.moment(one.at)), one.reason) for one in case.decisions]
        found = [(rfc3339(one.time), str(one.reason)) for one in decisions]
        if len(wanted) != len(found) or any(w[1] != f[1] or w[0] not in (None, f[0]) for w, f in zip(wanted, found, strict=True)):
            faults.append(f"decisions {[_said(one) for one in decisions]}, expected {wanted}")
    if case.clears is not None:
        over = [one.effect for one in driver.happened if isinstance(one.effect, Cleared) and one.effect.rule == rule_id]
        faults.extend(_unlike(case, case.clears, over))
    return faults


def _unlike(case: Case, expected: Sequence[ExpectedClearing], found: Sequence[Cleared]) -> Iterator[str]:
    def stated(when: str | None) -> str | None:
        return None if when is None else rfc3339(case.moment(when))

    wanted = [(stated(one.at), one.subject, stated(one.episode), one.expired) for one in expected]
    ends = [(rfc3339(utc(one.at_ms)), f"{one.subject.kind} {one.subject.id}", one.episode, one.expired) for one in found]
    if len(wanted) != len(ends) or any(w not in (None, f) for pair in zip(wanted, ends, strict=True) for w, f in zip(*pair, strict=True)):
        yield f"cleared {[(*end, one.how) for end, one in zip(ends, found, strict=True)]}, expected {wanted}"


def _compare(case: Case, expected: ExpectedTrigger, found: Trigger) -> list[str]:
    evidence = found.evidence
    pairs: list[tuple[str, Any, Any]] = [
        ("at", None if expected.at is None else rfc3339(case.moment(expected.at)), rfc3339(found.time)),
        ("subject", expected.subject, f"{found.subject.kind} {found.subject.id}"),
        ("episode", None if expected.episode is None else rfc3339(case.moment(expected.episode)), found.episode),
        (
            "act_by",
            None if expected.act_by is None else rfc3339(case.moment(expected.act_by)),
            None if found.act_by is None else rfc3339(found.act_by),
        ),
        ("observed", expected.observed, evidence.observed),
        ("baseline", expected.baseline, evidence.baseline),
        *((f"facts.{name}", value, evidence.facts.get(name)) for name, value in expected.facts.items()),
    ]
    return [
        f"{_words(found)}: {name} is {is_!r}, expected {wanted!r}" for name, wanted, is_ in pairs if wanted is not None and wanted != is_
    ]


def _words(trigger: Trigger) -> str:
    return f"{trigger.rule} {trigger.subject.kind} {trigger.subject.id} at {rfc3339(trigger.time)} ({trigger.evidence.summary})"


def _said(decision: Decision) -> tuple[str, str, str]:
    return rfc3339(decision.time), str(decision.reason), decision.detail
