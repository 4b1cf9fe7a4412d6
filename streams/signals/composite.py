"""Rules over several conditions at once, about the account.

Some measures move so slowly that it is known for weeks ahead when they may come within their bound (`Measure.not_before`). A rule
that waits for one sleeps until then: it has one deadline, at the close of a day, and needs no days closed for it.
"""

from collections.abc import Sequence

from plays.rules.book import CompiledRule
from plays.rules.detectors.any_kind import AnyParameters
from plays.rules.detectors.parameters import CompositeParameters
from plays.rules.parts import Part
from schemas.events.event import Event
from schemas.records.decision import Reason
from schemas.records.trigger import Evidence
from streams.signals import usage
from streams.signals.calendar import DAY_MS
from streams.signals.context import Context
from streams.signals.day_close import DayClose
from streams.signals.detector import Detector
from streams.signals.facts.logins import LOGIN_DAY, LOGINS
from streams.signals.parts import Look, Parts, PartsBySegment, with_looks
from streams.signals.standing import Over, Standing
from streams.signals.state import Spell

_SAID_COOLDOWN = 1

OPEN_DAYS = 14
"""An open episode is looked at so often, that its end is known before the next can begin."""

OUT_OF_SCOPE_DAYS = 30
"""So often, at least, it is asked whether an account has come into the scope of the rule; events that say so are heeded at once."""

_LOGIN = "user.login"  # begins what nobody else has begun; too frequent for more
_BEGINNINGS = frozenset(
    {
        "account.created", "account.handoff", "account.reactivated", "account.updated", "contract.renewed", "contract.started",
        "subscription.changed", "subscription.started", _LOGIN,
    }
)  # fmt: skip


class Composite(Detector):
    """Spell of the account: `open` while the condition holds, `episode_ms` since when. A subclass says how parts combine."""

    over: str
    """That the condition does not hold any more, for people."""

    def __init__(self, compiled: CompiledRule) -> None:
        super().__init__(compiled)
        self.parts = PartsBySegment(compiled, _parts)
        parts = self.parts.stated
        self._judged_on = parts.types
        self._sleeps = parts.sleeps
        self.types = parts.types | _BEGINNINGS if parts.sleeps else parts.types
        self.series_of = parts.series_of
        self.daily = self.looks_daily(parts)
        self.with_health = parts.of_health
        self.silent_topics = ("product-usage",) if parts.sleeps else ()
        self.endings = parts.types | {_LOGIN} if parts.sleeps else frozenset()
        self.ends_daily = parts.sleeps
        self.name = f"{self.rule_id}:"

    def looks_daily(self, parts: Parts) -> bool:
        """Whether the condition is judged at every day close."""
        raise NotImplementedError

    def looks(self, context: Context, at_ms: int, close: DayClose | None) -> list[Look] | None:
        """What makes the condition hold at `at_ms`; None where it does not."""
        raise NotImplementedError

    def wakes(self, days: Sequence[int]) -> int:
        """The first day at whose close the condition may hold, from the first day of each part that moves slowly."""
        raise NotImplementedError

    def on_event(self, context: Context, event: Event) -> None:
        if event.type in self._judged_on and not self.sleeps_through(context, event.time_ms):
            self._take(context, event)
        if not self._sleeps or (event.type == _LOGIN and LOGINS in context.cells):
            return  # not the first logins of the relation: planned long ago
        planned_ms, now_ms = context.planned_at(self.name), context.moment.now_ms
        if planned_ms is None or (planned_ms > now_ms and event.type in _BEGINNINGS and event.type != _LOGIN):
            self._sleep(context, context.calendar.day_of(now_ms) - 1, at_most=planned_ms)

    def on_health(self, context: Context, event: Event) -> None:
        if event.type not in self._judged_on:
            self._take(context, event)

    def sleeps_through(self, context: Context, at_ms: int) -> bool:  # noqa: ARG002 only a subclass can say
        """Whether it is known that the condition does not hold at `at_ms`, and that no episode is open."""
        return False

    def on_deadline(self, context: Context, subject: str, at_ms: int) -> None:  # noqa: ARG002 about the account
        close = usage.closed(context.cells, at_ms, 1)
        self._judge(context, at_ms, close)
        self._sleep(context, close.day, close)

    def about(self, context: Context, subject: str, at_ms: int) -> tuple[str, ...]:  # noqa: ARG002 as above
        return () if self.looks(context, at_ms, None) is None else (context.cells.account_id,)

    def _take(self, context: Context, event: Event) -> None:
        spell = context.spell(self.rule_id, context.cells.account_id)
        if spell is not None and spell.open and self.series_of and self.looks(context, event.time_ms - 1, None) is None:
            self._end(context, event.time_ms)  # an event had gone out of its days unnoticed
        self._judge(context, event.time_ms, None)

    def on_close(self, context: Context, close: DayClose) -> None:
        self._judge(context, close.calendar.close(close.day), close)

    def plan_anew(self, context: Context) -> bool:
        if self._sleeps:
            planned_ms, now_ms = context.planned_at(self.name), context.moment.now_ms
            if planned_ms is not None and planned_ms <= now_ms:
                return False  # due, and waiting to be believed
            self._sleep(context, context.calendar.day_of(now_ms) - 1, at_most=planned_ms)
        spell = context.spell(self.rule_id, context.cells.account_id)
        return (spell is None or not spell.open) and self.looks(context, context.moment.now_ms, None) is not None

    def activate(self, context: Context, at_ms: int, close: DayClose) -> None:
        self._judge(context, at_ms, close)

    def replan(self, context: Context) -> None:
        planned_ms, now_ms = context.planned_at(self.name), context.moment.now_ms
        if planned_ms is not None and planned_ms > now_ms:
            self._sleep(context, context.calendar.day_of(now_ms) - 1)

    def _sleep(self, context: Context, day: int, close: DayClose | None = None, at_most: int | None = None) -> None:
        """Be woken at the close of the first day, after `day`, at which there may be something to say."""
        spell = context.spell(self.rule_id, context.cells.account_id)
        if spell is not None and spell.open:
            first = day + OPEN_DAYS
        elif not self.compiled.applies_to(context.path):
            first = day + OUT_OF_SCOPE_DAYS
        else:
            close = usage.closed(context.cells, context.calendar.close(day), 1) if close is None else close
            first = max(day + 1, self.wakes(self.parts.of(context).not_before(context, close)))
        at_ms = context.calendar.close(first)
        if at_ms > context.calendar.close(day):  # not later only where the calendar ends
            context.plan(self.name, at_ms if at_most is None else min(at_ms, at_most))

    def _judge(self, context: Context, at_ms: int, close: DayClose | None) -> None:
        account_id = context.cells.account_id
        looks = self.looks(context, at_ms, close)
        spell = context.spell(self.rule_id, account_id)
        if looks is None or (spell is not None and spell.open):
            if looks is None and spell is not None and spell.open:
                self._end(context, at_ms)
            return
        path = context.path
        if not context.in_scope(self.compiled, path, at_ms):
            return
        cooldown = self.compiled.rule.cooldown
        if cooldown is not None and spell is not None and at_ms < spell.fired_ms + cooldown * DAY_MS:
            self._say_cooldown(context, spell, cooldown)
            return
        spell = context.edit_spell(self.rule_id, account_id)
        spell.open, spell.episode_ms, spell.fired_ms, spell.said = True, at_ms, at_ms, 0
        summary = f"{self.compiled.rule.title}: {'; '.join(look.words for look in looks)}."
        context.fire(self.compiled, path, account_id, at_ms, with_looks(Evidence(summary=summary, clears_when=""), looks))

    def _end(self, context: Context, at_ms: int) -> None:
        account_id = context.cells.account_id
        context.edit_spell(self.rule_id, account_id).open = False
        context.end(self.compiled, account_id, at_ms, Over(self.over))

    def ends(self, context: Context, one: Standing, at_ms: int, event: Event | None) -> Over | None:  # noqa: ARG002 the facts have taken it in
        """Of one that sleeps, before it wakes and finds out by itself."""
        return Over(self.over) if self._sleeps and self.looks(context, at_ms, None) is None else None

    def ends_by(self, context: Context, one: Standing) -> int | None:
        """The close of the newest day on which somebody signed in since: measures are of complete days."""
        day = context.cells[LOGIN_DAY].day
        return context.calendar.close(day) if self._sleeps and day >= context.calendar.day_of(one.fired_ms) else None

    def _say_cooldown(self, context: Context, spell: Spell, days: int) -> None:
        """Once for each firing: it is true again, and too soon to say so."""
        if not spell.said & _SAID_COOLDOWN:
            account_id = context.cells.account_id
            context.edit_spell(self.rule_id, account_id).said |= _SAID_COOLDOWN
            detail = f"the condition holds again, but the rule fired within the last {days} days"
            context.decide(self.compiled, Reason.COOLDOWN, "account", account_id, detail, {"cooldown_days": days})


def _parts(parameters: AnyParameters) -> tuple[Part, ...]:
    assert isinstance(parameters, CompositeParameters)
    return parameters.parts
