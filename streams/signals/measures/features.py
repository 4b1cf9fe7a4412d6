"""Measures of how widely the product is used: of its seats, of its features."""

from collections.abc import Collection

from schemas.records.trigger import Scalar
from streams.signals.context import Context
from streams.signals.day_close import DayClose
from streams.signals.measures.measure import UNKNOWN, Measure, Reading
from streams.signals.weeks import last_used

_WEEKS_4 = 28
_MONTH = 30


def used_within(close: DayClose, days: int) -> list[str]:
    """Features with human usage on one of the last so many complete days, in the order in which they became known."""
    return [name for name, last in last_used(close.weeks).items() if close.day - days < last <= close.day]


def core_features(context: Context, close: DayClose) -> Collection[str]:
    """What everybody uses who uses the product at all: the first of the entitled key features; where the account has none, the
    feature that was used first.
    """
    return (context.profile.key_features or list(close.weeks.features))[:1]


def features_used(context: Context, close: DayClose, core: Collection[str] | None = None) -> list[str]:
    """Features used in the last 30 days beyond the core (None: `core_features`)."""
    core = core_features(context, close) if core is None else core
    return [name for name in used_within(close, _MONTH) if name not in core]


def _seat_share(context: Context, close: DayClose) -> Reading:
    seats = context.profile.seats
    if not seats:
        return UNKNOWN
    users = close.users_of(_WEEKS_4)
    return Reading(users / seats, {"active_users_28d": users, "seats": seats})


def _key_feature_share(context: Context, close: DayClose) -> Reading:
    entitled = context.profile.key_features
    if not entitled:
        return UNKNOWN
    used = set(used_within(close, _WEEKS_4))
    unused = [name for name in entitled if name not in used]
    facts: dict[str, Scalar] = {
        "key_features": len(entitled),
        "key_features_used_28d": len(entitled) - len(unused),
        "unused": ", ".join(unused[:10]),
    }
    return Reading((len(entitled) - len(unused)) / len(entitled), facts)


def _features_used(context: Context, close: DayClose) -> Reading:
    found = features_used(context, close)
    return Reading(len(found), {"features": ", ".join(found[:10]), "core": ", ".join(core_features(context, close))})


_STATED = frozenset({"account.created", "account.updated"})
_SEATS = _STATED | {"subscription.started", "subscription.changed"}

MEASURES = (
    Measure("seat_share_28d", _seat_share, _SEATS, daily=True),
    Measure("key_feature_share_28d", _key_feature_share, _STATED, daily=True),
    Measure("features_used_30d", _features_used, _STATED, daily=True),
)
