"""What segments and plays may ask about an account, from its profile."""

from plays.policy.segments import Facts
from plays.policy.touch import TouchBands
from streams.processing.account import Profile

DAY_MS = 86_400_000


def facts_of(profile: Profile, bands: TouchBands, now_ms: int, *, age: bool = True) -> Facts:
    """The facts at `now_ms` (ms since the epoch, UTC). Without `age` that is left out: then they change with the profile only."""
    touch = bands.touch_model(profile.touch_model, profile.strategic, profile.acv, profile.contract_acv, profile.mrr)
    age_days = None
    if age:
        since = profile.created_ms if profile.created_ms is not None else profile.known_ms
        age_days = None if since is None else max(0, now_ms - since) // DAY_MS
    acv = profile.acv if profile.acv is not None else profile.contract_acv
    return Facts(touch, profile.tier, profile.industry, profile.region, profile.plan_type, profile.strategic, acv, profile.seats, age_days)
