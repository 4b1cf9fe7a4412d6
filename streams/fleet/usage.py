"""Product usage of one account, day by day."""

from collections.abc import Iterator
from math import exp
from random import Random
from typing import Any

from streams.fleet.calendar import at_work
from streams.fleet.draws import bursty, chance, pick, stream
from streams.fleet.habits import User, users
from streams.fleet.profile import KEY, Profile
from streams.fleet.span import HOUR_MS, MINUTE_MS, Span
from streams.fleet.story import FALLS, Kind, Story

_SESSION_DAYS = 3  # after which the product asks for the password again
Told = tuple[int, str, dict[str, Any]]


class Usage:
    """Draws the days of one account in order; every day must be asked for once, in sequence."""

    def __init__(self, seed: int, profile: Profile, story: Story, span: Span) -> None:
        self._rng = stream(seed, "usage", profile.account_id)
        self._profile = profile
        self._story = story
        self._span = span
        self._users = users(seed, profile, story, span)
        self._mood = 0.0
        # Most teams work steadily; some live from project to project.
        self._swing = 0.09 if chance(self._rng, 0.08) else 0.02
        self._calls = self._rng.uniform(0.5, 2.0) if profile.human_touch and chance(self._rng, 0.4) else 0.0
        # A slow project leaves some features untouched; a few customers never touch one of theirs.
        untouched = 2 if story.kind is Kind.SLOW_ONBOARDING else 1 if chance(self._rng, 0.15) else 0
        untouched = 0 if story.kind is Kind.GROWTH else untouched
        self._untouched = frozenset(self._rng.sample(profile.key_features, min(untouched, len(profile.key_features) - 1)))
        self._activated: set[str] = set()

    def day(self, day: int) -> Iterator[Told]:
        """(time, type, fields) of one local day, unordered."""
        rng, story = self._rng, self._story
        # What the account's users have in common: a slow swing, so that they are not independent of each other.
        self._mood = 0.85 * self._mood + rng.gauss(0, self._swing)
        vitality = story.vitality(day)
        if vitality <= 0 or not story.alive(day):
            return
        midnight = self._span.midnight_ms(day, self._profile.zone)
        date = self._span.date_of(day)
        open_today = at_work(date, self._profile.region, self._profile.weekend)
        share, intensity = vitality**0.7, vitality**0.3
        if story.kind not in FALLS:
            share = 1.0
        staff = [user for user in self._users if user.arrives <= day < user.leaves and user.loyalty >= 1.0 - share]
        present = [user for user in staff if user.here(day)]
        if not present:
            return
        # Work does not go on vacation: those who are there do part of what the others leave behind.
        cover = min(2.0, (len(staff) / len(present)) ** 0.75)
        for user in present:
            if chance(rng, user.presence * open_today * intensity**0.5):
                yield from self._visit(rng, user, day, user.pace * cover * intensity**0.5 * exp(self._mood))
        if self._calls and chance(rng, 0.9):
            for _ in range(bursty(rng, self._calls * vitality, 4)):
                moment = midnight + rng.randrange(24 * HOUR_MS)
                yield moment, "feature.used", {"feature": "integrations", "actor": "api", "quantity": rng.randint(1, 400)}

    def _visit(self, rng: Random, user: User, day: int, pace: float) -> Iterator[Told]:
        midnight = self._span.midnight_ms(day, self._profile.zone)
        start = midnight + int(max(5.0, rng.gauss(user.start_hour, 1.1)) * HOUR_MS)
        if day - user.signed_in >= _SESSION_DAYS or chance(rng, 0.15):  # the others are still logged in
            user.signed_in = day
            yield start, "user.login", {"user_id": user.user_id, "role": user.role}
        moment = start
        # A habit: about the same number of actions each time, now and then a busy day.
        actions = max(1, int(pace + rng.random())) + (bursty(rng, pace, 2) if chance(rng, 0.03) else 0)
        for _ in range(actions):
            moment += int(rng.expovariate(1 / 55) * MINUTE_MS) + 1_000
            if moment >= midnight + 23 * HOUR_MS:
                return
            feature = pick(rng, user.features, user.weights)
            if feature in self._untouched:
                feature = "records"
            if feature in KEY and feature not in self._activated:
                self._activated.add(feature)
                if self._story.joined is not None:
                    yield moment, "feature.activated", {"feature": feature, "user_id": user.user_id}
            yield moment, "feature.used", {"feature": feature, "user_id": user.user_id, "actor": "human", "quantity": 1}
