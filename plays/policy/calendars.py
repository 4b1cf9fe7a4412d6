"""Working calendars as a policy states them, and what they are at work."""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date, timedelta
from difflib import get_close_matches
from functools import lru_cache
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from plays.policy.closures import HOLIDAYS_VERSION, ClosedDays, ClosurePolicy, Dates, unknown_region
from plays.problem import Problem
from plays.sla.calendar import IDLE_WEEKS_AT_MOST, NoWorkingTimeError, WorkingCalendar
from plays.sla.calendars import Calendars
from plays.sla.day_plan import WeekPlan
from plays.sla.hours import DAILY, HoursError, parse_shifts, parse_week
from plays.sla.shifts import DAYS, MINUTES_OF_DAY, Shift, overlap

_EPOCH = date(1970, 1, 1)
_ALWAYS = "always"
_MINUTES_A_WEEK_AT_LEAST = 60
_LONGEST = 999  # what SLAs and playbooks may say: 999bh, 999bd
_SOME_DAY_MS = 1_704_067_200_000  # 2024-01-01


def _several(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _hours(value: Any) -> Any:
    return {DAILY: ("00:00-24:00",)} if value == _ALWAYS else value


ShiftTexts = Annotated[tuple[str, ...], BeforeValidator(_several)]
CalendarName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,59}$")]


class SpecialHours(Dates):
    """Days with hours of their own, whatever the week, the holidays and the closures say: half days, a Saturday that is worked."""

    hours: Annotated[ShiftTexts, Field(min_length=1)]


class CalendarModel(BaseModel):
    """One calendar. `hours`: shifts by days, or `always`. `holidays`: whose public holidays are not worked, DE or US-CA."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    timezone: str
    hours: Annotated[Mapping[str, ShiftTexts], BeforeValidator(_hours)]
    holidays: str | None = None
    closures: tuple[Dates, ...] = ()
    special: tuple[SpecialHours, ...] = ()

    def problems(self, at: tuple[str | int, ...], zones: Collection[str]) -> Iterator[Problem]:
        """What is wrong although each field by itself is right; `zones` are the IANA timezones there are."""
        found = [*self._field_problems(at, zones)]
        found = found or [*self._special_problems(at)]
        yield from found
        if not found:
            idle = _idle_from(self.plan(), (*self.closures, *self.special))
            if idle is not None:
                what = f"nobody works for more than {IDLE_WEEKS_AT_MOST * 7} days from {idle}"
                yield Problem((*at, "closures"), what, "shorten the closures")
            elif not _takes_the_longest_span(calendar_of(str(at[-1]), self)):
                what = f"too little is worked: {_LONGEST} business hours or days take more than forty years"
                yield Problem((*at, "hours"), what, "give it more hours, or shorten the closures")

    def plan(self) -> WeekPlan:
        """What is worked on which date. For calendars without problems."""
        special = [(one, parse_shifts(one.hours)) for one in self.special]
        public = ClosedDays(ClosurePolicy(public_holidays=self.holidays is not None), {})

        def exceptions(day: int) -> tuple[Shift, ...] | None:
            at = _EPOCH + timedelta(days=day)
            for dates, shifts in special:
                if dates.holds(at):
                    return shifts
            closed = any(one.holds(at) for one in self.closures) or (self.holidays and public.between(day, day, self.holidays, None, ""))
            return () if closed else None

        return WeekPlan(parse_week(self.hours), exceptions if special or self.closures or self.holidays else None)

    def describe(self) -> str:
        """For people, in one line, with the version of the package that the public holidays come from."""
        hours = "; ".join(f"{days} {', '.join(shifts)}" for days, shifts in self.hours.items())
        public = "" if self.holidays is None else f", without public holidays of {self.holidays} (holidays {HOLIDAYS_VERSION})"
        others = [f"{len(found)} {name}" for name, found in (("closures", self.closures), ("special openings", self.special)) if found]
        return f"{hours} {self.timezone}{public}{''.join(f', {one}' for one in others)}"

    def _field_problems(self, at: tuple[str | int, ...], zones: Collection[str]) -> Iterator[Problem]:
        if self.timezone not in zones:
            close = get_close_matches(self.timezone, sorted(zones), n=2)
            meant = f"did you mean {' or '.join(close)}?" if close else "write the name of an IANA timezone, such as Europe/Berlin"
            yield Problem((*at, "timezone"), f"unknown timezone {self.timezone!r}", meant)
        yield from self._hours_problems(at)
        if self.holidays is not None and (fix := unknown_region(self.holidays)):
            yield Problem((*at, "holidays"), f"unknown country {self.holidays!r}", fix)
        for name, dates in (("closures", self.closures), ("special", self.special)):
            for index, one in enumerate(dates):
                yield from one.problems((*at, name, index))
        for index, special in enumerate(self.special):
            try:
                parse_shifts(special.hours)
            except HoursError as error:
                yield Problem((*at, "special", index, "hours"), error.what, error.fix)

    def _special_problems(self, at: tuple[str | int, ...]) -> Iterator[Problem]:
        """Days of two `special` entries with other hours, and shifts that run into those of the day before or after; the first of each."""
        plan = self.plan()
        for index, one in enumerate(self.special):
            for day in _days_of(one):
                date_of = _EPOCH + timedelta(days=day)
                other = next((s for s in self.special[:index] if s.holds(date_of) and s.hours != one.hours), None)
                if other is not None:
                    what = f"{date_of} has hours of {other.name!r} and of {one.name!r}"
                    yield Problem((*at, "special", index), what, "name each day once")
                    break
                clash = next((found for two in ((day - 1, day), (day, day + 1)) if (found := _run_together(plan, *two))), None)
                if clash is not None:
                    fix = "let one end before the next begins, or make them one"
                    yield Problem((*at, "special", index, "hours"), f"the shifts {clash} overlap", fix)
                    break

    def _hours_problems(self, at: tuple[str | int, ...]) -> Iterator[Problem]:
        try:
            week = parse_week(self.hours)
        except HoursError as error:
            yield Problem((*at, "hours", error.key or ""), error.what, error.fix)
            return
        if (clash := overlap(week)) is not None:
            day, shift, other_day, other = clash
            what = f"the shifts {DAYS[day]} {shift} and {DAYS[other_day]} {other} overlap"
            yield Problem((*at, "hours"), what, "let one end before the next begins, or make them one")
        minutes = sum(shift.end - shift.start for shifts in week for shift in shifts)
        if minutes < _MINUTES_A_WEEK_AT_LEAST:
            what = "nobody ever works" if not minutes else f"only {minutes} minutes a week are worked"
            yield Problem((*at, "hours"), what, "give it an hour a week or more, such as mon-fri: 09:00-17:00, or `hours: always`")


class CalendarPolicy(BaseModel):
    """The calendars file. `company` is used where nothing else is said; customers keep the hours of `customer` in their own zone."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    company: CalendarName
    customer: CalendarName
    calendars: Annotated[Mapping[CalendarName, CalendarModel], Field(min_length=1)]

    def problems(self, zones: Collection[str], closed: ClosedDays) -> Iterator[Problem]:
        """What is wrong although each field by itself is right; `closed` are the days on which customers are closed."""
        for field in ("company", "customer"):
            name = getattr(self, field)
            if name not in self.calendars:
                yield Problem((field,), f"no calendar {name!r}", f"name one of {', '.join(self.calendars)}")
        found = [problem for name, one in self.calendars.items() for problem in one.problems(("calendars", name), zones)]
        yield from found
        if not found and self.customer in self.calendars:
            yield from self._customer_problems(closed)

    def build(self, zones: Collection[str], closed: ClosedDays) -> Calendars:
        """The calendars at work. For policies without problems."""
        by_name = {name: calendar_of(name, one) for name, one in self.calendars.items()}

        def moved(name: str, timezone: str) -> WorkingCalendar:
            here = timezone in zones
            return calendar_of(name, self.calendars[name].model_copy(update={"timezone": timezone})) if here else by_name[name]

        hours = self.calendars[self.customer]
        stated = f"{self.model_dump_json()}\nholidays {HOLIDAYS_VERSION}"

        def customer(account_id: str | None, region: str | None, timezone: str | None) -> WorkingCalendar:
            zone = timezone if timezone is not None and timezone in zones else hours.timezone
            country, part = closed.country(region, timezone)
            place = "" if country is None else f", closed as in {country}{'' if part is None else f'-{part}'}"
            own = "" if account_id is None else f" and at {account_id}"
            plan = WeekPlan(parse_week(hours.hours), _customer_closures(closed, region, timezone, account_id or ""))
            return WorkingCalendar("customer", ZoneInfo(zone), plan, f"hours of {self.customer} in {zone}{place}{own}")

        return Calendars(by_name, self.company, moved, customer, closed_alone=closed.has_own, stated=stated)

    def _customer_problems(self, closed: ClosedDays) -> Iterator[Problem]:
        week = parse_week(self.calendars[self.customer].hours)
        closures = closed.policy.closures
        for country in sorted({None, *(name for one in closures for name in one.countries)}, key=str):
            for account in ("", *sorted({name for one in closures for name in one.accounts})):
                idle = _idle_from(WeekPlan(week, _customer_closures(closed, country, None, account)), closures)
                if idle is not None:
                    whose = f"account {account}" if account else f"customers in {country}" if country else "customers"
                    what = f"{whose} would be closed for more than {IDLE_WEEKS_AT_MOST * 7} days from {idle}"
                    yield Problem(("customer",), what, "shorten the closures in closures.yaml")


def calendar_of(name: str, model: CalendarModel) -> WorkingCalendar:
    """The calendar at work, as its model states it."""
    return WorkingCalendar(name, ZoneInfo(model.timezone), model.plan(), model.describe())


def _days_of(dates: Dates) -> range | tuple[int, ...]:
    """The days of an entry; of one for every year those of eleven years, in which each date has fallen on each day of the week."""
    if len(dates.first) > 5:
        first, last = ((date.fromisoformat(text) - _EPOCH).days for text in (dates.first, dates.last))
        return range(first, last + 1)
    first, last = (date(2024, 1, 1) - _EPOCH).days, (date(2034, 12, 31) - _EPOCH).days
    return tuple(day for day in range(first, last + 1) if dates.holds(_EPOCH + timedelta(days=day)))


def _run_together(plan: WeekPlan, day: int, following: int) -> str | None:
    """The last shift of a day and the first of the next, where they share a minute."""
    one, other = plan.on(day), plan.on(following)
    if one and other and one[-1].end - MINUTES_OF_DAY > other[0].start:
        named = [f"{_EPOCH + timedelta(days=begins)} {shift}" for begins, shift in ((day, one[-1]), (following, other[0]))]
        return " and ".join(named)
    return None


def _takes_the_longest_span(calendar: WorkingCalendar) -> bool:
    try:
        calendar.add(_SOME_DAY_MS, _LONGEST * 3_600_000)
        calendar.add_days(_SOME_DAY_MS, _LONGEST)
    except NoWorkingTimeError:
        return False
    return True


def _customer_closures(
    closed: ClosedDays, region: str | None, timezone: str | None, account_id: str
) -> Callable[[int], tuple[Shift, ...] | None]:
    return lambda day: () if closed.between(day, day, region, timezone, account_id) else None


def _idle_from(plan: WeekPlan, dates: tuple[Dates, ...]) -> date | None:
    """The day from which nobody works for longer than any search goes on; None without one. Looks at the years named, and at ten others."""
    if not dates:
        return None
    years = [int(text[:4]) for one in dates for text in (one.first, one.last) if len(text) > 5]
    first, last = max(1970, min(years, default=2024)), min(2200, max(years, default=2024) + 10)
    day, until = (date(first, 1, 1) - _EPOCH).days, (date(last, 12, 31) - _EPOCH).days
    since = day
    for one in range(day, until):
        if plan.on(one):
            since = one + 1
        elif one - since > IDLE_WEEKS_AT_MOST * 7:
            return _EPOCH + timedelta(days=since)
    return None


@lru_cache(maxsize=1)
def plain_calendar() -> WorkingCalendar:
    """Monday to Friday, 09:00 to 17:00, UTC: what counts where no policy was read."""
    return calendar_of("plain", CalendarModel(timezone="UTC", hours={"mon-fri": ("09:00-17:00",)}))
