"""Days on which a customer is not expected to work: public holidays of its country, and closures a policy lists."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from difflib import get_close_matches
from functools import lru_cache
from importlib.metadata import version
from re import compile as pattern
from typing import Annotated, Any

import holidays
from holidays.registry import COUNTRIES, EntityLoader
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from plays.problem import Problem

HOLIDAYS_VERSION: str = version("holidays")
"""Of the package that knows the public holidays: what is closed follows from it too."""

_REGION = pattern(r"([A-Z]{2})(?:-([A-Z0-9]{1,3}))?")
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_COUNTRIES = frozenset(EntityLoader.get_country_codes(include_aliases=False))  # asked so, no country is loaded yet
_ONE_DAY = timedelta(days=1)
_YEARS = range(1990, 2101)  # beyond them nobody knows, and calendars by the moon take long to say so


def _text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value  # YAML reads an unquoted date as one


End = Annotated[str, BeforeValidator(_text), Field(pattern=r"^(\d{4}-)?\d{2}-\d{2}$")]


class Dates(BaseModel):
    """Days from `first` to `last`, both included: `2026-08-03`, or `12-24` for every year (it may run over the new year)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(min_length=1, max_length=120)]
    first: End
    last: End

    def holds(self, day: date) -> bool:
        """Whether the day is one of them."""
        text = day.isoformat()
        if len(self.first) == len(text):
            return self.first <= text <= self.last
        month_day = text[5:]
        if self.first <= self.last:
            return self.first <= month_day <= self.last
        return month_day >= self.first or month_day <= self.last

    def problems(self, at: tuple[str | int, ...]) -> Iterator[Problem]:
        """What is wrong although each field by itself is right; `at` is where the dates stand."""
        if len(self.first) != len(self.last):
            yield Problem((*at, "last"), "one end has a year and the other has none", "write both with a year, or both without")
        elif len(self.first) > 5 and self.last < self.first:
            yield Problem((*at, "last"), "the closure ends before it begins", "exchange `first` and `last`")
        for name in ("first", "last"):
            stated = getattr(self, name)
            try:
                date.fromisoformat(stated if len(stated) > 5 else f"2024-{stated}")
            except ValueError:
                yield Problem((*at, name), f"{stated} is no date", "write YYYY-MM-DD, or MM-DD for every year")


class Closure(Dates):
    """Days on which customers are closed.

    `countries` (ISO 3166-1, such as DE) and `accounts` (ids) narrow it down; with neither it is everybody's.
    """

    countries: tuple[Annotated[str, Field(pattern=r"^[A-Z]{2}$")], ...] = ()
    accounts: tuple[str, ...] = ()


class ClosurePolicy(BaseModel):
    """The closures file. `public_holidays`: whether those of the account's country count, as the package `holidays` knows them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    public_holidays: bool = True
    closures: tuple[Closure, ...] = ()

    def problems(self) -> Iterator[Problem]:
        """What is wrong although each field by itself is right."""
        for index, closure in enumerate(self.closures):
            yield from closure.problems(("closures", index))


class ClosedDays:
    """The policy at work; `zones` says the country of an IANA timezone. Days are numbers: dates counted from 1970-01-01."""

    __slots__ = ("_of_accounts", "_year", "_zones", "policy")

    def __init__(self, policy: ClosurePolicy, zones: Mapping[str, str]) -> None:
        self.policy = policy
        self._zones = zones
        self._of_accounts = tuple(one for one in policy.closures if one.accounts)
        self._year = lru_cache(maxsize=8192)(self._closed_of_year)

    def load(self) -> None:
        """Load the package of the holidays now: the first question would wait for it, a second on a slow disk."""
        if self.policy.public_holidays:
            _public("US", None, _YEARS[0])

    def country(self, region: str | None, timezone: str | None) -> tuple[str | None, str | None]:
        """(country, subdivision) where known: the region if it is an ISO 3166 code (DE, US-CA), else that of the timezone."""
        if region is not None and (match := _REGION.fullmatch(region)) and match[1] in _COUNTRIES:
            return match[1], match[2]
        return self._zones.get(timezone or ""), None

    def has_own(self, account_id: str) -> bool:
        """Whether a closure names the account."""
        return any(account_id in one.accounts for one in self._of_accounts)

    def between(self, first: int, last: int, region: str | None, timezone: str | None, account_id: str) -> list[int]:
        """Closed days of first..last, both included, in order. Weekends are not among them: the account's own past knows those."""
        if not 0 <= first <= last < 2_900_000:
            return []
        country, subdivision = self.country(region, timezone)
        years = range(date.fromordinal(_EPOCH_ORDINAL + first).year, date.fromordinal(_EPOCH_ORDINAL + last).year + 1)
        found = [day for year in years for day in self._year(country, subdivision, year) if first <= day <= last]
        own = [one for one in self._of_accounts if account_id in one.accounts and _for_country(one, country)]
        if own:
            days = ((day, date.fromordinal(_EPOCH_ORDINAL + day)) for day in range(first, last + 1))
            found = sorted({*found, *(day for day, at in days if any(one.holds(at) for one in own))})
        return found

    def _closed_of_year(self, country: str | None, subdivision: str | None, year: int) -> tuple[int, ...]:
        """What is closed for every account of the country."""
        public = _public(country, subdivision, year) if self.policy.public_holidays and country is not None and year in _YEARS else ()
        closures = [one for one in self.policy.closures if not one.accounts and _for_country(one, country)]
        first = date(year, 1, 1)
        days = (first + n * _ONE_DAY for n in range((date(year, 12, 31) - first).days + 1)) if closures else ()
        closed = {*public, *(day for day in days if any(one.holds(day) for one in closures))}
        return tuple(sorted(day.toordinal() - _EPOCH_ORDINAL for day in closed))


NEVER_CLOSED = ClosedDays(ClosurePolicy(public_holidays=False), {})


def unknown_region(region: str) -> str | None:
    """What to write instead where `DE`, `US-CA` is no region whose public holidays are known; None where it is one."""
    match = _REGION.fullmatch(region)
    if match is None or match[1] not in _COUNTRIES:
        names = {name.casefold(): codes[1] for codes in COUNTRIES.values() for name in codes}
        close = get_close_matches(region.casefold(), sorted(names), n=1, cutoff=0.8)
        meant = f"did you mean {names[close[0]]}? " if close else ""
        return f"{meant}write the ISO 3166 code of a country, such as DE, or of a part of one, such as US-CA"
    if match[2] is None:
        return None
    parts = holidays.country_holidays(match[1]).subdivisions
    return None if match[2] in parts else f"write {match[1]}, or one of {', '.join(f'{match[1]}-{part}' for part in parts) or 'no parts'}"


def _for_country(closure: Closure, country: str | None) -> bool:
    return not closure.countries or country in closure.countries


def _public(country: str, subdivision: str | None, year: int) -> tuple[date, ...]:
    """Public holidays of a year. A subdivision that the package does not have counts as the country; an unknown country as none."""
    try:
        return tuple(holidays.country_holidays(country, subdiv=subdivision, years=year))
    except NotImplementedError:
        return () if subdivision is None else _public(country, None, year)
