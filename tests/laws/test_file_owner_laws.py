"""Laws of owners by the owners file alone: nobody absent while anybody is present, and absences of others change nothing."""

from hypothesis import given, settings
from hypothesis import strategies as st

from plays.runs.owner import AccountPeople, choose_owner, next_owner
from plays.runs.roles import RoleAsk
from tests.desk import POLICY

TEAM = POLICY.team
IDS = tuple(person.id for person in TEAM.people)
ROLES = ("csm", "csm_pool", "account_executive", "support_lead", "enablement", "renewal_specialist", "cs_lead", "duty")
accounts = st.builds(
    AccountPeople,
    st.sampled_from([f"a{number}" for number in range(40)]),
    st.sampled_from((None, "Maya Lindqvist", "priya.nair")),
    st.sampled_from((None, "daniel.kim")),
    st.sampled_from(("high", "tech")),
)
some = st.frozensets(st.sampled_from(IDS))
law = settings(max_examples=500, deadline=None)


@law
@given(accounts, st.sampled_from(ROLES), st.one_of(some, st.just(frozenset(IDS))), st.sampled_from((None, "Ruth Adeyemi")))
def test_nobody_absent_while_anybody_is_present(account: AccountPeople, role: str, away: frozenset[str], named: str | None) -> None:
    owner = choose_owner(RoleAsk(role, named=named is not None), account, TEAM, named, lambda person: person.id in away).owner
    assert (owner.id in away) is (away == frozenset(IDS))


@law
@given(accounts, st.sampled_from(ROLES), some, some, st.sampled_from((None, "victor.hale", "hana.sato")))
def test_a_level_goes_to_nobody_absent_and_nobody_who_had_it(
    account: AccountPeople, role: str, away: frozenset[str], had_it: frozenset[str], person: str | None
) -> None:
    owner = next_owner(role, account, TEAM, sorted(had_it), person, lambda one: one.id in away)
    if owner is not None and away != frozenset(IDS):
        assert owner.id not in away | had_it
    if person is not None and person not in away | had_it:
        assert owner is not None
        assert (owner.id, owner.reason) == (person, "named")


@law
@given(accounts, st.sampled_from(ROLES), some)
def test_who_would_have_had_it_has_it_whoever_else_is_absent(account: AccountPeople, role: str, away: frozenset[str]) -> None:
    usual = choose_owner(RoleAsk(role), account, TEAM).owner
    owner = choose_owner(RoleAsk(role), account, TEAM, away=lambda person: person.id in away - {usual.id}).owner
    assert owner.id == usual.id
    assert (owner.detail == usual.detail) or usual.reason == "pool"  # of fewer
