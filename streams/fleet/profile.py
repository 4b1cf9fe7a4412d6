"""Who the customers are: size, place, plan, contract, the people on our side."""

from dataclasses import dataclass
from random import Random

from streams.fleet.draws import chance, pick, stream
from streams.fleet.names import BUSINESS, COMPANY, FIRST, LAST

CORE = ("dashboard", "search", "records")
KEY = ("workflow_builder", "reporting", "integrations", "forecasting", "approvals", "team_inbox")

_ZONES = {
    "americas": ("America/New_York", "America/Chicago", "America/Los_Angeles", "America/Sao_Paulo", "America/Toronto"),
    "europe": ("Europe/London", "Europe/Berlin", "Europe/Paris", "Europe/Madrid", "Europe/Warsaw", "Europe/Stockholm"),
    "asia-pacific": ("Asia/Tokyo", "Asia/Singapore", "Australia/Sydney", "Asia/Seoul"),
}


@dataclass(frozen=True, slots=True)
class Size:
    """What a segment of customers looks like. `users` bounds the head count, money is USD a year."""

    name: str
    plan: str
    share: float
    users: tuple[int, int]
    acv: tuple[int, int]
    key_features: int
    tickets_per_week: float
    term_months: tuple[int, ...]


SIZES = (
    Size("enterprise", "enterprise", 0.13, (14, 28), (50_000, 240_000), 4, 0.45, (12, 12, 24)),
    Size("mid_market", "business", 0.35, (6, 12), (5_500, 46_000), 3, 0.22, (12, 12, 6)),
    Size("small_business", "starter", 0.52, (3, 6), (600, 4_600), 2, 0.08, (12, 3, 12)),
)


@dataclass(frozen=True, slots=True)
class Profile:
    """One customer as the CRM knows it."""

    account_id: str
    name: str
    industry: str
    size: Size
    region: str
    zone: str
    acv: int
    seats: int
    users: int
    key_features: tuple[str, ...]
    csm: str | None
    account_executive: str | None
    executive_sponsor: str | None
    weekend: float

    @property
    def mrr(self) -> float:
        """Monthly recurring revenue, USD."""
        return round(self.acv / 12, 2)

    @property
    def human_touch(self) -> bool:
        """Whether somebody on our side knows the customer by name."""
        return self.csm is not None


@dataclass(frozen=True, slots=True)
class Team:
    """Our own people who carry accounts, by id."""

    csms: dict[str, tuple[str, ...]]
    account_executives: tuple[str, ...]
    sponsors: tuple[str, ...]


TEAM = Team(
    csms={
        "americas": ("maya.lindqvist", "tomas.herrera"),
        "europe": ("maya.lindqvist", "aisha.rahman", "jonas.weber"),
        "asia-pacific": ("aisha.rahman",),
    },
    account_executives=("daniel.kim", "sofia.petrova"),
    sponsors=("victor.hale",),
)


def profile(seed: int, index: int, at_least_users: int = 0, *, carried: bool = False) -> Profile:
    """The customer with this index; the same seed always gives the same customer.

    `at_least_users` raises the head count of small ones (a team of three has no adoption story to tell); `carried` makes
    one of the smallest a mid-sized one, whom somebody of ours looks after.
    """
    rng = stream(seed, "profile", index)
    # Sizes are dealt rather than drawn, so that small fleets hold every size too.
    size = _deal(index)
    if carried and size is SIZES[2]:
        size = SIZES[1]
    region = pick(rng, tuple(_ZONES), (0.45, 0.38, 0.17))
    industry = pick(rng, tuple(BUSINESS))
    name = f"{COMPANY[index % len(COMPANY)]} {pick(rng, BUSINESS[industry])}"
    if index >= len(COMPANY):
        name += f" {pick(rng, ('Group', 'Partners', 'International', 'Union', 'Alliance'))}"
    users = max(rng.randint(*size.users), at_least_users)
    low, high = size.acv
    acv = round(low * (high / low) ** rng.random(), -2)
    looked_after = size is not SIZES[2]
    return Profile(
        account_id=f"acct-{index + 1:04d}",
        name=name,
        industry=industry,
        size=size,
        region=region,
        zone=pick(rng, _ZONES[region]),
        acv=int(acv),
        seats=users + rng.randint(0, max(1, users // 3)),
        users=users,
        key_features=tuple(sorted(rng.sample(KEY, size.key_features))),
        csm=pick(rng, TEAM.csms[region]) if looked_after else None,
        account_executive=pick(rng, TEAM.account_executives) if looked_after else None,
        executive_sponsor=pick(rng, TEAM.sponsors) if size.name == "enterprise" else None,
        weekend=pick(rng, (0.25, 0.45)) if industry in ("retail", "hospitality") else rng.uniform(0.01, 0.06),
    )


def person(rng: Random) -> str:
    """A first and a last name."""
    return f"{pick(rng, FIRST)} {pick(rng, LAST)}"


def _deal(index: int) -> Size:
    """Sizes in their shares over any run of 23 accounts: 3 enterprise, 8 mid-market, 12 small businesses."""
    place = index * 7 % 23
    return SIZES[0] if place < 3 else SIZES[1] if place < 11 else SIZES[2]


def likes_strategy(rng: Random, size: Size) -> bool:
    """Whether the account is marked strategic: a few of the largest only."""
    return size.name == "enterprise" and chance(rng, 0.15)
