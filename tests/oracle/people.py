"""Who gets a run: the packaged owners file and the rule of choice, written down a second time."""

from hashlib import blake2b
from math import log

from tests.oracle.account import Account

POOLS: dict[str, tuple[tuple[str, float], ...]] = {
    "csm": (("maya.lindqvist", 1.0), ("tomas.herrera", 1.0), ("aisha.rahman", 1.0), ("jonas.weber", 0.5)),
    "csm_pool": (("priya.nair", 1.0), ("luca.moretti", 1.0), ("grace.oduya", 1.0)),
    "account_executive": (("daniel.kim", 1.0), ("sofia.petrova", 1.0)),
    "support_lead": (("marcus.bell", 1.0), ("hana.sato", 1.0)),
    "implementation_lead": (("oliver.grant", 1.0),),
    "enablement": (("ines.duarte", 1.0), ("priya.nair", 0.25)),
    "renewal_specialist": (("ruth.adeyemi", 1.0),),
}


def owner(role: str, account: Account) -> str:
    """Person id: the account's own person, else the pool's highest score for the account."""
    first = role.split("+", maxsplit=1)[0]
    if first == "automation":
        return first
    if first == "csm" and account.csm:
        return account.csm
    if first == "csm" and account.touch() == "tech":
        first = "csm_pool"
    return max(POOLS[first], key=lambda member: _score(account.id, *member))[0]


def _score(key: str, candidate: str, weight: float) -> float:
    digest = blake2b(f"{key}\x1f{candidate}".encode(), digest_size=8).digest()
    u = ((int.from_bytes(digest, "big") >> 12) + 0.5) / 2.0**52
    return -weight / log(u)
