"""Taking turns in proportion to shares, for people who come and go.

Virtual time of a pool goes on by 1 / (sum of the shares of who could take the run) with each run. Somebody's turn costs
1 / share of it. The next turn goes, among those whose turn has begun (start <= now), to the one whose turn ends first: Bennett
and Zhang, "WF2Q: worst-case fair weighted fair queueing", INFOCOM 1996. Nobody gets ahead of their due share or behind it by more than
about one run, over any stretch. Who was away has nothing to catch up on but the one turn.
"""

from collections.abc import Mapping

AHEAD_AT_MOST = 4.0
"""Turns. What somebody got outside the pool's own turns puts them back by no more than so many."""


def begins(tag: float | None, clock: float, share: float) -> float:
    """When somebody's next turn begins: where their last one ended, but no more than one turn of theirs ago."""
    return clock if tag is None else max(tag, clock - 1.0 / share)


def ends(tag: float | None, clock: float, share: float) -> float:
    """When it ends. `tag`: where the last one did, None who had none yet."""
    return begins(tag, clock, share) + 1.0 / share


def score(tag: float | None, clock: float, share: float) -> tuple[bool, float]:
    """The lowest takes the next turn."""
    start = begins(tag, clock, share)
    return start > clock + 1e-9, start + 1.0 / share


def after_turn(tag: float | None, clock: float, share: float) -> float:
    """The new tag of who got a run."""
    return min(ends(tag, clock, share), clock + AHEAD_AT_MOST / share)


def step(shares: Mapping[str, float]) -> float:
    """By how much a run moves the pool's clock."""
    total = sum(shares.values())
    return 1.0 / total if total else 0.0
