"""Who lives which story: how many of each, what kind of customer it takes, and when it happens."""

from dataclasses import dataclass
from random import Random

from streams.fleet.draws import chance, pick, stream
from streams.fleet.profile import ENTERPRISE, MID_MARKET, SIZES, SMALL_BUSINESS, Size, dealt_size
from streams.fleet.span import Span
from streams.fleet.story import Kind, Story

_KNOWN_BY_NAME = (ENTERPRISE, MID_MARKET)


@dataclass(frozen=True, slots=True)
class Part:
    """How often a plot is played (share of the fleet), by customers of which sizes and with at least how many users."""

    kind: Kind
    share: float
    sizes: tuple[Size, ...] = SIZES
    users: int = 0
    new: bool = False
    spread: bool = False  # over all the sizes in turn


# In order of casting: a small fleet gets the first of them. A team smaller than eight has no decline to tell of: one
# person's vacation looks the same.
_PARTS = (
    Part(Kind.DECLINE, 0.065, users=8),
    Part(Kind.SUDDEN_DROP, 0.04, users=8),
    Part(Kind.CHAMPION_LEAVES, 0.04, _KNOWN_BY_NAME, users=8),
    Part(Kind.TICKET_STORM, 0.04, (MID_MARKET, ENTERPRISE, MID_MARKET, SMALL_BUSINESS), spread=True),
    Part(Kind.PAYMENT_TROUBLE, 0.025, spread=True),
    Part(Kind.RENEWAL_DOUBT, 0.03, spread=True),
    Part(Kind.SLOW_ONBOARDING, 0.03, _KNOWN_BY_NAME, new=True),
    Part(Kind.NEVER_STARTED, 0.02, (MID_MARKET, SMALL_BUSINESS), new=True),
    Part(Kind.CADENCE_LOST, 0.03, (MID_MARKET, ENTERPRISE), spread=True),
    Part(Kind.GOALS_MISSED, 0.02, _KNOWN_BY_NAME, spread=True),
    Part(Kind.SILENT_DECLINE, 0.025, users=8, spread=True),
    Part(Kind.DORMANT, 0.02, (MID_MARKET, SMALL_BUSINESS)),
    Part(Kind.CONTACT_COOLS, 0.02, _KNOWN_BY_NAME),
    Part(Kind.DOWNSIZING, 0.02, spread=True),
    Part(Kind.REORGANISATION, 0.02, _KNOWN_BY_NAME),
    Part(Kind.SPONSOR_FADES, 0.02, (ENTERPRISE,)),
    Part(Kind.POWER_USERS_GONE, 0.02, _KNOWN_BY_NAME, users=14),
    Part(Kind.WON_BACK, 0.0125, (SMALL_BUSINESS,)),
)
_GROWING = Part(Kind.GROWTH, 0.03, users=5, spread=True)
_NEW = Part(Kind.HEALTHY, 0.13, (MID_MARKET, SMALL_BUSINESS, SMALL_BUSINESS, ENTERPRISE, SMALL_BUSINESS), new=True, spread=True)
_OLD = Part(Kind.HEALTHY, 1.0)
_PLOTTED_AT_MOST = 0.485


@dataclass(frozen=True, slots=True)
class Cast:
    """The story of one account and what it asks of the customer who lives it."""

    story: Story
    size: Size
    users: int


def cast(seed: int, accounts: int, span: Span) -> list[Cast]:
    """One per account index. A fleet of fifty or more plays every plot; in any fleet the majority is well."""
    rng = stream(seed, "cast")
    free = list(range(accounts))
    rng.shuffle(free)
    parts: dict[int, Part] = {}
    for part in _PARTS:
        for number in range(max(1, round(part.share * accounts))):
            if len(parts) < int(_PLOTTED_AT_MOST * accounts):
                parts[_taken(free, part, number)] = part
    for part in (_GROWING, _NEW):
        for number in range(min(len(free), max(1, round(part.share * accounts)))):
            parts[_taken(free, part, number)] = part
    return [_cast(seed, index, parts.get(index, _OLD), span) for index in range(accounts)]


def _taken(free: list[int], part: Part, number: int) -> int:
    """The next account that suits the part, and for one that is spread its `number` too; the next of all where none does."""
    wished = (part.sizes[number % len(part.sizes)],) if part.spread else part.sizes
    suiting = [index for size in (wished, part.sizes) for index in free if dealt_size(index) in size]
    index = suiting[0] if suiting else free[0]
    free.remove(index)
    return index


def _cast(seed: int, index: int, part: Part, span: Span) -> Cast:
    dealt = dealt_size(index)
    story = _plan(stream(seed, "story", index), part.kind, part.new, span)
    return Cast(story, dealt if dealt in part.sizes else part.sizes[-1], part.users)


def _plan(rng: Random, kind: Kind, new: bool, span: Span) -> Story:
    days = span.days
    if new:
        joined = rng.randint(min(2, days - 1), max(3, round(days * 0.75)))
        return Story(kind, joined=joined, start=joined if kind is not Kind.HEALTHY else None)
    if kind is Kind.HEALTHY:
        return Story(kind)
    # The plot needs some normal weeks before it, and some time after it to play out.
    start = rng.randint(max(round(days * 0.3), min(24, round(days * 0.6))), max(round(days * 0.62), min(27, round(days * 0.7))))
    early = rng.randint(round(days * 0.18), max(round(days * 0.18), round(days * 0.36)))
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
    if kind is Kind.SILENT_DECLINE:
        return Story(kind, start=early, ramp=rng.randint(70, 85), level=0.002)
    if kind is Kind.POWER_USERS_GONE:
        return Story(kind, start=max(early, min(95, start)))
    if kind is Kind.DORMANT:
        return Story(kind, start=start, level=0.0, until=start + rng.randint(38, 55))
    if kind is Kind.WON_BACK:
        churn = start + rng.randint(20, 30)
        return Story(kind, start=start, ramp=12, level=0.25, churn=churn, back=churn + rng.randint(25, 40))
    if kind in (Kind.CADENCE_LOST, Kind.SPONSOR_FADES):
        return Story(kind, start=early, until=early + rng.randint(105, 125))
    if kind is Kind.CONTACT_COOLS:
        return Story(kind, start=start, until=start + rng.randint(70, 95) if chance(rng, 0.6) else None)
    if kind is Kind.GOALS_MISSED:
        return Story(kind, start=early)
    if kind is Kind.GROWTH:
        return Story(kind, start=early)
    if kind in (Kind.REORGANISATION, Kind.DOWNSIZING):
        return Story(kind, start=start, ramp=pick(rng, (14, 21, 28)))
    return Story(kind, start=start, ramp=rng.randint(3, 6), until=start + rng.randint(12, 20))


def _within(day: int | None, days: int) -> int | None:
    return day if day is not None and day < days else None
