"""Who of several is next, by the policy of their pool. The lowest score wins."""

from collections.abc import Mapping
from typing import NamedTuple

from plays.roster.ask import Ask, Load
from plays.roster.pool import BY_TURNS, Policy, Seat
from plays.runs.rendezvous import score as rendezvous

WORDS: dict[Policy, str] = {
    "least_open_minutes": "least open SLA minutes for their capacity",
    "least_open_runs": "least open runs for their capacity",
    "least_arr": "least annual revenue in open runs for their capacity",
    "longest_since_last": "longest without a run for their capacity",
    "round_robin": "next in turn",
}


class Standing(NamedTuple):
    """One candidate as the policy sees them. Orders by what they lack, then by the policy, then by what makes the order total."""

    lacking: int  # skills asked for that they do not have
    foreign: bool  # speaks none of the languages asked for
    score: float
    tie: float  # rendezvous hash of the account, negated: an account keeps its person where nothing else tells people apart
    person_id: str
    seat: Seat
    holds: Load


def standings(policy: Policy, seats: list[tuple[Seat, Load]], ask: Ask, owed: Mapping[str, float]) -> list[Standing]:
    """All candidates, the next one first. `owed`: what the pool's turns owe people so far."""
    shares = sum(seat.share for seat, _ in seats)
    return sorted((_standing(policy, seat, load, ask, owed, shares) for seat, load in seats), key=lambda one: one[:5])


def _standing(policy: Policy, seat: Seat, load: Load, ask: Ask, owed: Mapping[str, float], shares: float) -> Standing:
    """A run counts half where loads are compared: the divisor method of Webster, which favours neither large shares nor small ones."""
    person, share = seat
    if policy in BY_TURNS:
        score = -(owed.get(person.id, 0.0) + share / shares / 2)
    elif policy == "least_open_minutes":
        score = (load.minutes + max(ask.minutes, 1) / 2) / share
    elif policy == "least_open_runs":
        score = (load.runs + 0.5) / share
    else:
        score = (load.arr + max(ask.arr, 1) / 2) / share
    lacking = sum(skill not in person.skills for skill in ask.skills)
    foreign = bool(ask.languages) and not any(language in person.languages for language in ask.languages)
    return Standing(lacking, foreign, score, -rendezvous(ask.account_id, person.id, share), person.id, seat, load)


def holding(policy: Policy, load: Load) -> str:
    """What somebody holds, in the policy's words."""
    if policy == "least_open_minutes":
        return f"{load.minutes} open SLA minutes"
    if policy == "least_arr":
        return f"{load.arr} in open runs"
    return f"{load.runs} open runs"
