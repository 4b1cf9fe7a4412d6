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


ENTERPRISE = Size("enterprise", "enterprise", 0.13, (14, 28), (50_000, 240_000), 4, 0.45, (12, 12, 24))
MID_MARKET = Size("mid_market", "business", 0.35, (6, 12), (5_500, 46_000), 3, 0.22, (12, 12, 6))
SMALL_BUSINESS = Size("small_business", "starter", 0.52, (3, 6), (600, 4_600), 2, 0.08, (12, 3, 12))
SIZES = (ENTERPRISE, MID_MARKET, SMALL_BUSINESS)


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


def profile(seed: int, index: int, size: Size, at_least_users: int = 0, *, full: bool = False) -> Profile:
    """The customer with this index; the same arguments always give the same customer.

    `at_least_users` raises the head count of small ones; `full`: every seat is taken.
    """
    rng = stream(seed, "profile", index)
    region = pick(rng, tuple(_ZONES), (0.45, 0.38, 0.17))
    industry = pick(rng, tuple(BUSINESS))
    name = f"{COMPANY[index % len(COMPANY)]} {pick(rng, BUSINESS[industry])}"
    if index >= len(COMPANY):
        name += f" {pick(rng, ('Group', 'Partners', 'International', 'Union', 'Alliance'))}"
    users = max(rng.randint(*size.users), at_least_users)
    low, high = size.acv
    acv = round(low * (high / low) ** rng.random(), -2)
    looked_after = size is not SMALL_BUSINESS
    spare = rng.randint(0, max(1, users // 3))
    return Profile(
        account_id=f"acct-{index + 1:04d}",
        name=name,
        industry=industry,
        size=size,
        region=region,
        zone=pick(rng, _ZONES[region]),
        acv=int(acv),
        seats=users if full else users + spare,
        users=users,
        key_features=tuple(sorted(rng.sample(KEY, size.key_features))),
        csm=pick(rng, TEAM.csms[region]) if looked_after else None,
        account_executive=pick(rng, TEAM.account_executives) if looked_after else None,
        executive_sponsor=pick(rng, TEAM.sponsors) if size is ENTERPRISE else None,
        weekend=pick(rng, (0.25, 0.45)) if industry in ("retail", "hospitality") else rng.uniform(0.01, 0.06),
    )


def person(rng: Random) -> str:
    """A first and a last name."""
    return f"{pick(rng, FIRST)} {pick(rng, LAST)}"


def dealt_size(index: int) -> Size:
    """Sizes are dealt rather than drawn, so that small fleets hold every size too: of any 23 accounts 3, 8 and 12."""
    place = index * 7 % 23
    return ENTERPRISE if place < 3 else MID_MARKET if place < 11 else SMALL_BUSINESS


def dealt(seed: int, purpose: str, account_id: str, every: int) -> bool:
    """Whether this account is one of those to whom something happens that happens to one in `every`."""
    return (int(account_id[5:]) + stream(seed, "dealt", purpose).randrange(every)) % every == 0


def likes_strategy(rng: Random, size: Size) -> bool:
    """Whether the account is marked strategic: a few of the largest only."""
    return size is ENTERPRISE and chance(rng, 0.15)
