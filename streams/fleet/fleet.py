"""The fleet: every account's events in one order of time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from heapq import heapify, heappop, heappush

from streams.fleet.billing import write_billing
from streams.fleet.casting import cast
from streams.fleet.diary import SIGNED_HOUR, Entry
from streams.fleet.goals import write_goals
from streams.fleet.growth import write_growth
from streams.fleet.occurrence import Occurrence
from streams.fleet.onboarding import write_beginning
from streams.fleet.people import write_people
from streams.fleet.profile import Profile, profile
from streams.fleet.results import write_results
from streams.fleet.rhythm import write_rhythm
from streams.fleet.span import DAY_MS, HOUR_MS, MINUTE_MS, Span
from streams.fleet.story import Kind, Story, Truth, truth
from streams.fleet.support import write_support
from streams.fleet.surveys import write_surveys
from streams.fleet.usage import Usage

_EAST_MS = 14 * HOUR_MS  # no local midnight comes earlier than this before that of UTC
_WRITERS = (
    write_beginning,
    write_billing,
    write_support,
    write_people,
    write_rhythm,
    write_surveys,
    write_goals,
    write_results,
    write_growth,
)


@dataclass(frozen=True)
class FleetSpec:
    """What to simulate: `accounts` customers over `days` days up to midnight UTC of `end`. The same spec, the same events."""

    seed: int = 7
    accounts: int = 160
    days: int = 245
    end: date = date(2026, 11, 16)

    @property
    def span(self) -> Span:
        """The time simulated."""
        return Span(self.end, self.days)


class Fleet:
    """All customers of a spec. Event ids are unique; events come in order of time and never lie outside the span."""

    def __init__(self, spec: FleetSpec) -> None:
        self.spec = spec
        self.span = spec.span
        parts = cast(spec.seed, spec.accounts, self.span)
        self.stories: list[Story] = [part.story for part in parts]
        self.profiles: list[Profile] = [
            profile(spec.seed, index, part.size, part.users, full=part.story.kind is Kind.GROWTH) for index, part in enumerate(parts)
        ]

    def truth(self) -> tuple[Truth, ...]:
        """What was planted, per account."""
        return tuple(truth(who.account_id, story, who.zone, self.span) for who, story in zip(self.profiles, self.stories, strict=True))

    def events(self) -> Iterator[Occurrence]:
        """Every event once, ordered by time; holds about two days of them in memory. Each call tells the same."""
        lives = [_Life(self.spec.seed, who, story, self.span) for who, story in zip(self.profiles, self.stories, strict=True)]
        waiting: list[Occurrence] = []
        for life in lives:
            waiting.extend(life.planned)
        heapify(waiting)
        for day in range(-1, self.span.days + 1):
            for life in lives:
                for occurrence in life.day(day):
                    heappush(waiting, occurrence)
            settled = self.span.start_ms + (day + 1) * DAY_MS - _EAST_MS
            while waiting and waiting[0].time_ms < settled:
                yield heappop(waiting)
        while waiting:
            yield heappop(waiting)


class _Life:
    """One account: what is planned ahead, and the days of usage as they are asked for."""

    def __init__(self, seed: int, who: Profile, story: Story, span: Span) -> None:
        self._who = who
        self._span = span
        self._usage = Usage(seed, who, story, span)
        # Nothing is used before the CRM has told who the customer is.
        self._begin_ms = span.start_ms + 5 * MINUTE_MS
        if story.joined is not None:
            self._begin_ms = span.midnight_ms(story.joined, who.zone) + (SIGNED_HOUR + 1) * HOUR_MS
        self._end_ms = (
            span.end_ms
            if story.churn is None or story.back is not None
            else min(span.end_ms, span.midnight_ms(story.churn, who.zone) - 3 * MINUTE_MS)
        )
        entries: list[Entry] = []
        for write in _WRITERS:
            entries += write(seed, who, story, span).entries
        entries.sort(key=lambda entry: entry[0])
        self.planned = [
            Occurrence(time_ms, who.account_id, number, type_, source, fields)
            for number, (time_ms, type_, source, fields) in enumerate(entries, start=1)
        ]
        self._number = 100_000

    def day(self, day: int) -> Iterator[Occurrence]:
        for time_ms, type_, fields in sorted(self._usage.day(day), key=lambda told: told[0]):
            if self._begin_ms <= time_ms < self._end_ms:
                self._number += 1
                yield Occurrence(time_ms, self._who.account_id, self._number, type_, "product", fields)
