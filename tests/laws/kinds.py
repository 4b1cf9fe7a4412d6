"""Small stories for each kind of detector, of the events its own rules listen to, and ways to run them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from hypothesis import strategies as st

from plays.loading.health import load_health
from plays.loading.rules import LIBRARY, load_rules
from plays.loading.segments import POLICY, load_segments
from plays.rules.book import RuleBook
from plays.rules.rule import Rule
from schemas.events.event import Event
from schemas.records.trigger import Trigger
from streams.engine.duplicates import first_sight
from streams.processing.cells import Cells
from streams.processing.deadline import Deadline
from streams.processing.effects import CancelDeadline, Effect, Raise, SetDeadline
from streams.processing.moment import Mode, Moment
from streams.processing.proof import Proof
from streams.signals.driver import GRACE_MS, Driver
from streams.signals.logic import LOGIC
from streams.signals.processor import SignalsProcessor
from tests.laws.test_detector_laws import ACCOUNT_EVENTS, HOUR, START, ZONES, days, ids, in_order

SEGMENTS = load_segments(POLICY)
HEALTH = load_health(POLICY, SEGMENTS.names)
RULES = {rule.id: rule for rule in load_rules(LIBRARY, SEGMENTS.names)}
KINDS = sorted(LOGIC)
TIMERS = sorted(set(KINDS) - {"achievement", "change", "count", "event", "spike"})
DAY_MS = 86_400_000
TOUCH = {1_000: ("tech",), 20_000: ("human-touch", "mid"), 90_000: ("human-touch", "high")}
"""What an annual contract value makes of an account, below `all`."""


def variant(of: str, name: str, *, applies_to: Sequence[str] = ("all",), **detector: Any) -> Rule:
    """A rule of the library with another detector."""
    stated = RULES[of].model_dump(exclude_unset=True)
    return Rule.model_validate({**stated, "id": name, "applies_to": applies_to, "detector": detector, "overrides": {}, "requires": None})


def _parts(least: int) -> list[dict[str, Any]]:
    return [
        {"measure": "tickets_30d", "at_least": least},
        {"event": {"type": "account.org_changed"}, "within": "20d"},
    ]


OWN = (
    variant("T41", "X1", kind="all_of", parts=_parts(2)),
    variant("T41", "X2", kind="any_of", parts=_parts(3)),
    variant("T41", "X3", kind="any_of", parts=[{"measure": "active_users_7d", "at_least": 3}, {"measure": "open_p1", "at_least": 1}]),
    variant(
        "T15", "X4", kind="due", opened_by=[{"type": "invoice.issued"}], date="due", days_before=5, ended_by=[{"type": "invoice.paid"}]
    ),
)
"""Kinds and forms of which the library has few rules."""


def rules_of(kind: str) -> list[Rule]:
    """The rules of the library of this kind, and our own."""
    return [rule for rule in (*RULES.values(), *OWN) if rule.detector.kind == kind and rule.status != "retired"]


def processor_of(rules: Iterable[Rule]) -> SignalsProcessor:
    return SignalsProcessor(RuleBook(rules), SEGMENTS, HEALTH)


PROCESSORS = {kind: processor_of(rules_of(kind)) for kind in KINDS}
_MORE: dict[str, Any] = {
    "account.updated": st.fixed_dictionaries({}, optional={"seats": st.sampled_from([5, 40]), "key_features": st.just(["export"])}),
    "ticket.closed": st.fixed_dictionaries({"ticket_id": ids}),
    "invoice.voided": st.fixed_dictionaries({"invoice_id": ids}),
    "touch.logged": st.fixed_dictionaries({}, optional={"contact_id": ids}),
    "survey.responded": st.fixed_dictionaries(
        {"kind": st.sampled_from(["csat", "nps"]), "score": st.integers(0, 10)}, optional={"contact_id": ids, "scale": st.just("0-10")}
    ),
    "ticket.created": st.fixed_dictionaries(
        {"ticket_id": st.sampled_from("12345"), "priority": st.sampled_from(["P1", "P2"])},
        optional={"category": st.sampled_from(["login", "export"]), "subject_fingerprint": st.sampled_from(["a81f", "77"])},
    ),
    "milestone.started": st.fixed_dictionaries(
        {"milestone_id": ids, "kind": st.sampled_from(["integration", "training", "expansion"])}, optional={"due": days}
    ),
    "feature.used": st.fixed_dictionaries({"feature": st.sampled_from(["export", "forecast"])}, optional={"user_id": ids}),
}
EVENTS: Mapping[str, Any] = {**ACCOUNT_EVENTS, **_MORE}
LEVELS = ("drop", "threshold", "any_of")
"""Kinds that look at weeks of usage."""
_CHURN = ("account.churned", "account.reactivated")


def types_of(kind: str) -> tuple[str, ...]:
    """The event types that rules of this kind listen to, of those we can make; beside them what begins, ends and describes a relation."""
    found: set[str] = set()
    for detector in PROCESSORS[kind]._detectors.values():
        found |= detector.endings
        found |= detector.types | detector.before_types | detector.begins_with | {match.type for _, match, _ in detector.series_of}
    return tuple(sorted(found & EVENTS.keys() | {"account.updated"}))


class Story(NamedTuple):
    """Events of one account, the segments it is in throughout, its timezone."""

    events: Sequence[Event]
    segments: frozenset[str]
    zone: str

    @property
    def end_ms(self) -> int:
        """Long enough after the last event for most that waits."""
        return max(event.time_ms for event in self.events) + 110 * DAY_MS


@st.composite
def _one(draw: st.DrawFn, types: Sequence[str]) -> dict[str, Any]:
    name = draw(st.sampled_from(types))
    at = START + HOUR * draw(st.integers(0, 24 * 70) | st.integers(0, 8).map(lambda n: n * 200))  # often the same instant
    return {"type": name, "occurred_at": at, **draw(EVENTS[name])}


@st.composite
def _weeks(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Up to nine weeks of usage, each at a level of its own."""
    found: list[dict[str, Any]] = []
    for week, (a_day, people) in enumerate(draw(st.lists(st.tuples(st.integers(0, 6), st.integers(1, 8)), max_size=9))):
        for at in range(7 * a_day):
            moment = START + timedelta(days=7 * week + at // a_day, hours=(at * 5) % 24)
            found.append({"type": "feature.used", "occurred_at": moment, "feature": "export", "user_id": f"u{at % people}"})
    return found


@st.composite
def stories(draw: st.DrawFn, kind: str, *, churn: bool = False) -> Story:
    """An account, known from the start, and up to twelve events at once or apart; for some kinds weeks of usage."""
    acv, zone = draw(st.sampled_from(sorted(TOUCH))), draw(st.sampled_from(ZONES))
    first = {
        "type": "account.created", "occurred_at": START - HOUR, "timezone": zone, "acv": acv, "seats": draw(st.sampled_from([4, 10])),
        "key_features": ["export", "forecast"],
    }  # fmt: skip
    types = [*types_of(kind), *(_CHURN if churn else ())]
    events = draw(st.lists(_one(types), max_size=12)) + (draw(_weeks()) if kind in LEVELS else [])
    beside = draw(st.sampled_from([(), ("plan.created",), ("plan.created", "account.handoff"), ("onboarding.completed",)]))
    events += [{"type": name, "occurred_at": START, **({"plan_id": "1"} if name == "plan.created" else {})} for name in beside]
    ordered = [first, *sorted(events, key=lambda event: event["occurred_at"])]
    return Story(in_order(ordered), frozenset({"all", *TOUCH[acv]}), zone)


def run(processor: SignalsProcessor, story: Story, after_each: Callable[[Cells], None] | None = None) -> Driver:
    """The story, and the time after it."""
    driver = Driver(processor, "acme")
    driver.run(story.events, story.end_ms, after_each)
    return driver


def told(driver: Driver) -> list[str]:
    """All that was said, in order, in full."""
    return [str(happened) for happened in driver.happened]


def triggers(driver: Driver) -> list[Trigger]:
    return [one.effect.trigger for one in driver.happened if isinstance(one.effect, Raise)]


class Guarded(Driver):
    """A driver behind the guard of the engine: what the account has had is not applied."""

    def run(self, events: Iterable[Event], until_ms: int | None = None, after_each: Callable[[Cells], None] | None = None) -> None:
        for event in events:
            if first_sight(self.cells, event, max(self.now_ms, event.time_ms), 1 << 60):
                super().run([event], None, after_each)
        super().run([], until_ms)


class Answer(NamedTuple):
    """What a processor made of a silence deadline: when it was asked in doubt, or in earnest."""

    name: str
    now_ms: int
    held_ms: int | None  # in earnest: since when its holding had been told
    effects: tuple[Effect, ...]


class Doubting(Driver):
    """Feeds are silent when deadlines come due: each is held for as long as `waits` says, in turn, and judged then."""

    def __init__(self, processor: SignalsProcessor, waits: Sequence[int]) -> None:
        super().__init__(processor, "acme")
        self._signals = processor
        self._waits = waits
        self._asked = 0
        self.in_doubt: list[Answer] = []
        self.in_earnest: list[Answer] = []
        self._parked: dict[str, tuple[int, int | None]] = {}  # name -> (judged then, told since)

    def _advance(self, to_ms: int) -> None:
        while True:
            waiting = [(self._parked[name][0] if name in self._parked else due, name) for name, (due, _) in self._deadlines.items()]
            if not waiting or min(waiting)[0] > to_ms:
                break
            due, name = min(waiting)
            self.now_ms = max(self.now_ms, due)
            if name in self._parked:
                self._judge(name)
            else:
                self._hold(name, due)
        self.now_ms = max(self.now_ms, to_ms)

    def _hold(self, name: str, due: int) -> None:
        wait_ms = self._waits[self._asked % len(self._waits)]
        self._asked += 1
        effects: tuple[Effect, ...] = ()
        if wait_ms:
            moment = Moment(self.now_ms, mode=Mode.LIVE, proof=Proof(True, self.now_ms, self._signals.silent_topics(name), _heard))
            effects = tuple(self._signals.on_held(self.cells, Deadline(name, self._deadlines[name][1]), moment))
            self.in_doubt.append(Answer(name, self.now_ms, None, effects))
            self._take(effects)
        self._parked[name] = (due + wait_ms, self.now_ms if effects else None)

    def _judge(self, name: str) -> None:
        at_ms, told_ms = self._deadlines.pop(name)[1], self._parked.pop(name)[1]
        moment = Moment(self.now_ms, mode=Mode.LIVE, proof=Proof(False, told_ms, self._signals.silent_topics(name), _heard))
        effects = tuple(self._signals.on_deadline(self.cells, Deadline(name, at_ms), moment))
        self.in_earnest.append(Answer(name, self.now_ms, told_ms, effects))
        self._take(effects)

    def _take(self, effects: Iterable[Effect]) -> None:
        effects = tuple(effects)
        for effect in effects:
            if isinstance(effect, CancelDeadline) or (
                isinstance(effect, SetDeadline) and self._deadlines.get(effect.name) != (effect.at_ms + GRACE_MS, effect.at_ms)
            ):
                self._parked.pop(effect.name, None)
        super()._take(effects)


def _heard(topics: Sequence[str]) -> Mapping[str, int]:
    return {f"{topic}/feed": 0 for topic in topics}
