"""The calendars of a company: by name, and whose working hours a span is counted in."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Literal

from plays.sla.calendar import WorkingCalendar

Whose = Literal["company", "owner", "customer"]
"""Whose working hours: the company's own, those of the person who owns the run, or the customer's."""

_KEPT = 1024


class Calendars:
    """Named calendars, `company` among them. `stated` is everything they follow from, as text: equal text, equal results.

    `moved` makes a named calendar in another timezone; `customer_of` the calendar of a customer from account id (None: no
    closures of its own), region and timezone.
    """

    __slots__ = ("_by_name", "_closed_alone", "_customer", "_moved", "company", "stated")

    def __init__(
        self,
        by_name: Mapping[str, WorkingCalendar],
        company: str,
        moved: Callable[[str, str], WorkingCalendar],
        customer_of: Callable[[str | None, str | None, str | None], WorkingCalendar],
        *,
        closed_alone: Callable[[str], bool] = lambda _: False,
        stated: str = "",
    ) -> None:
        self._by_name = dict(by_name)
        self.company = self._by_name[company]
        self._moved = lru_cache(maxsize=_KEPT)(moved)
        self._customer = lru_cache(maxsize=_KEPT)(customer_of)
        self._closed_alone = closed_alone
        self.stated = stated

    @property
    def names(self) -> tuple[str, ...]:
        """All names, in the order of the file."""
        return tuple(self._by_name)

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def named(self, name: str | None) -> WorkingCalendar:
        """The calendar of this name; the company's for None, and for a name that is gone since a record was written."""
        return self.company if name is None else self._by_name.get(name, self.company)

    def person(self, name: str | None, timezone: str | None) -> WorkingCalendar:
        """Somebody's own: the named hours (None: the company's) in their timezone (None, or one unknown: the calendar's)."""
        found = self.named(name)
        return found if timezone is None or timezone == found.zone.key else self._moved(found.name, timezone)

    def customer(self, account_id: str, region: str | None, timezone: str | None) -> WorkingCalendar:
        """A customer's own: the hours the policy gives customers, in the zone, with the holidays of its country and its closures."""
        return self._customer(account_id if self._closed_alone(account_id) else None, region, timezone)
