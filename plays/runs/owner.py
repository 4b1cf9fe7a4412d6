"""From a role to a named person by the owners file alone, and why it is that one.

What counts: the account's own people, the members of pools and their shares, who is active, who is absent. Not: who is at work at
this hour, what they hold, skills and languages, to which pool another one overflows; for these there is the roster.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from plays.policy.owners import Team
from plays.roster.person import Person
from plays.runs.rendezvous import Score, rank
from plays.runs.roles import AUTOMATION, NAMED_PERSON, RoleAsk, parse_role
from schemas.records.play_message import Owner, OwnerReason

AUTOMATION_OWNER = Owner(
    id=AUTOMATION, name="Automation", role=AUTOMATION, reason="automation", detail="the play runs by itself; nobody has to act"
)


CSM_POOL = "csm_pool"
"""The pool of those who look after many accounts together."""

Away = Callable[[Person], bool]
"""Whether somebody is absent at the moment of the choice."""


def all_here(person: Person) -> bool:  # noqa: ARG001 everybody
    """`Away` where nothing is known of absences."""
    return False


@dataclass(frozen=True, slots=True)
class AccountPeople:
    """What an account's profile says about who looks after it. `touch`: high, mid or tech."""

    account_id: str
    csm: str | None = None
    account_executive: str | None = None
    touch: str = "tech"

    def own(self, role: str) -> str | None:
        """The account's own person for a role, as the profile names them."""
        return {"csm": self.csm, "account_executive": self.account_executive}.get(role)


@dataclass(frozen=True, slots=True)
class Choice:
    """The owner, and everyone who was compared, by falling score (empty when no pool was asked)."""

    owner: Owner
    considered: tuple[Score, ...] = ()


def explain_owner(role: str, account: AccountPeople, team: Team) -> Choice:
    """Why this owner: the choice for a role as a rule writes it, with scores and runners-up. Raises `RoleError`."""
    return choose_owner(parse_role(role), account, team)


def choose_owner(ask: RoleAsk, account: AccountPeople, team: Team, named: str | None = None, away: Away = all_here) -> Choice:
    """The account's own person; else a pool member by weighted rendezvous hashing of the account id; else the fallback.

    A tech-touch account goes to the role's tech pool where the rule names one. A csm asked for an account that has none
    comes from the csm pool of its touch model. `named` is whom the trigger names: the owner, where the rule asks for that person.
    Somebody absent is chosen only if all are.
    """
    instead = ""
    if ask.named and named:
        person = team.person(named)
        if person is None or not away(person):
            return Choice(_named(named, team))
        instead = f"; {person.id} (the person the trigger names) is absent"
    choice = _one(owner_role(ask, account), account, team, away)
    return Choice(_with(with_partner(choice.owner, ask, account, team, away), instead), choice.considered)


def next_owner(
    role: str, account: AccountPeople, team: Team, had_it: Collection[str], person: str | None = None, away: Away = all_here
) -> Owner | None:
    """Who takes over at the next level: the person it names, or the role's choice, but nobody who has had it; None when nobody is left.

    For a person who is absent the role's choice goes.
    """
    instead = ""
    if person is not None:
        named = team.person(person)
        if named is None or named.id in had_it:
            return None
        if not away(named):
            return _owner(named, role, "named", "the person of this level")
        instead = f"; {named.id} (the person of this level) is absent"
    choice = _one(role, account, team, away)
    found: Owner | None = None
    if choice.owner.id not in had_it:
        found = None if choice.owner.reason == "fallback" and role != "cs_lead" else choice.owner
    else:
        left = next((score.candidate for score in choice.considered if score.candidate not in had_it), None)
        if left is not None:
            found = _owner(_listed(team, left), role, "pool", f"next in the {role} pool after {', '.join(had_it)}")
    return None if found is None else _with(found, instead)


def pool_of(role: str, account: AccountPeople, team: Team) -> str:
    """The pool in which somebody for a role is looked for: a csm of tech-touch accounts, or without dedicated ones, is a pooled one."""
    if role == "csm" and (account.touch == "tech" or not team.pools.get("csm")):
        return CSM_POOL
    return role


def owner_role(ask: RoleAsk, account: AccountPeople) -> str:
    """The role that owns the run on this account."""
    return ask.tech if ask.tech is not None and account.touch == "tech" else ask.first


def with_partner(owner: Owner, ask: RoleAsk, account: AccountPeople, team: Team, away: Away = all_here) -> Owner:
    """The owner, with a word on who works with them where the rule asks for two."""
    if ask.second is None:
        return owner
    partner = _one(ask.second, account, team, away).owner
    return owner.model_copy(update={"detail": f"{owner.detail}; with {partner.name} ({ask.second})"})


def _named(named: str, team: Team) -> Owner:
    person = team.person(named)
    if person is not None:
        return _owner(person, NAMED_PERSON, "named", "the person the trigger names")
    why = "the person the trigger names, not listed in the owners file"
    return Owner(id=named, name=named, role=NAMED_PERSON, reason="named", detail=why)


def _one(role: str, account: AccountPeople, team: Team, away: Away) -> Choice:
    if role == AUTOMATION:
        return Choice(AUTOMATION_OWNER)
    named = account.own(role)
    absent = ""
    if named:
        person = team.person(named)
        if person is None:
            why = f"the account's {role}, not listed in the owners file"
            return Choice(Owner(id=named, name=named, role=role, reason="account", detail=why))
        if not away(person):
            return Choice(_owner(person, role, "account", f"the account's {role}"))
        absent = f"; {person.id} (the account's {role}) is absent"
    elif role in ("csm", "account_executive"):
        absent = f"; the account has no {role}"
    pool = pool_of(role, account, team)
    members = [seat for seat in team.seats(pool) if seat.person.active]
    seats = [seat for seat in members if not away(seat.person)]
    if seats:
        ranked = rank(account.account_id, ((seat.person.id, seat.share) for seat in seats))
        why = f"highest of {len(ranked)} in the {pool} pool for this account{absent}"
        return Choice(_owner(_listed(team, ranked[0].candidate), role, "pool", why), ranked)
    why = f"everybody in the {pool} pool is absent" if members else f"nobody holds {pool} in the owners file"
    return Choice(_owner(_last(account, team, away), role, "fallback", why))


def _last(account: AccountPeople, team: Team, away: Away) -> Person:
    """The fallback person; while they are absent, somebody of all who are not."""
    fallback = _listed(team, team.fallback)
    if not away(fallback):
        return fallback
    here = [person for person in team.people if person.active and not away(person)]
    if not here:
        return fallback
    return _listed(team, rank(account.account_id, ((person.id, person.capacity.share_runs) for person in here))[0].candidate)


def _with(owner: Owner, words: str) -> Owner:
    return owner.model_copy(update={"detail": f"{owner.detail}{words}"}) if words else owner


def _listed(team: Team, person_id: str) -> Person:
    return next(person for person in team.people if person.id == person_id)


def _owner(person: Person, role: str, reason: OwnerReason, detail: str) -> Owner:
    return Owner(id=person.id, name=person.name, email=person.email, role=role, reason=reason, detail=detail)
