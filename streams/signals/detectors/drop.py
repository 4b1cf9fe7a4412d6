"""Fires when usage falls against the account's own past."""

from plays.rules.book import CompiledRule
from plays.rules.detectors.any_kind import AnyParameters
from plays.rules.detectors.drop import DropParameters
from schemas.records.decision import Reason
from schemas.records.trigger import Evidence, Scalar
from streams.signals.context import Context
from streams.signals.day_close import DayClose
from streams.signals.detector import Detector
from streams.signals.evidence import window
from streams.signals.state import TODAY, WEEKS, Spell
from streams.signals.statistics import dispersion, drop_z, median_twice

_SAID_COOLDOWN = 1
_SAID_USUAL = 2
_WEEKS_OF_HISTORY = 8
_MEDIAN_WEEKS = 4


class DropDetector(Detector):
    """Spell of the account: `fired_ms` is the day number of the last firing, `level` twice the baseline frozen there."""

    daily = True

    def __init__(self, compiled: CompiledRule, parameters: AnyParameters | None = None) -> None:
        """With `parameters`, those of one segment; without, the rule's own."""
        super().__init__(compiled)
        stated = compiled.rule.detector if parameters is None else parameters
        assert isinstance(stated, DropParameters)
        self._two_weeks = stated.shape == "two_weeks"
        self._users = stated.measure == "active_users"
        self._unit = "active users" if self._users else "usage events"
        self._floor, self._z_min, self._share = stated.floor, stated.z_min, float(stated.ratio)
        # Shares as whole numbers: this runs at every close of every account.
        self._ratio, self._parts = stated.ratio.numerator, stated.ratio.denominator
        self._rearm, self._rearm_parts = stated.rearm.numerator, stated.rearm.denominator
        hold = compiled.rule.max_hold
        self._hold = hold if isinstance(hold, int) else 1 << 30
        self._cooldown = compiled.rule.cooldown or 0
        self._by_segment: dict[tuple[str, ...], DropDetector] | None = {} if parameters is None and compiled.has_overrides else None

    def on_close(self, context: Context, close: DayClose) -> None:
        if close.since_day > close.day - 13:
            return
        detector = self if self._by_segment is None else self._of_segment(self._by_segment, context.path)
        detector.judge(context, close)

    def plan_anew(self, context: Context) -> bool:
        spell = context.spell(self.rule_id, context.cells.account_id)
        # Where days are not closed any more there is nothing left to fall.
        return context.cells[TODAY].closing and WEEKS in context.cells and not (spell is not None and spell.open)

    def activate(self, context: Context, at_ms: int, close: DayClose) -> None:  # noqa: ARG002 days are what counts
        spell = context.spell(self.rule_id, context.cells.account_id)
        if spell is None or not spell.open:
            self.on_close(context, close)

    def judge(self, context: Context, close: DayClose) -> None:
        """The close under the parameters of this object."""
        if self._two_weeks:
            self._close_two_weeks(context, close)
        else:
            self._close_week_over_week(context, close)

    def _of_segment(self, known: "dict[tuple[str, ...], DropDetector]", path: tuple[str, ...]) -> "DropDetector":
        if path not in known:
            known[path] = DropDetector(self.compiled, self.compiled.parameters(path))
        return known[path]

    def _close_week_over_week(self, context: Context, close: DayClose) -> None:
        day = close.day
        now, before = (close.users(day), close.users(day - 7)) if self._users else close.pair
        holds = before >= self._floor and now * self._parts <= self._ratio * before
        spell = self._after_rearm(context, now, day)
        if not holds:
            if spell is not None and spell.said:
                context.edit_spell(self.rule_id, context.cells.account_id).said = 0
            return
        if spell is not None and spell.open:
            return
        path = context.path
        if not context.in_scope(self.compiled, path):
            return
        facts: dict[str, Scalar] = {}
        if self._z_min is not None:
            weekly = [close.usage(last) for last in range(day - 7, day - 7 - 7 * _WEEKS_OF_HISTORY, -7) if last - 6 >= close.since_day]
            phi = dispersion(weekly)
            z = drop_z(before, now, phi)
            facts |= {"z": round(z, 4), "z_min": self._z_min, "phi": round(phi, 4), "weeks_of_history": len(weekly)}
            if z < self._z_min:
                detail = f"{now} {self._unit} after {before} is within what this account's weeks vary (z {z:.2f} below {self._z_min:g})"
                self._say(context, spell, _SAID_USUAL, Reason.NOT_UNUSUAL, detail, facts)
                return
        if self._in_cooldown(context, spell, day, f"{now} {self._unit} after {before}"):
            return
        self._fire(context, close, path, (now, before * 2), (day - 6, day - 6, day - 13), facts)

    def _close_two_weeks(self, context: Context, close: DayClose) -> None:
        day = close.day
        if len(close.weeks.users) < self._floor and self._users:
            # A median of distinct users cannot exceed the users known at all.
            spell = context.spell(self.rule_id, context.cells.account_id)
            if spell is None or not (spell.open or spell.said):
                return
        measure = close.users if self._users else close.usage
        second = measure(day)
        spell = self._after_rearm(context, second, day)
        if spell is not None and spell.open:
            return
        first = base2 = 0
        # No median of distinct users exceeds the users known at all: most closes need no further count.
        holds = not self._users or second * self._parts < self._ratio * len(close.weeks.users)
        if holds:
            first = measure(day - 7)
            base2 = median_twice([measure(day - 14 - 7 * week) for week in range(_MEDIAN_WEEKS)])
            bar = self._ratio * base2
            holds = base2 >= 2 * self._floor and 2 * first * self._parts < bar and 2 * second * self._parts < bar
        if not holds:
            if spell is not None and spell.said:
                context.edit_spell(self.rule_id, context.cells.account_id).said = 0
            return
        path = context.path
        figures = f"{first}, then {second} {self._unit} after {base2 / 2:g}"
        if not context.in_scope(self.compiled, path) or self._in_cooldown(context, spell, day, figures):
            return
        self._fire(context, close, path, (second, base2), (day - 13, day - 6, day - 41), {"first_week": first, "second_week": second})

    def _after_rearm(self, context: Context, now: int, day: int) -> Spell | None:
        """The account's spell, closed if the measure has recovered or it was held long enough."""
        spell = context.spell(self.rule_id, context.cells.account_id)
        if spell is None or not spell.open:
            return spell
        if 2 * now * self._rearm_parts >= self._rearm * spell.level or day >= spell.fired_ms + self._hold:
            spell = context.edit_spell(self.rule_id, context.cells.account_id)
            spell.open = False
        return spell

    def _in_cooldown(self, context: Context, spell: Spell | None, day: int, figures: str) -> bool:
        if spell is None or not spell.episode_ms or day >= spell.fired_ms + self._cooldown:
            return False
        detail = f"{figures}, but the rule fired within the last {self._cooldown} days"
        self._say(context, spell, _SAID_COOLDOWN, Reason.COOLDOWN, detail, {"cooldown_days": self._cooldown})
        return True

    def _say(self, context: Context, spell: Spell | None, bit: int, reason: Reason, detail: str, facts: dict[str, Scalar]) -> None:
        if spell is None or not spell.said & bit:
            account_id = context.cells.account_id
            context.edit_spell(self.rule_id, account_id).said |= bit
            context.decide(self.compiled, reason, "account", account_id, detail, facts)

    def _fire(
        self,
        context: Context,
        close: DayClose,
        path: tuple[str, ...],
        figures: tuple[int, int],
        days: tuple[int, int, int],
        facts: dict[str, Scalar],
    ) -> None:
        """`figures`: now, twice the baseline. `days`: first of the episode, of the last week, of the baseline."""
        now, base2 = figures
        began, week, base_from = days
        calendar, account_id = close.calendar, context.cells.account_id
        spell = context.edit_spell(self.rule_id, account_id)
        spell.open, spell.fired_ms, spell.level, spell.said = True, close.day, base2, 0
        spell.episode_ms = calendar.midnight(began)
        if close.weeks.approximate and self._users:
            facts = facts | {"users_approximate": True}
        before = f"the usual {base2 / 2:g} of four weeks" if self._two_weeks else f"{base2 // 2} the week before"
        again = f", after {facts['first_week']} the week before that" if self._two_weeks else ""
        evidence = Evidence(
            summary=f"{now} {self._unit} in the last 7 days{again}: {_percent(now, base2)} below {before}.",
            observed=now,
            baseline=base2 / 2,
            threshold=self._share,
            unit=self._unit,
            window=window(calendar.midnight(week), calendar.close(close.day)),
            baseline_window=window(calendar.midnight(base_from), calendar.midnight(began)),
            facts=facts,
            clears_when="",
        )
        context.fire(self.compiled, path, account_id, spell.episode_ms, evidence)


def _percent(now: int, base2: int) -> str:
    return f"{round(100 * (1 - 2 * now / base2))} %"
