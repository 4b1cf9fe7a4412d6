"""Fires when usage falls against the account's own past."""

from collections.abc import Iterable

from plays.rules.book import CompiledRule
from plays.rules.detectors.any_kind import AnyParameters
from plays.rules.detectors.drop import DropParameters
from schemas.records.decision import Reason
from schemas.records.trigger import Evidence, Scalar
from streams.signals.context import Context
from streams.signals.day_close import DayClose
from streams.signals.detector import Detector
from streams.signals.evidence import window
from streams.signals.falls import SHAPES, Bar, Fall, Measure
from streams.signals.standing import Over
from streams.signals.state import TODAY, WEEKS, Spell
from streams.signals.variation import highest_z, outlook

_SAID_COOLDOWN = 1
_SAID_USUAL = 2
_LEAST_DAYS = 14


class DropDetector(Detector):
    """Spell of the account: `fired_ms` is the day number of the last firing, `level` the baseline frozen there, on the scale of
    its shape, `run` the closes running at which there was a fall, where the rule asks for several.
    """

    daily = True
    holds_itself = True

    def __init__(self, compiled: CompiledRule, parameters: AnyParameters | None = None) -> None:
        """With `parameters`, those of one segment; without, the rule's own."""
        super().__init__(compiled)
        stated = compiled.rule.detector if parameters is None else parameters
        assert isinstance(stated, DropParameters)
        self._stated = stated
        self._measure = Measure(True, "active users") if stated.measure == "active_users" else Measure(False, "usage events")
        self._fall, self._level = SHAPES[stated.shape]
        # Shares as whole numbers: this runs at every close of every account.
        self._bar = Bar(stated.ratio.numerator, stated.ratio.denominator, stated.floor)
        self._rearm, self._rearm_parts = stated.rearm.numerator, stated.rearm.denominator
        hold = compiled.rule.max_hold
        self._hold = hold if isinstance(hold, int) else 1 << 30
        self._cooldown = compiled.rule.cooldown or 0
        self._by_segment: dict[tuple[str, ...], DropDetector] | None = {} if parameters is None and compiled.layers else None

    def on_close(self, context: Context, close: DayClose) -> None:
        if close.since_day > close.day - _LEAST_DAYS + 1:
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
        spell = context.spell(self.rule_id, context.cells.account_id)
        if spell is not None and spell.open:
            spell = self._after_rearm(context, close, spell)
        fall = self._fall(close, self._measure, self._bar)
        if fall is None:
            if spell is not None and (spell.said or (spell.run and not spell.open)):
                spell = context.edit_spell(self.rule_id, context.cells.account_id)
                spell.said = spell.run = 0
            return
        if spell is not None and spell.open:
            return
        path = context.path
        if not context.in_scope(self.compiled, path):
            return
        facts = self._facts(close, fall)
        figures = f"{_numbers(reversed(fall.weeks))} {self._measure.unit} after {fall.base / fall.scale:g}"
        if not self._stated.exact and not self._unusual(context, close, spell, fall, figures, facts):
            return
        if self._stated.closes > 1 and not self._run_is_full(context):
            return
        if self._in_cooldown(context, spell, close.day, figures):
            return
        self._fire(context, close, path, fall, facts)

    def _of_segment(self, known: "dict[tuple[str, ...], DropDetector]", path: tuple[str, ...]) -> "DropDetector":
        if path not in known:
            known[path] = DropDetector(self.compiled, self.compiled.parameters(path))
        return known[path]

    def _after_rearm(self, context: Context, close: DayClose, spell: Spell) -> Spell:
        """The account's spell, closed if the measure has recovered or it was held long enough."""
        held = close.day >= spell.fired_ms + self._hold
        if held or self._level(close, self._measure) * self._rearm_parts >= self._rearm * spell.level:
            spell = context.edit_spell(self.rule_id, context.cells.account_id)
            spell.open, spell.run = False, 0
            self._end(context, close, spell.level)
        return spell

    def _end(self, context: Context, close: DayClose, base: int) -> None:
        level = self._level(close, self._measure)
        back = level * self._rearm_parts >= self._rearm * base
        share = f"{round(100 * level / base)} % of what it was" if base else "what it was"
        how = f"{self._measure.unit}: at {share}" if back else f"{self._measure.unit}: still at {share} after {self._hold} days"
        context.end(self.compiled, context.cells.account_id, close.calendar.close(close.day), Over(how, expired=not back))

    def _facts(self, close: DayClose, fall: Fall) -> dict[str, Scalar]:
        facts: dict[str, Scalar] = {}
        if len(fall.weeks) == 2:
            facts |= {"first_week": fall.weeks[1], "second_week": fall.weeks[0]}
        elif len(fall.weeks) > 2:
            facts |= {"weeks": _numbers(reversed(fall.weeks)), "weeks_before": _numbers(reversed(fall.before))}
        if close.weeks.approximate and self._measure.users:
            facts["users_approximate"] = True
        return facts

    def _unusual(self, context: Context, close: DayClose, spell: Spell | None, fall: Fall, figures: str, facts: dict[str, Scalar]) -> bool:
        """Whether the fall is unlikely under the account's own past and calendar; says once that it is not."""
        z_min = self._stated.z_min
        highest = highest_z(fall.weeks, fall.base / fall.scale, people=self._measure.users)
        if highest < z_min:  # so few that the past need not be asked: most falls of small accounts
            detail = f"{figures} is too little to be unusual for anybody (z at most {highest:.2f}, below {z_min:g})"
            return self._usual(context, spell, detail, {**facts, "z_at_most": round(highest, 4), "z_min": z_min})
        found = outlook(context, close, fall.weeks, fall.base / fall.scale, len(fall.before), people=self._measure.users)
        facts |= {
            "expected": round(found.expected, 2), "z": round(found.z, 4), "z_min": z_min, "phi": round(found.phi, 4),
            "weeks_of_history": found.weeks,
        }  # fmt: skip
        if found.closed:
            facts["closed_days"] = found.closed
        if found.z >= z_min:
            return True
        closed = f" with {found.closed} days closed" if found.closed else ""
        detail = (
            f"{figures} is within what this account's weeks vary{closed}: {found.expected:.4g} were to be expected "
            f"(z {found.z:.2f} below {z_min:g})"
        )
        return self._usual(context, spell, detail, facts)

    def _usual(self, context: Context, spell: Spell | None, detail: str, facts: dict[str, Scalar]) -> bool:
        if spell is not None and spell.run:
            context.edit_spell(self.rule_id, context.cells.account_id).run = 0
        self._say(context, spell, _SAID_USUAL, Reason.NOT_UNUSUAL, detail, facts)
        return False

    def _run_is_full(self, context: Context) -> bool:
        spell = context.edit_spell(self.rule_id, context.cells.account_id)
        spell.run = min(spell.run + 1, self._stated.closes)
        return spell.run >= self._stated.closes

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

    def _fire(self, context: Context, close: DayClose, path: tuple[str, ...], fall: Fall, facts: dict[str, Scalar]) -> None:
        calendar, account_id, day = close.calendar, context.cells.account_id, close.day
        began = calendar.midnight(day - 7 * len(fall.weeks) + 1)
        spell = context.edit_spell(self.rule_id, account_id)
        spell.open, spell.fired_ms, spell.level, spell.said, spell.run = True, day, fall.base, 0, 0
        spell.episode_ms = began
        now, base = fall.now / fall.scale, fall.base / fall.scale
        month = len(fall.weeks) > 2
        evidence = Evidence(
            summary=f"{_said(fall, self._measure.unit)}: {round(100 * (1 - now / base))} % below {_against(fall)}.",
            observed=now,
            baseline=base,
            threshold=float(self._stated.ratio),
            unit=self._measure.unit,
            window=window(began if month else calendar.midnight(day - 6), calendar.close(day)),
            baseline_window=window(calendar.midnight(day - 7 * (len(fall.weeks) + len(fall.before)) + 1), began),
            facts=facts,
            clears_when="",
        )
        context.fire(self.compiled, path, account_id, spell.episode_ms, evidence)


def _said(fall: Fall, unit: str) -> str:
    if len(fall.weeks) == 1:
        return f"{fall.weeks[0]} {unit} in the last 7 days"
    if len(fall.weeks) == 2:
        return f"{fall.weeks[0]} {unit} in the last 7 days, after {fall.weeks[1]} the week before that"
    return f"{fall.now / fall.scale:g} {unit} in a mean week of the last four"


def _against(fall: Fall) -> str:
    base = fall.base / fall.scale
    if len(fall.weeks) == 1:
        return f"{base:g} the week before"
    return f"the usual {base:g} of four weeks" if len(fall.weeks) == 2 else f"{base:g} of the four weeks before"


def _numbers(values: Iterable[int]) -> str:
    return ", ".join(str(value) for value in values)
