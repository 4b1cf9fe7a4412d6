"""The silences rules may speak of: what was last heard of, and of whom. How each is known is in `streams/signals/silences`."""

from collections.abc import Mapping
from typing import NamedTuple


class SilenceKind(NamedTuple):
    """What a silence is of. `takes`: the parameters it makes use of besides `days` and `rhythm`."""

    meaning: str
    takes: frozenset[str] = frozenset()


_ROLES = frozenset({"roles"})

SILENCES: Mapping[str, SilenceKind] = {
    "qbr": SilenceKind("of the account: the last quarterly business review, else the beginning of the relation"),
    "touch": SilenceKind("of the account: the last `touch.logged`, else the beginning of the relation"),
    "cadence": SilenceKind(
        "of the account, by kind of meeting: the last one held, else the first one planned; a kind never planned is nobody's",
        frozenset({"meetings"}),
    ),
    "breadth": SilenceKind(
        "of the account: when it last had `times` stakeholders in two roles, else when its first contact became known", frozenset({"times"})
    ),
    "inbound": SilenceKind("of a contact: their last mail (no auto-reply) or meeting attended, else when they got the role", _ROLES),
    "answer": SilenceKind("of a contact: our first mail they have not answered, by mail or by coming to a meeting", _ROLES),
    "attendance": SilenceKind(
        "of a contact: the last of `times` meetings in a row to which they were invited and did not come", _ROLES | {"times"}
    ),
    "contact": SilenceKind(
        "of a contact: their last mail, meeting attended or logged touch, else when they got the role", _ROLES | {"by_influence"}
    ),
    "renewal_stage": SilenceKind("per contract: since the renewal has been in its present stage; won, lost or renewed ends the wait"),
    "plan_update": SilenceKind("of the success plan: when it was last updated; a milestone done since counts at once"),
    "key_feature_use": SilenceKind(
        "of a feature: the end of the last day on which people used this entitled key feature, else the beginning of the relation; asked"
        " only while the account is in use at all, and again as many days later"
    ),
}
