"""Taking turns in proportion to shares, for people who come and go.

With each run every one who could have had it is owed their share of it, and who gets it is owed one run less: the next turn goes to
the one who is owed most. So nobody is ahead of their share or behind it by much more than one run, over any stretch, however often
the company changes, and nothing is owed for times of absence. It is the largest deficit first, a rule for the chairman assignment
problem (Tijdeman, Discrete Mathematics 32, 1980); servers of networks know it as smooth weighted round robin.
"""

from collections.abc import Mapping

BEHIND_AT_MOST = 10.0
AHEAD_AT_MOST = 20.0
"""Runs. What somebody got outside the turns of the pool puts them back by no more than so many."""


def after(owed: Mapping[str, float], shares: Mapping[str, float], taken_by: str | None) -> dict[str, float]:
    """What each is owed after a run that `shares` could have had and `taken_by` got; None: no turn of theirs. Only what changed."""
    total = sum(shares.values())
    found = {person: owed.get(person, 0.0) + share / total for person, share in shares.items()}
    if taken_by is not None:
        found[taken_by] = found.get(taken_by, owed.get(taken_by, 0.0)) - 1.0
    return {person: min(max(value, -AHEAD_AT_MOST), BEHIND_AT_MOST) for person, value in found.items()}
