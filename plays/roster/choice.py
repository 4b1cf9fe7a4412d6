"""Who takes a run: the order in which people are looked at, and where it ends. Never nobody, and nobody who is absent."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from plays.roster import turns
from plays.roster.ask import NOTHING_HELD, Ask, Load
from plays.roster.fairness import WORDS, Standing, holding, standings
from plays.roster.person import Person
from plays.roster.pool import BY_TURNS, Policy, Seat
from plays.roster.rota import Presence, Rota, State
from schemas.records.play_message import OwnerReason
from schemas.records.wire import rfc3339, utc

RUNNERS_UP = 3
_PASSED_OVER_SHOWN = 4

Loads = Callable[[str], Load]
"""What a person of this id holds."""
Owed = Mapping[str, Mapping[str, float]]
"""What pools that share by turns owe their members, in runs; by pool, then person."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The person, since when they are at work (the ask's time where they are), and why they and nobody else.

    `score` is by the policy of `pool`, the lowest wins; None where people were not compared. `fair` are the shares of those who
    could have had the run by fairness: the pool's turns go on by them.
    """

    person: Person
    reason: OwnerReason
    detail: str
    on_duty_from_ms: int
    pool: str | None = None
    policy: Policy | None = None
    score: float | None = None
    runners_up: tuple[Standing, ...] = ()
    fair: Mapping[str, float] = field(default_factory=dict)

    def runners_up_words(self) -> tuple[str, ...]:
        """Who came next, with what they hold and their score."""
        policy = self.policy
        if policy is None:
            return ()
        return tuple(f"{one.person_id}: {holding(policy, one.holds)}, score {one.score:.4g}" for one in self.runners_up)


def choose(ask: Ask, rota: Rota, loads: Loads, owed: Owed) -> Choice:
    """The answer to an ask. `owed` is of pools that share by turns.

    0. Whom a level of a ladder names, at work or not, full or not.
    1. Whoever knows the account: its own person; who of the pool last handled it; who of a pool it overflows to has such a
       run now, if they are at work.
    2. The pool, then those it overflows to: at work and with room, by skills, language, policy. A run that may wait also waits for
       members with room whose shifts begin first, before it goes to the next pool.
    3. The fallback person, at work or (if the run may wait) not.
    4. At work although full, in the same pools.
    5. The fallback person off duty; then whoever of the pools, of everybody, is at work first.
    Who is excluded is chosen only if nobody else is present. Somebody absent is chosen only if all are: then whoever is back first,
    from when they are.
    """
    return _Choosing(ask, rota, loads, owed).choice()


class _Choosing:
    def __init__(self, ask: Ask, rota: Rota, loads: Loads, owed: Owed) -> None:
        self.ask, self.rota, self.loads, self.owed = ask, rota, loads, owed
        self.chain = rota.team.chain(ask.pool)
        self.passed_over: list[str] = []
        self._presence: dict[str, Presence] = {}

    def choice(self) -> Choice:
        for found in self._in_order():
            return found
        raise AssertionError("the fallback person is always there")

    def _in_order(self) -> Iterator[Choice]:
        yield from self._named()
        yield from self._who_knows()
        for pool in self.chain:
            yield from self._judged(pool, self._at_work(pool), "")
            if self.ask.business:
                yield from self._judged(pool, self._next_shift(pool), "nobody of the {pool} pool at work has room")
        if not self.chain:
            self.passed_over.append(f"nobody holds {self.ask.pool} in the owners file")
        else:
            self.passed_over.append(f"nobody in {', '.join(self.chain)} is at work and has room")
        yield from self._fallback(off_duty=self.ask.business)
        for pool in self.chain:
            yield from self._judged(pool, self._at_work(pool, full=True), "everybody at work is full")
        yield from self._fallback(off_duty=True)
        yield from self._soonest()

    def _named(self) -> Iterator[Choice]:
        """They are wanted whatever they hold and whatever the hour, but for absences: then another of the role goes."""
        named = self.ask.named
        if named is None or named in self.ask.exclude:
            return
        person = self.rota.person(named)
        if person is None or not self.rota.working(person):
            self.passed_over.append(f"{named} (the person of this level) takes no runs")
            return
        presence = self._present(person)
        if presence.state is State.ABSENT or presence.from_ms is None:
            self.passed_over.append(f"{named} (the person of this level) is absent{_until(presence.from_ms)}")
        else:
            yield Choice(person, "named", "the person of this level", presence.from_ms)

    def _who_knows(self) -> Iterator[Choice]:
        ask = self.ask
        if ask.own is not None:
            person = self.rota.find(ask.own)
            listed = "" if self.rota.person(person.id) else ", not listed in the owners file"
            yield from self._bound(person, "account", f"the account's {ask.role}{listed}")
        if ask.handled_by is not None:
            known = self.rota.person(ask.handled_by)
            if known is not None and known.id in self.rota.members.get(ask.pool, ()):
                yield from self._bound(known, "continuity", "who last handled this account")
        yield from self._holding()

    def _holding(self) -> Iterator[Choice]:
        """Who helped out keeps the account while they are at it: not for longer, and not beyond their shift."""
        for person_id in self.ask.holding:
            person = self.rota.person(person_id)
            pool = next((name for name in self.chain[1:] if person_id in self.rota.members[name]), None)
            if person is None or pool is None or not self._eligible(person) or self._full(person):
                continue
            if self._present(person).state is State.ON_DUTY:
                fair = {seat.person.id: seat.share for seat in self._present_members(pool)}
                yield Choice(person, "continuity", self._said("who has a run of this account now"), self.ask.at_ms, pool, fair=fair)

    def _bound(self, person: Person, reason: OwnerReason, why: str) -> Iterator[Choice]:
        """The one who knows the account, unless something stands against it: then that is said."""
        ask, presence = self.ask, self._present(person)
        at_ms = presence.from_ms
        if person.id in ask.exclude:
            return  # whoever asks knows that, and says so
        if not self.rota.working(person):
            against = "not active"
        elif presence.state is State.ABSENT or at_ms is None:
            against = f"absent{_until(at_ms)}"
        elif self._full(person):
            against = "full"
        elif at_ms > ask.at_ms + (self.rota.team.choosing.wait_for_own_ms if ask.business else 0):
            against = f"off duty{_until(at_ms)}"
        else:
            pool = ask.pool if ask.pool in self.rota.seats else None
            fair = {seat.person.id: seat.share for seat in self._present_members(ask.pool)} if pool else {}
            yield Choice(person, reason, self._said(why), at_ms, pool, fair=fair)
            return
        if f"{person.id} ({why}) is {against}" not in self.passed_over:
            self.passed_over.append(f"{person.id} ({why}) is {against}")

    def _judged(self, pool: str, seats: list[Seat], because: str) -> Iterator[Choice]:
        if not seats:
            return
        ask, policy = self.ask, self.rota.team.pools[pool].policy
        ranked = standings(policy, [(seat, self.loads(seat.person.id)) for seat in seats], ask, self.owed.get(pool, {}))
        first = ranked[0]
        at_ms = self._present(first.seat.person).from_ms
        assert at_ms is not None
        why = f"{WORDS[policy]} of {len(ranked)} {'at work ' if at_ms == ask.at_ms else ''}in the {pool} pool"
        if ask.own is None and ask.role in ("csm", "account_executive"):
            why += f"; the account has no {ask.role}"
        if first.lacking:
            why += f"; has no {', '.join(skill for skill in ask.skills if skill not in first.seat.person.skills)}"
        if first.foreign:
            why += f"; speaks no {' or '.join(ask.languages)}"
        if because:
            self.passed_over.append(because.format(pool=pool))
        reason: OwnerReason = "pool" if at_ms == ask.at_ms else "postponed"
        if pool != ask.pool:
            reason = "overflow"
            self.passed_over.append(f"nobody of the {ask.pool} pool has room and is at work")
        yield Choice(
            first.seat.person, reason, self._said(why), at_ms, pool, policy, first.score,
            tuple(ranked[1 : 1 + RUNNERS_UP]), {one.person_id: one.seat.share for one in ranked},
        )  # fmt: skip

    def _fallback(self, *, off_duty: bool) -> Iterator[Choice]:
        person = self.rota.person(self.rota.team.fallback)
        if person is None or person.id in self.ask.exclude:
            return
        presence = self._present(person)
        if presence.state is State.ABSENT or presence.from_ms is None or (presence.state is State.OFF_DUTY and not off_duty):
            return
        yield Choice(person, "fallback", self._said("the fallback of the owners file"), presence.from_ms)

    def _soonest(self) -> Iterator[Choice]:
        """Nobody is at work whom the files name for this: whoever is first, the present before the absent, pools before others."""
        members = [seat.person for pool in self.chain for seat in self.rota.seats[pool]]
        everybody = list({person.id: person for person in (*members, *self.rota.team.people)}.values())
        able = [person for person in everybody if self._eligible(person)]
        ranked = sorted((self._soon(person, member=person in members), person.id, person) for person in able)
        if not ranked or ranked[0][0][0]:
            yield from self._excluded()
        if not ranked:  # all are excluded, and absent: the fallback is better than nobody
            fallback = self.rota.find(self.rota.team.fallback)
            ranked = [(self._soon(fallback, member=True), fallback.id, fallback)]
        (absent, *_), _, person = ranked[0]
        at_ms = self._from(person)
        why = "everybody is absent: the first to be back" if absent else "the first to be at work"
        yield Choice(person, "fallback", self._said(why), at_ms)

    def _excluded(self) -> Iterator[Choice]:
        """Who had the run before, the present owner first, is better than somebody absent."""
        for person in map(self.rota.find, self.ask.exclude):
            presence = self._present(person)
            if self.rota.working(person) and presence.state is not State.ABSENT and presence.from_ms is not None:
                yield Choice(person, "fallback", self._said("nobody else is present"), presence.from_ms)

    def _soon(self, person: Person, *, member: bool) -> tuple[bool, int, bool, int]:
        """Orders the present by pool and shift, the absent by their return."""
        absent = self._present(person).state is State.ABSENT
        return absent, self._from(person) if absent else 0, not member, self._from(person)

    def _at_work(self, pool: str, *, full: bool = False) -> list[Seat]:
        return [
            seat
            for seat in self.rota.seats[pool]
            if self._eligible(seat.person)
            and self._present(seat.person).state is State.ON_DUTY
            and (full or not self._full(seat.person))
        ]  # fmt: skip

    def _present_members(self, pool: str) -> list[Seat]:
        """Members with room who are not absent, at work or not."""
        return [
            seat
            for seat in self.rota.seats[pool]
            if self._eligible(seat.person)
            and self._present(seat.person).state is not State.ABSENT
            and not self._full(seat.person)
        ]  # fmt: skip

    def _next_shift(self, pool: str) -> list[Seat]:
        """Members with room who are off duty, as far as their shifts begin with the earliest."""
        waiting = [
            seat
            for seat in self.rota.seats[pool]
            if self._eligible(seat.person)
            and self._present(seat.person).state is State.OFF_DUTY
            and not self._full(seat.person)
        ]  # fmt: skip
        if not waiting:
            return []
        latest = min(self._from(seat.person) for seat in waiting) + self.rota.team.choosing.same_shift_ms
        return [seat for seat in waiting if self._from(seat.person) <= latest]

    def _eligible(self, person: Person) -> bool:
        return self.rota.working(person) and person.id not in self.ask.exclude

    def _full(self, person: Person) -> bool:
        load = self.loads(person.id)
        return person.capacity.full(load.runs, load.minutes)

    def _present(self, person: Person) -> Presence:
        found = self._presence.get(person.id)
        if found is None:
            found = self._presence[person.id] = self.rota.presence(person, self.ask.at_ms)
        return found

    def _from(self, person: Person) -> int:
        """When they are at work; where no end of their absence is known, as late as can be."""
        from_ms = self._present(person).from_ms
        return self.ask.at_ms if from_ms is None else from_ms

    def _said(self, why: str) -> str:
        return "; ".join((why, *self.passed_over[:_PASSED_OVER_SHOWN]))


def turns_after(choice: Choice, rota: Rota, owed: Owed) -> dict[str, dict[str, float]]:
    """What pools that share by turns owe people after a choice: by pool, as far as it changes.

    In a `round_robin` a run counts that the pool decided; for `longest_since_last` every run of a member does.
    """
    person, found = choice.person.id, {}
    for pool, seats in rota.seats.items():
        policy = rota.team.pools[pool].policy
        if policy not in BY_TURNS:
            continue
        here = choice.pool == pool
        if policy == "round_robin" and (not here or choice.policy is None):
            continue
        if not here and all(seat.person.id != person for seat in seats):
            continue
        fair = choice.fair if here and choice.fair else {seat.person.id: seat.share for seat in seats}
        found[pool] = turns.after(owed.get(pool, {}), fair, person if any(seat.person.id == person for seat in seats) else None)
    return found


def nothing_held(person_id: str) -> Load:  # noqa: ARG001 nobody
    """`Loads` where nothing is known of what people hold."""
    return NOTHING_HELD


def _until(at_ms: int | None) -> str:
    return "" if at_ms is None else f" until {rfc3339(utc(at_ms))}"
