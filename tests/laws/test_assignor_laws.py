"""Laws of who gets which partition number while libraries are being replaced."""

from hypothesis import given
from hypothesis import strategies as st

from streams.kafka.assignor import Claim, decode_claim, distribute, encode_claim

NUMBERS = list(range(6))


@st.composite
def groups(draw: st.DrawFn) -> dict[str, Claim]:
    """Members with claims of any age; claims of one epoch do not overlap, as one leader made them."""
    members = [f"m{n}" for n in range(draw(st.integers(1, 5)))]
    epochs = {member: draw(st.integers(0, 3)) for member in members}
    held: dict[str, list[int]] = {member: [] for member in members}
    for epoch in set(epochs.values()) - {0}:
        group = [member for member in members if epochs[member] == epoch]
        for number in NUMBERS:
            owner = draw(st.sampled_from([*group, None]))
            if owner is not None:
                held[owner].append(number)
    return {member: Claim(tuple(held[member]), epochs[member], draw(st.integers(0, 2))) for member in members}


def counting(claims: dict[str, Claim], number: int) -> Claim | None:
    """The claim that counts: the newest of those who had the number."""
    having = [claim for claim in claims.values() if number in claim.partitions]
    return max(having, key=lambda claim: claim.epoch, default=None)


@given(groups())
def test_every_number_has_an_owner_and_none_of_a_lower_revision_than_it_had(claims: dict[str, Claim]) -> None:
    owner = distribute(NUMBERS, sorted(claims), claims)

    assert sorted(owner) == NUMBERS
    highest = max(claim.revision for claim in claims.values())
    for number, member in owner.items():
        claim = counting(claims, number)
        if claim is None:
            assert claims[member].revision == highest
        else:
            assert claims[member].revision >= claim.revision


@given(groups())
def test_members_of_one_revision_share_fairly(claims: dict[str, Claim]) -> None:
    alike = {member: claim._replace(revision=7) for member, claim in claims.items()}
    owner = distribute(NUMBERS, sorted(alike), alike)

    loads = [list(owner.values()).count(member) for member in alike]
    assert max(loads) - min(loads) <= 1


@given(groups())
def test_the_older_claim_of_a_woken_member_moves_nothing(claims: dict[str, Claim]) -> None:
    newest = max(claim.epoch for claim in claims.values())
    owner = distribute(NUMBERS, sorted(claims), claims)
    for number, member in owner.items():
        claim = counting(claims, number)
        if claim is not None and claim.epoch == newest and claims[member] is not claim:
            # Not its holder's any more: only because that one had more than its share, never for somebody's older claim.
            holder = next(name for name, one in claims.items() if one is claim)
            assert list(owner.values()).count(holder) >= len(NUMBERS) // len(claims)


def test_a_new_library_arrives_member_by_member() -> None:
    old = {"o1": Claim((0, 1, 2), 4, 6), "o2": Claim((3, 4, 5), 4, 6)}
    joined = distribute(NUMBERS, ["n1", "o1", "o2"], {**old, "n1": Claim((), 0, 7)})
    assert joined == {0: "o1", 1: "o1", 3: "o2", 4: "o2", 2: "n1", 5: "n1"}

    left = distribute(NUMBERS, ["n1", "o2"], {"n1": Claim((2, 5), 5, 7), "o2": Claim((3, 4), 5, 6)})
    assert left == {2: "n1", 5: "n1", 3: "o2", 4: "o2", 0: "n1", 1: "n1"}

    back = distribute(NUMBERS, ["n1", "o1", "o2"], {"n1": Claim((0, 1, 2, 5), 6, 7), "o2": Claim((3, 4), 6, 6), "o1": Claim((), 0, 6)})
    assert {back[number] for number in (0, 1, 2, 5)} == {"n1"}


def test_claims_of_older_releases_are_of_revision_zero() -> None:
    assert decode_claim(b'{"partitions":[1,2],"epoch":3}') == Claim((1, 2), 3, 0)
    assert decode_claim(encode_claim(Claim((4,), 5, 6))) == Claim((4,), 5, 6)
