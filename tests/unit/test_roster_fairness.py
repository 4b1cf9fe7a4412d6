"""Ten thousand launches over twenty people of different capacity, with absences, closures and accounts that keep their person."""

from typing import get_args

import pytest

from plays.roster.pool import Policy
from tests.fairness import away, launches, poured

WINDOW = 500
BOUND_TURNS = ("longest_since_last",)  # runs of bound accounts fall in between the turns: a launch and a half


@pytest.mark.parametrize("policy", get_args(Policy))
def test_everybody_gets_their_due_share_and_nobody_absent_gets_anything(policy: Policy) -> None:
    story = launches(policy, seed=1)

    decided = len(story.due)
    assert len(story.choices) == 10_000
    assert decided > 4_000
    assert list(away(story)) == []
    assert story.worst(0, decided) <= 0.02
    # Where launches are counted one of them is a twenty-fifth of what is due to somebody in the window.
    assert max(story.worst(first, first + WINDOW) for first in range(0, decided - WINDOW, 20)) <= (0.06 if policy in BOUND_TURNS else 0.05)


def test_what_is_poured_levels_by_share_and_leaves_out_who_holds_more() -> None:
    assert poured(6.0, {"ann": 1.0, "ben": 5.0, "cat": 90.0}, {"ann": 1.0, "ben": 2.0, "cat": 3.0}) == {"ann": 3.0, "ben": 3.0}
