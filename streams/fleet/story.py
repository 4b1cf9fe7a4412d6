"""What happens to an account over the months: one story each, most of them uneventful. Also the ground truth for scoring."""

from dataclasses import dataclass
from enum import StrEnum
from random import Random

from streams.fleet.draws import chance, stream
from streams.fleet.span import Span, rfc3339


class Kind(StrEnum):
    """The plot of an account."""

    HEALTHY = "healthy"
    DECLINE = "decline"  # usage fades within one to three weeks and stays low
    SUDDEN_DROP = "sudden_drop"  # most of the usage gone overnight
    CHAMPION_LEAVES = "champion_leaves"  # the champion goes and usage follows
    TICKET_STORM = "ticket_storm"
    PAYMENT_TROUBLE = "payment_trouble"
    RENEWAL_DOUBT = "renewal_doubt"  # content with the product, not with the price
    SLOW_ONBOARDING = "slow_onboarding"  # a new customer whose project drags
    NEVER_STARTED = "never_started"  # a new customer nobody logs in for


FALLS = (Kind.DECLINE, Kind.SUDDEN_DROP, Kind.CHAMPION_LEAVES)

# share of the fleet, in the order in which accounts are cast
_CAST = (
    (Kind.DECLINE, 0.085),
    (Kind.SUDDEN_DROP, 0.04),
    (Kind.CHAMPION_LEAVES, 0.045),
    (Kind.TICKET_STORM, 0.06),
    (Kind.PAYMENT_TROUBLE, 0.06),
    (Kind.RENEWAL_DOUBT, 0.05),
    (Kind.SLOW_ONBOARDING, 0.045),
    (Kind.NEVER_STARTED, 0.025),
)
_NEW_HEALTHY = 0.13


@dataclass(frozen=True, slots=True)
class Story:
    """The plan of one account, in days since the start of the span.

    `joined` is the first day of a new customer, None for one that was there before. `start` is the day the plot begins,
    `ramp` the days until it is in full effect, `level` what is left of usage then (0 to 1), `until` the day it ends (None:
    stays), `churn` the day the customer leaves (None: stays).
    """

    kind: Kind
    joined: int | None = None
    start: int | None = None
    ramp: int = 0
    level: float = 1.0
    until: int | None = None
    churn: int | None = None

    def vitality(self, day: int) -> float:
        """What is left of the account's usual usage on a day, 0 to 1, by the plot alone."""
        if self.churn is not None and day >= self.churn:
            return 0.0
        if self.start is None or day < self.start:
            return 1.0
        if self.until is not None and day >= self.until:
            return min(1.0, self.level + (1.0 - self.level) * (day - self.until + 1) / 10)
        if day >= self.start + self.ramp:
            return self.level
        return 1.0 - (1.0 - self.level) * (day - self.start + 1) / (self.ramp + 1)

    def alive(self, day: int) -> bool:
        """Whether the account is a customer on that day."""
        return (self.joined is None or day >= self.joined) and (self.churn is None or day < self.churn)


@dataclass(frozen=True, slots=True)
class Truth:
    """What was planted in an account, for scoring. Times are RFC 3339; `usage_fall` is the planned share of usage lost."""

    account_id: str
    story: str
    joined: str | None
    start: str | None
    full_effect: str | None
    usage_fall: float
    churned: str | None

    @property
    def healthy(self) -> bool:
        """Nothing was planted."""
        return self.story == Kind.HEALTHY


def cast(seed: int, accounts: int, span: Span) -> list[Story]:
    """One story per account index. Every plot appears at least once in a fleet of ten or more; the majority is healthy."""
    rng = stream(seed, "cast")
    kinds: list[tuple[Kind, bool]] = []
    for kind, share in _CAST:
        kinds += [(kind, kind in (Kind.SLOW_ONBOARDING, Kind.NEVER_STARTED))] * max(1, round(share * accounts))
    kinds += [(Kind.HEALTHY, True)] * max(1, round(_NEW_HEALTHY * accounts))
    kinds = kinds[:accounts] + [(Kind.HEALTHY, False)] * (accounts - len(kinds))
    rng.shuffle(kinds)
    return [_plan(stream(seed, "story", index), kind, new, span) for index, (kind, new) in enumerate(kinds)]


def truth(account_id: str, story: Story, zone: str, span: Span) -> Truth:
    """The ground truth of one account; instants are local midnights."""

    def at(day: int | None) -> str | None:
        return None if day is None else rfc3339(span.midnight_ms(day, zone))

    full = None if story.start is None else story.start + story.ramp
    fall = round(1.0 - story.level, 3) if story.kind in FALLS else 0.0
    return Truth(account_id, str(story.kind), at(story.joined), at(story.start), at(full), fall, at(story.churn))


def _plan(rng: Random, kind: Kind, new: bool, span: Span) -> Story:
    days = span.days
    if new:
        joined = rng.randint(min(2, days - 1), max(3, round(days * 0.75)))
        return Story(kind, joined=joined, start=joined if kind is not Kind.HEALTHY else None)
    if kind is Kind.HEALTHY:
        return Story(kind)
    # The plot needs some normal weeks before it, and some time after it to play out.
    start = rng.randint(max(round(days * 0.3), min(24, round(days * 0.6))), max(round(days * 0.62), min(27, round(days * 0.7))))
    if kind is Kind.DECLINE:
        ramp = rng.randint(7, 21)
        level = rng.uniform(0.08, 0.2) if ramp > 14 else rng.uniform(0.08, 0.36)
        churn = start + ramp + rng.randint(30, 60) if chance(rng, 0.4) else None
        return Story(kind, start=start, ramp=ramp, level=level, churn=_within(churn, days))
    if kind is Kind.SUDDEN_DROP:
        until = start + rng.randint(18, 32) if chance(rng, 0.5) else None
        churn = start + rng.randint(30, 50) if until is None and chance(rng, 0.5) else None
        return Story(kind, start=start, ramp=1, level=rng.uniform(0.04, 0.22), until=until, churn=_within(churn, days))
    if kind is Kind.CHAMPION_LEAVES:
        until = start + rng.randint(40, 55) if chance(rng, 0.5) else None
        return Story(kind, start=start, ramp=rng.randint(8, 18), level=rng.uniform(0.2, 0.45), until=until)
    return Story(kind, start=start, ramp=rng.randint(3, 6), until=start + rng.randint(12, 20))


def _within(day: int | None, days: int) -> int | None:
    return day if day is not None and day < days else None
