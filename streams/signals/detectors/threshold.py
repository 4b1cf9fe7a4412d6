"""Fires when a weekly measure stays below a level."""

from plays.rules.book import CompiledRule
from plays.rules.detectors.threshold import ThresholdParameters
from schemas.records.decision import Reason
from schemas.records.trigger import Evidence, Scalar
from streams.processing.account import Profile
from streams.signals.calendar import Calendar
from streams.signals.context import Context
from streams.signals.day_close import DayClose
from streams.signals.detector import Detector
from streams.signals.evidence import window
from streams.signals.standing import Over
from streams.signals.state import NEVER, WEEKS
from streams.signals.weeks import distinct

_SAID_COOLDOWN = 1
_CLOSED_DAYS = 3  # of the five of a week: more than half
_FRIDAY = 4
_MONDAY_OF_1970 = 3  # 1970-01-01 was a Thursday


class ThresholdDetector(Detector):
    """Spell of the account: `run` counts closes running below the level, or, while open, closes running at the re-arm level."""

    daily = True
    holds_itself = True
    without_usage = True

    def __init__(self, compiled: CompiledRule) -> None:
        super().__init__(compiled)
        assert isinstance(compiled.rule.detector, ThresholdParameters)
        self._stated = None if compiled.layers else compiled.rule.detector
        hold = compiled.rule.max_hold
        self._hold = hold if isinstance(hold, int) else 1 << 30
        self._cooldown = compiled.rule.cooldown or 0

    def on_close(self, context: Context, close: DayClose) -> None:
        parameters, day, users = self._parameters(context), close.day, close.users(close.day)
        account_id, profile = context.cells.account_id, context.profile
        spell = context.spell(self.rule_id, account_id)
        if spell is None and not _is_below(users, profile, parameters):
            return
        if day < self._first_day(profile, close.calendar, parameters):
            return
        if spell is not None and spell.open:
            counting = not _is_below(users, profile, parameters, rearm=True)
            run = spell.run + 1 if counting else 0
            if run != spell.run:
                spell = context.edit_spell(self.rule_id, account_id)
                spell.run = run
            if run >= parameters.rearm_days or day >= spell.fired_ms + self._hold:
                spell = context.edit_spell(self.rule_id, account_id)
                spell.open, spell.run = False, 0
                expired = run < parameters.rearm_days
                how = f"{users} active users in 7 days, {'still below' if expired else 'and at'} the level of {self.rule_id}"
                context.end(self.compiled, account_id, close.calendar.close(day), Over(how, expired))
            return
        run = (0 if spell is None else spell.run) + 1 if _is_below(users, profile, parameters) else 0
        self._below(context, close, min(run, parameters.closes))

    def plan_anew(self, context: Context) -> bool:
        spell = context.spell(self.rule_id, context.cells.account_id)
        if spell is not None and spell.open:
            return False
        parameters, calendar, profile = self._parameters(context), context.calendar, context.profile
        day = calendar.day_of(context.moment.now_ms) - 1
        if day < self._first_day(profile, calendar, parameters):
            return False
        return _is_below(distinct(context.cells[WEEKS], day - 6, day), profile, parameters)

    def activate(self, context: Context, at_ms: int, close: DayClose) -> None:  # noqa: ARG002 days are what counts
        spell = context.spell(self.rule_id, context.cells.account_id)
        if spell is not None and spell.open:
            return
        parameters, profile = self._parameters(context), context.profile
        first = self._first_day(profile, close.calendar, parameters)
        run = 0
        while run < parameters.closes and close.day - run >= first and _is_below(close.users(close.day - run), profile, parameters):
            run += 1
        self._below(context, close, run)

    def _parameters(self, context: Context) -> ThresholdParameters:
        if self._stated is not None:
            return self._stated
        parameters = self.parameters(context)
        assert isinstance(parameters, ThresholdParameters)
        return parameters

    def _first_day(self, profile: Profile, calendar: Calendar, parameters: ThresholdParameters) -> int:
        since_ms = profile.created_ms if profile.created_ms is not None else profile.known_ms
        return NEVER if since_ms is None else calendar.day_of(since_ms) + parameters.from_day

    def _below(self, context: Context, close: DayClose, run: int) -> None:
        """`run` closes running, the last of them `close`, were below the level; all that count make an episode."""
        account_id, day, profile, path = context.cells.account_id, close.day, context.profile, context.path
        parameters, users = self._parameters(context), close.users(close.day)
        spell = context.spell(self.rule_id, account_id)
        if run and not parameters.exact and self._is_closed(context, day):
            return  # a week in which most of the work rests says nothing, neither way
        if run != (0 if spell is None else spell.run):
            context.edit_spell(self.rule_id, account_id).run = run
        if run < parameters.closes or not context.in_scope(self.compiled, path):
            return
        level = _level(profile, parameters)
        said = f"{users} active users in 7 days, at {parameters.closes} closes running below {level:g}"
        if spell is not None and spell.episode_ms and day < spell.fired_ms + self._cooldown:
            if not spell.said & _SAID_COOLDOWN:
                context.edit_spell(self.rule_id, account_id).said |= _SAID_COOLDOWN
                detail = f"{said}, but the rule fired within the last {self._cooldown} days"
                cooldown: dict[str, Scalar] = {"observed": users, "cooldown_days": self._cooldown}
                context.decide(self.compiled, Reason.COOLDOWN, "account", account_id, detail, cooldown)
            return
        spell = context.edit_spell(self.rule_id, account_id)
        first = day - parameters.closes + 1
        spell.open, spell.run, spell.fired_ms, spell.said = True, 0, day, 0
        spell.episode_ms = close.calendar.midnight(first - 6)
        of_seats = f" ({float(parameters.share_of_seats):.0%} of {profile.seats} seats)" if profile.seats else ""
        evidence = Evidence(
            summary=f"{said}{of_seats}.",
            observed=users,
            threshold=level,
            unit="active users",
            window=window(close.calendar.midnight(day - 6), close.calendar.close(day)),
            facts={"seats": profile.seats, "closes": parameters.closes, **({"users_approximate": True} if close.weeks.approximate else {})},
            clears_when="",
        )
        context.fire(self.compiled, path, account_id, spell.episode_ms, evidence)

    def _is_closed(self, context: Context, day: int) -> bool:
        """Whether most of the last seven days' working days were closed. Nothing else is known of who works when without usage."""
        profile = context.profile
        closed = context.segments.closed.between(day - 6, day, profile.region, profile.timezone, context.cells.account_id)
        return sum((each + _MONDAY_OF_1970) % 7 <= _FRIDAY for each in closed) >= _CLOSED_DAYS


def _level(profile: Profile, parameters: ThresholdParameters) -> float:
    """The level, for people to read."""
    return float(parameters.share_of_seats * profile.seats) if profile.seats else float(parameters.absolute)


def _is_below(users: int, profile: Profile, parameters: ThresholdParameters, *, rearm: bool = False) -> bool:
    """Whether users < share x seats, exactly; of the absolute floor where seats are unknown. `rearm`: of that times the re-arm share."""
    share, more = parameters.share_of_seats, parameters.rearm
    level, parts = (share.numerator * profile.seats, share.denominator) if profile.seats else (parameters.absolute, 1)
    return users * parts * more.denominator < level * more.numerator if rearm else users * parts < level
