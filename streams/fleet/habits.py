"""The users of an account and their habits: when they work, how much, with which features, when they are away."""

from dataclasses import dataclass
from random import Random

from streams.fleet.calendar import vacation_pull
from streams.fleet.draws import chance, pick, poisson, stream
from streams.fleet.profile import CORE, Profile
from streams.fleet.span import Span
from streams.fleet.story import FALLS, Kind, Story

_STEADY = (*FALLS, Kind.POWER_USERS_GONE, Kind.GROWTH)  # plots that are told by the same people from the first day


@dataclass(slots=True)
class User:
    """One person. Days count from the start of the span; `away` holds half-open intervals of days."""

    user_id: str
    role: str
    arrives: int
    leaves: int
    presence: float  # probability of using the product on a workday
    pace: float  # mean actions on such a day
    start_hour: float
    features: tuple[str, ...]
    weights: tuple[float, ...]
    loyalty: float  # 0 to 1: in a decline those with less stop sooner
    away: tuple[tuple[int, int], ...]
    signed_in: int = -1000  # the day of the last login

    def here(self, day: int) -> bool:
        """Employed and not on vacation."""
        return self.arrives <= day < self.leaves and not any(start <= day < end for start, end in self.away)


def users(seed: int, profile: Profile, story: Story, span: Span) -> list[User]:
    """Everybody who will ever use the product at this account within the span, leavers and their successors included."""
    rng = stream(seed, "users", profile.account_id)
    if story.kind is Kind.NEVER_STARTED:
        return []
    found: list[User] = []
    ranks = list(range(profile.users))
    rng.shuffle(ranks)
    for place in range(profile.users):
        loyalty = (ranks[place] + 0.5) / profile.users
        arrives = 0 if story.joined is None else story.joined + _first_day(rng, place, story)
        if story.joined is None and place >= max(3, round(profile.users * 0.85)) and story.kind not in _STEADY:
            arrives = rng.randint(0, span.days)  # growth: the last few join along the way
        leaves = span.days
        if place and chance(rng, 0.07) and story.kind not in _STEADY:  # the first is the lead, who stays
            leaves = rng.randint(arrives, arrives + span.days)
            found.append(_user(rng, profile, len(found), leaves + rng.randint(0, 12), span.days, loyalty, span))
        found.append(_user(rng, profile, len(found), arrives, leaves, loyalty, span))
    if story.kind is Kind.POWER_USERS_GONE and story.start is not None:
        _depend_on_few(found, profile.users, story.start)
    if story.kind is Kind.GROWTH:
        for user in found:
            user.features = CORE + profile.key_features
            user.weights = (1.0,) * len(user.features)
    return found


def _depend_on_few(found: list[User], team: int, start: int) -> None:
    """A quarter of the team does most of the work and never rests, until they stop; the others are there now and then."""
    few = max(3, round(team * 0.25))
    for place, user in enumerate(found):
        user.arrives = 0
        user.leaves = start if place < few else max(user.leaves, start + 200)
        user.presence = 0.98 if place < few else user.presence * 0.55
        user.pace *= 1.7 if place < few else 1.0
        user.away = () if place < few else user.away


def _first_day(rng: Random, place: int, story: Story) -> int:
    """Days after signing until the user first comes: the project team at once, the others as the roll-out goes."""
    pace = 1.8 if story.kind is Kind.SLOW_ONBOARDING else 1.0
    return round(pace * (rng.uniform(0.5, 3) if place < 2 else rng.uniform(3, 35)))


def _user(rng: Random, profile: Profile, number: int, arrives: int, leaves: int, loyalty: float, span: Span) -> User:
    role = "team_lead" if number == 0 else "technical_admin" if number == 1 else pick(rng, ("user", "user", "user", "user", "team_lead"))
    known = CORE + tuple(rng.sample(profile.key_features, rng.randint(1, len(profile.key_features))))
    return User(
        user_id=f"{profile.account_id}-u{number + 1:02d}",
        role=role,
        arrives=arrives,
        leaves=leaves,
        presence=rng.betavariate(18, 2),
        pace=1.0 + rng.gammavariate(3, 0.3),
        start_hour=rng.gauss(8.8, 0.7),
        features=known,
        weights=tuple(rng.gammavariate(1.2, 1.0) + 0.05 for _ in known),
        loyalty=loyalty,
        away=_vacations(rng, profile.region, span),
    )


def _vacations(rng: Random, region: str, span: Span) -> tuple[tuple[int, int], ...]:
    """About 22 days off a year, some of them in a block, likelier in the holiday months of the region."""
    away: list[tuple[int, int]] = []
    for _ in range(poisson(rng, 1.5 * span.days / 150)):
        start = rng.randrange(-7, span.days)
        if rng.random() * 1.8 > vacation_pull(span.date_of(start), region):
            start = rng.randrange(-7, span.days)
        away.append((start, start + pick(rng, (2, 3, 5, 9, 12, 16), (4, 3, 3, 4, 1, 1))))
    return tuple(sorted(away))
