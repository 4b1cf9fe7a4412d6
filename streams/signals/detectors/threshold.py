"""Fires when a weekly measure stays below a level."""

from fractions import Fraction

from plays.rules.book import CompiledRule
from plays.rules.detectors.threshold import ThresholdParameters
from schemas.records.trigger import Evidence
from streams.signals.calendar import Calendar
from streams.signals.context import Context
from streams.signals.day_close import DayClose
from streams.signals.detector import Detector
from streams.signals.evidence import window
from streams.signals.state import NEVER, WEEKS
from streams.signals.weeks import distinct


class ThresholdDetector(Detector):
    """Spell of the account: `run` counts closes running below the level, or, while open, closes running at the re-arm level."""

    daily = True
    without_usage = True

    def __init__(self, compiled: CompiledRule) -> None:
        super().__init__(compiled)
        hold = compiled.rule.max_hold
        self._hold = hold if isinstance(hold, int) else 1 << 30

    def on_close(self, context: Context, close: DayClose) -> None:
        parameters, day = self._parameters(context), close.day
        if day < self._first_day(context, close.calendar, parameters):
            return
        users, level = close.users(day), _level(context, parameters)
        account_id = context.cells.account_id
        spell = context.spell(self.rule_id, account_id)
        if spell is not None and spell.open:
            counting = users >= parameters.rearm * level
            run = spell.run + 1 if counting else 0
            if run != spell.run:
                spell = context.edit_spell(self.rule_id, account_id)
                spell.run = run
            if run >= parameters.rearm_days or day >= spell.fired_ms + self._hold:
                spell = context.edit_spell(self.rule_id, account_id)
                spell.open, spell.run = False, 0
            return
        run = (0 if spell is None else spell.run) + 1 if users < level else 0
        self._below(context, close, min(run, parameters.closes))

    def plan_anew(self, context: Context) -> bool:
        spell = context.spell(self.rule_id, context.cells.account_id)
        if spell is not None and spell.open:
            return False
        parameters, calendar = self._parameters(context), context.calendar
        day = calendar.day_of(context.moment.now_ms) - 1
        if day < self._first_day(context, calendar, parameters):
            return False
        return distinct(context.cells[WEEKS], day - 6, day) < _level(context, parameters)

    def activate(self, context: Context, at_ms: int, close: DayClose) -> None:  # noqa: ARG002 days are what counts
        spell = context.spell(self.rule_id, context.cells.account_id)
        if spell is not None and spell.open:
            return
        parameters = self._parameters(context)
        level, first = _level(context, parameters), self._first_day(context, close.calendar, parameters)
        run = 0
        while run < parameters.closes and close.day - run >= first and close.users(close.day - run) < level:
            run += 1
        self._below(context, close, run)

    def _parameters(self, context: Context) -> ThresholdParameters:
        parameters = self.parameters(context)
        assert isinstance(parameters, ThresholdParameters)
        return parameters

    def _first_day(self, context: Context, calendar: Calendar, parameters: ThresholdParameters) -> int:
        profile = context.profile
        since_ms = profile.created_ms if profile.created_ms is not None else profile.known_ms
        return NEVER if since_ms is None else calendar.day_of(since_ms) + parameters.from_day

    def _below(self, context: Context, close: DayClose, run: int) -> None:
        """`run` closes running, the last of them `close`, were below the level; all that count make an episode."""
        account_id, day, profile, path = context.cells.account_id, close.day, context.profile, context.path
        parameters, users = self._parameters(context), close.users(close.day)
        level = _level(context, parameters)
        spell = context.spell(self.rule_id, account_id)
        if run != (0 if spell is None else spell.run):
            context.edit_spell(self.rule_id, account_id).run = run
        if run < parameters.closes or not context.in_scope(self.compiled, path):
            return
        spell = context.edit_spell(self.rule_id, account_id)
        first = day - parameters.closes + 1
        spell.open, spell.run, spell.fired_ms = True, 0, day
        spell.episode_ms = close.calendar.midnight(first - 6)
        of_seats = f" ({float(parameters.share_of_seats):.0%} of {profile.seats} seats)" if profile.seats else ""
        evidence = Evidence(
            summary=f"{users} active users in 7 days, at {parameters.closes} closes running below {float(level):g}{of_seats}.",
            observed=users,
            threshold=float(level),
            unit="active users",
            window=window(close.calendar.midnight(day - 6), close.calendar.close(day)),
            facts={"seats": profile.seats, "closes": parameters.closes, **({"users_approximate": True} if close.weeks.approximate else {})},
            clears_when="",
        )
        context.fire(self.compiled, path, account_id, spell.episode_ms, evidence)


def _level(context: Context, parameters: ThresholdParameters) -> Fraction:
    """As an exact fraction: share x seats, or the absolute floor where seats are unknown."""
    seats = context.profile.seats
    return parameters.share_of_seats * seats if seats else Fraction(parameters.absolute)
