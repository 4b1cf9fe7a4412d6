"""Half a year of launches over twenty people, and what each was due. The sums are made here again, from the launches alone.

What is due: as if a run could be split. Where open minutes, runs or revenue are compared, a launch is poured over who was at work and had
room until what they hold is level by capacity; what is held is then compared, launch by launch, among those whom it reaches: who
holds more than the level, because accounts are bound to them, is not. Where turns are counted, a launch is owed by capacity to those who
could have had it, and poured over who is owed most; launches are compared.
A deviation is in parts of what is due to the person, or to one of them on average where that is more: nobody gets half a run.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from heapq import heappop, heappush
from zoneinfo import ZoneInfo

from plays.policy.owners import Team
from plays.roster.absence import Absence
from plays.roster.ask import Ask, Load
from plays.roster.choice import Choice, choose, turns_after
from plays.roster.pool import BY_TURNS, Policy
from plays.roster.rota import Rota
from plays.roster.turns import AHEAD_AT_MOST, BEHIND_AT_MOST
from tests.rosters import DAY, MONDAY, hours, pool, someone, team

PEOPLE = 20
CAPACITIES = (48, 60, 72, 90, 108, 120, 72, 90, 60, 108)
FIRST_DAY = date(2026, 3, 2)
HALF_A_YEAR = 182
OPEN_DAYS = 11.0  # how long a run is open, in the middle
UNITS: dict[Policy, int] = {"least_open_minutes": 1, "least_open_runs": 0, "least_arr": 2}

Amounts = Mapping[str, float]


@dataclass
class Story:
    """Of each launch that fairness decided: what people held or got, and what was due."""

    team: Team
    choices: list[tuple[int, Choice]] = field(default_factory=list)
    got: list[Amounts] = field(default_factory=list)
    due: list[Amounts] = field(default_factory=list)

    def worst(self, first: int, last: int) -> float:
        """The largest deviation of any person over the launches `[first, last)`."""
        got, due = _total(self.got[first:last]), _total(self.due[first:last])
        average = sum(due.values()) / PEOPLE
        return max(abs(got.get(person, 0.0) - part) / max(part, average) for person, part in due.items())


def crew(policy: Policy, rnd: random.Random) -> Team:
    """Twenty people of different capacity, each with two absences within the half year, and a fallback."""
    people = []
    for number in range(PEOPLE):
        first = FIRST_DAY + timedelta(days=rnd.randrange(150))
        last = first + timedelta(days=rnd.choice((0, 2, 6, 13)))
        again = last + timedelta(days=rnd.randrange(5, 40))
        absences = (Absence(first=first, last=last), Absence(first=again, last=again + timedelta(days=rnd.choice((0, 1, 4)))))
        person = someone(f"P{number:02}", runs=CAPACITIES[number % 10], zone="Europe/Berlin")
        people.append(person.model_copy(update={"absences": absences}))
    lead = someone("Lead", zone="Europe/Berlin")
    return team(*people, lead, fallback="lead", pools={"csm": pool(*(person.id for person in people), policy=policy)})


def launches(policy: Policy, seed: int, count: int = 10_000) -> Story:
    """So many launches at any time of day and night, some bound to the account's own person, accounts that come again, runs that close."""
    rnd = random.Random(seed)
    story = Story(crew(policy, rnd))
    rota, ideal = Rota(story.team, hours), _Ideal(policy)
    loads: dict[str, Load] = {person.id: Load() for person in story.team.people}
    owed: dict[str, dict[str, float]] = {"csm": {}}
    own: dict[int, str | None] = {}
    handled: dict[int, str] = {}
    closing: list[tuple[int, int, str, int, int]] = []
    people = story.team.people[:PEOPLE]
    for number, at_ms in enumerate(sorted(MONDAY + rnd.randrange(HALF_A_YEAR * DAY) for _ in range(count))):
        while closing and closing[0][0] <= at_ms:
            _, run, person, minutes, arr = heappop(closing)
            loads[person].give_back(minutes, arr)
            ideal.close(run)
        account = rnd.randrange(8_000)
        if account not in own:
            bound = rnd.random() < 0.15
            own[account] = rnd.choices(people, [one.capacity.runs or 0 for one in people])[0].id if bound else None
        minutes, arr = rnd.choice((240, 480, 960, 1440)), int(rnd.lognormvariate(9.5, 0.5))
        ask = Ask(
            str(account), at_ms, "csm", "csm", minutes, arr, business=rnd.random() < 0.9, own=own[account], handled_by=handled.get(account)
        )  # fmt: skip
        choice = choose(ask, rota, loads.__getitem__, owed)
        person = choice.person.id
        if person in rota.members["csm"]:
            handled[account] = person
        for name, changed in turns_after(choice, rota, owed).items():
            owed[name].update(changed)
        loads[person].take(minutes, arr)
        due = ideal.launch(number, choice, (1, minutes, arr))
        story.choices.append((at_ms, choice))
        if choice.policy is not None:
            story.due.append(due)
            story.got.append({one: ideal.held(loads[one]) for one in due} if policy in UNITS else {person: 1.0})
        open_ms = int(rnd.lognormvariate(0, 0.7) * OPEN_DAYS * DAY)
        heappush(closing, (at_ms + open_ms, number, person, minutes, arr))
    return story


class _Ideal:
    """The same launches, poured."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._holds: dict[str, float] = {}
        self._owed: dict[str, float] = {}
        self._parts: dict[int, Amounts] = {}

    def held(self, load: Load) -> float:
        """In the policy's unit."""
        return (load.runs, load.minutes, load.arr)[UNITS[self._policy]]

    def launch(self, number: int, choice: Choice, amounts: tuple[int, int, int]) -> Amounts:
        """What is due: held by whom the launch reaches, or parts of the launch."""
        if self._policy in BY_TURNS:
            return self._turn(choice)
        amount = float(amounts[UNITS[self._policy]])
        parts: Amounts = {choice.person.id: amount}
        if choice.policy is not None:
            parts = poured(amount, {one: self._holds.get(one, 0.0) for one in choice.fair}, choice.fair)
        self._add(parts, 1.0)
        self._parts[number] = parts
        return {one: self._holds[one] for one in parts}

    def close(self, number: int) -> None:
        """What was poured is gone."""
        self._add(self._parts.pop(number, {}), -1.0)

    def _turn(self, choice: Choice) -> Amounts:
        if choice.policy is None and self._policy == "round_robin":
            return {}
        whole = sum(choice.fair.values())
        owed = {one: self._owed.get(one, 0.0) + share / whole for one, share in choice.fair.items()}
        owed.setdefault(choice.person.id, self._owed.get(choice.person.id, 0.0))
        if choice.policy is None:
            parts: Amounts = {choice.person.id: 1.0}
        else:
            parts = poured(1.0, {one: -owed[one] for one in choice.fair}, dict.fromkeys(choice.fair, 1.0))
        for one, was in owed.items():
            self._owed[one] = min(max(was - parts.get(one, 0.0), -AHEAD_AT_MOST), BEHIND_AT_MOST)
        return parts

    def _add(self, parts: Amounts, sign: float) -> None:
        for one, part in parts.items():
            self._holds[one] = self._holds.get(one, 0.0) + sign * part


def poured(amount: float, holds: Amounts, shares: Amounts) -> dict[str, float]:
    """How an amount fills up what is held to one level by share; whom it does not reach is left out."""
    reached = set(holds)
    while True:
        level = (amount + sum(holds[one] for one in sorted(reached))) / sum(shares[one] for one in sorted(reached))
        above = {one for one in reached if holds[one] >= level * shares[one]}
        if not above:
            return {one: level * shares[one] - holds[one] for one in sorted(reached)}
        reached -= above


def away(story: Story) -> Iterator[str]:
    """Launches to somebody who was absent then: a day of theirs, by the calendar on the wall."""
    people = {person.id: person for person in story.team.people}
    for at_ms, choice in story.choices:
        person = people[choice.person.id]
        for absence in person.absences:
            start_ms, end_ms = absence.span(ZoneInfo(person.timezone or "UTC"))
            if start_ms <= at_ms < end_ms or start_ms <= choice.on_duty_from_ms < end_ms:
                yield f"{person.id} at {at_ms}"


def _total(each: list[Amounts]) -> dict[str, float]:
    total: dict[str, float] = {}
    for amounts in each:
        for one, amount in amounts.items():
            total[one] = total.get(one, 0.0) + amount
    return total
