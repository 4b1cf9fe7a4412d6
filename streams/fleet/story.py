"""The stories accounts live: one plot each, most of them uneventful. Also the ground truth for scoring."""

from dataclasses import dataclass
from enum import StrEnum

from streams.fleet.span import Span, rfc3339


class Kind(StrEnum):
    """The plot of an account."""

    HEALTHY = "healthy"
    GROWTH = "growth"  # every seat taken, every feature in use, and asking for more
    DECLINE = "decline"  # usage fades within one to three weeks and stays low
    SUDDEN_DROP = "sudden_drop"  # most of the usage gone overnight
    CHAMPION_LEAVES = "champion_leaves"  # the champion goes and usage follows
    SILENT_DECLINE = "silent_decline"  # they come less and less over three months, and praise whoever answers them
    POWER_USERS_GONE = "power_users_gone"  # those who used it most stop, the others go on
    DORMANT = "dormant"  # a season without work: nobody comes for weeks
    WON_BACK = "won_back"  # leaves, and is a customer again weeks later
    TICKET_STORM = "ticket_storm"
    PAYMENT_TROUBLE = "payment_trouble"
    DOWNSIZING = "downsizing"  # the budget shrinks, and with it the contract
    RENEWAL_DOUBT = "renewal_doubt"  # content with the product, not with the price
    REORGANISATION = "reorganisation"  # people we know move on or change jobs, all in a month
    SPONSOR_FADES = "sponsor_fades"  # the executive sponsor has other things to do
    CONTACT_COOLS = "contact_cools"  # the champion stops coming and stops answering
    CADENCE_LOST = "cadence_lost"  # our side lets the rhythm slip
    GOALS_MISSED = "goals_missed"  # the success plan is written and then not kept
    SLOW_ONBOARDING = "slow_onboarding"  # a new customer whose project drags
    NEVER_STARTED = "never_started"  # a new customer nobody logs in for


FALLS = (Kind.DECLINE, Kind.SUDDEN_DROP, Kind.CHAMPION_LEAVES, Kind.SILENT_DECLINE)
"""Plots in which usage goes and stays away."""
_WELL = (Kind.HEALTHY, Kind.GROWTH)


@dataclass(frozen=True, slots=True)
class Story:
    """The plan of one account, in days since the start of the span.

    `joined` is the first day of a new customer, None for one that was there before. `start` is the day the plot begins,
    `ramp` the days until it is in full effect, `level` what is left of usage then (0 to 1), `until` the day it ends (None:
    stays), `churn` the day the customer leaves (None: stays), `back` the day it is a customer again.
    """

    kind: Kind
    joined: int | None = None
    start: int | None = None
    ramp: int = 0
    level: float = 1.0
    until: int | None = None
    churn: int | None = None
    back: int | None = None

    @property
    def well(self) -> bool:
        """Nothing is wrong at this account."""
        return self.kind in _WELL

    def vitality(self, day: int) -> float:
        """What is left of the account's usual usage on a day, 0 to 1, by the plot alone."""
        if not self.alive(day):
            return 0.0
        if self.start is None or day < self.start:
            return 1.0
        if self.back is not None and day >= self.back:
            return 0.9
        if self.until is not None and day >= self.until:
            return min(1.0, self.level + (1.0 - self.level) * (day - self.until + 1) / 10)
        if day >= self.start + self.ramp:
            return self.level
        return 1.0 - (1.0 - self.level) * (day - self.start + 1) / (self.ramp + 1)

    def on(self, day: int) -> bool:
        """Whether the plot is under way on that day."""
        return self.start is not None and self.start <= day and (self.until is None or day < self.until)

    def alive(self, day: int) -> bool:
        """Whether the account is a customer on that day."""
        if self.joined is not None and day < self.joined:
            return False
        return self.churn is None or day < self.churn or (self.back is not None and day >= self.back)


@dataclass(frozen=True, slots=True)
class Truth:
    """What was planted in an account, for scoring. Times are RFC 3339; `usage_fall` is the planned share of usage lost for good."""

    account_id: str
    story: str
    joined: str | None
    start: str | None
    full_effect: str | None
    usage_fall: float
    churned: str | None

    @property
    def healthy(self) -> bool:
        """Nothing bad was planted."""
        return self.story in _WELL


def truth(account_id: str, story: Story, zone: str, span: Span) -> Truth:
    """The ground truth of one account; instants are local midnights."""

    def at(day: int | None) -> str | None:
        return None if day is None else rfc3339(span.midnight_ms(day, zone))

    full = None if story.start is None else story.start + story.ramp
    fall = round(1.0 - story.level, 3) if story.kind in FALLS else 0.0
    return Truth(account_id, str(story.kind), at(story.joined), at(story.start), at(full), fall, at(story.churn))
