"""What an account's departments write down: facts with their instant, within the account's life."""

from random import Random
from typing import Any

from streams.fleet.draws import stream
from streams.fleet.profile import Profile
from streams.fleet.span import HOUR_MS, MINUTE_MS, Span
from streams.fleet.story import Story

Entry = tuple[int, str, str, dict[str, Any]]
"""(time in ms, type, source, fields)."""

SIGNED_HOUR = 9  # local hour of the day on which a new customer signs
_FAREWELL = ("contract.ended", "account.churned")  # the last that is heard of an account


class Diary:
    """Collects the entries of one account that are planned ahead. Entries outside its time as a customer are dropped."""

    def __init__(self, seed: int, profile: Profile, story: Story, span: Span, purpose: str) -> None:
        self.rng: Random = stream(seed, purpose, profile.account_id)
        self.profile = profile
        self.story = story
        self.span = span
        self.entries: list[Entry] = []
        self.seed = seed
        self._ids = 0
        self._purpose = purpose

    def at(self, day: int, hour: float) -> int:
        """The instant of a local hour of a day, to the second."""
        return self.span.midnight_ms(day, self.profile.zone) + int(hour * 3600) * 1000

    def office(self, day: int) -> int:
        """Some instant of a local working day, moved from a weekend to the Monday after."""
        return self.at(self.workday(day), self.rng.uniform(8.5, 17.5)) + self.rng.randrange(1000)

    def workday(self, day: int) -> int:
        """The day itself, or the Monday after it where it falls on a weekend."""
        weekday = self.span.date_of(day).weekday()
        return day if weekday < 5 else day + 7 - weekday

    def write(self, time_ms: int, type_: str, source: str, **fields: Any) -> None:
        """Note a fact; a field that is None is left out."""
        last = self.span.end_ms if self.story.churn is None else self.at(self.story.churn, 0)
        if self.story.churn is not None and type_ not in _FAREWELL:
            last -= 3 * MINUTE_MS
        first = self.span.start_ms if self.story.joined is None else self.at(self.story.joined, SIGNED_HOUR)
        again = self.span.end_ms if self.story.back is None else self.at(self.story.back, SIGNED_HOUR)
        if first <= time_ms < last or again <= time_ms < self.span.end_ms:
            self.entries.append((time_ms, type_, source, {name: value for name, value in fields.items() if value is not None}))

    def new_id(self, letter: str) -> str:
        """An id of the publisher: letter, account, number."""
        self._ids += 1
        return f"{letter}-{self.profile.account_id[5:]}-{self._ids}"

    def later(self, time_ms: int, mean_hours: float, least_minutes: float = 5) -> int:
        """An instant after `time_ms`: at least so many minutes, exponential beyond."""
        return time_ms + int(least_minutes * MINUTE_MS + self.rng.expovariate(1 / mean_hours) * HOUR_MS)
