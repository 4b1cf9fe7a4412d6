"""The shape of detector logic: one object per rule, stateless; what it remembers is in the account's cells."""

from collections.abc import Iterable

from plays.rules.book import CompiledRule
from plays.rules.detectors.any_kind import AnyParameters
from schemas.events.event import Event
from schemas.events.registry import TOPICS_OF
from schemas.records.trigger import Trigger
from streams.processing.proof import Topics
from streams.signals.context import Context
from streams.signals.day_close import DayClose
from streams.signals.series import SeriesOf
from streams.signals.standing import Over, Standing


class Detector:
    """Hooks a detector may use; each is called only if the class says so, and always after the state took the event in."""

    types: frozenset[str] = frozenset()
    """Event types that `on_event` is called for."""
    begins_with: frozenset[str] = frozenset()
    """Further event types that `on_event` is called for, whatever the rule: the relation begins anew."""
    before_types: frozenset[str] = frozenset()
    """Event types that `on_event_before` is called for."""
    series_of: tuple[SeriesOf, ...] = ()
    """Event series it reads."""
    after_rules: frozenset[str] = frozenset()
    """Rules whose triggers `on_trigger` is called for."""
    silent_topics: Topics = ()
    """Topics on which its deadlines expect to have heard nothing, sorted."""
    with_health: bool = False
    """Whether `on_health` is called when the health score has changed."""
    daily: bool = False
    """Whether `on_close` is called at day closes."""
    without_usage: bool = False
    """Whether days must be closed although there was never any usage, and for how long there is none."""

    endings: frozenset[str] = frozenset()
    """Event types after which `ends` is asked, of episodes that fired; whatever ends one without being asked says `Context.end`."""
    ends_daily: bool = False
    """Whether it is asked at day closes too."""
    ends_in_silence: Topics = ()
    """Topics on which nothing must have come for `ends_by` to be true, sorted."""
    holds_itself: bool = False
    """Whether the detector ends what the rule holds for no longer (`max_hold`)."""

    follows: object = None
    """What the detector keeps track of in cells of its own; rules that follow the same keep the same."""
    alike: tuple[str, ...] = ()
    """Ids of the other rules that follow the same: a new rule takes over what they know."""

    def __init__(self, compiled: CompiledRule) -> None:
        self.compiled = compiled
        self.rule_id = compiled.rule.id

    def parameters(self, context: Context) -> AnyParameters:
        """The figures that hold for the account's segments now."""
        compiled = self.compiled
        return compiled.parameters(context.path) if compiled.layers else compiled.rule.detector

    def on_event_before(self, context: Context, event: Event) -> None:
        """An event that is about to change the state the detector looks at."""

    def on_event(self, context: Context, event: Event) -> None:
        """An event that is part of the state now."""

    def on_trigger(self, context: Context, trigger: Trigger) -> None:
        """Another rule has fired, in this very step."""

    def on_deadline(self, context: Context, subject: str, at_ms: int) -> None:
        """A deadline named `<rule>:<subject>` is due; it is no longer planned."""

    def on_health(self, context: Context, event: Event) -> None:
        """The health score has changed by this event; comes before `on_event`, if that comes."""

    def about(self, context: Context, subject: str, at_ms: int) -> tuple[str, ...]:  # noqa: ARG002 a deadline of its own per subject
        """The subjects that a deadline of this name, due now, is about; empty where the facts have moved on."""
        return (subject,)

    def on_close(self, context: Context, close: DayClose) -> None:
        """A day is complete."""

    def ends(self, context: Context, one: Standing, at_ms: int, event: Event | None) -> Over | None:  # noqa: ARG002 many are ended at once
        """Whether an episode that fired is over at `at_ms`, by the facts as they stand; `event` has just become one of them."""
        return None

    def ends_by(self, context: Context, one: Standing) -> int | None:  # noqa: ARG002 as above
        """The moment at which `ends` is to be asked even if nothing happens; None: there is none as things stand."""
        return None

    def plan_anew(self, context: Context) -> bool:  # noqa: ARG002 most kinds look at events alone
        """The rule is new to the account, or not what it was: plan what lies ahead by what is known, unplan what does not.

        True when something may be true already, and `activate` is to look. Open episodes stay as they are.
        """
        return False

    def activate(self, context: Context, at_ms: int, close: DayClose) -> None:
        """Fire for what is true at `at_ms` and was not fired yet; `close` is the last complete day. All before is known."""

    def replan(self, context: Context) -> None:
        """The account's days are others than before: set pending deadlines anew from what is known."""


def topics_of(types: Iterable[str]) -> Topics:
    """The topics on which events of these types arrive, sorted."""
    return tuple(sorted({TOPICS_OF[name][0] for name in types}))
