"""Partition p of every topic to one member; sticky; stale claims lose."""

from collections import Counter
from collections.abc import Mapping

from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment, ConsumerProtocolMemberMetadata
from hypothesis import given
from hypothesis import strategies as st

from streams.kafka.assignor import ByNumber, Claim, decode_claim, distribute, encode_claim

TOPICS = ("billing", "tickets", "usage")


class FakeCluster:
    """The one question an assignor asks of a cluster."""

    def __init__(self, partitions: int) -> None:
        self._partitions = partitions

    def partitions_for_topic(self, topic: str) -> set[int]:
        return set(range(self._partitions))


def rebalance(members: Mapping[str, ByNumber], partitions: int = 6) -> dict[str, list[int]]:
    """One rebalance in which every member takes part; returns what each holds afterwards."""
    metadata = {name: assignor.metadata(TOPICS) for name, assignor in members.items()}
    assignments = next(iter(members.values())).assign(FakeCluster(partitions), metadata)
    held = {}
    for name, assignor in members.items():
        received = ConsumerProtocolMemberAssignment.decode(assignments[name].encode())
        assignor.on_assignment(received)
        numbers = {topic: sorted(ps) for topic, ps in received.assignment}
        assert all(ps == next(iter(numbers.values())) for ps in numbers.values())
        held[name] = next(iter(numbers.values()), [])
    return held


def test_a_partition_number_goes_to_one_member_with_all_its_topics() -> None:
    held = rebalance({"a": ByNumber(), "b": ByNumber()})
    assert sorted(held["a"] + held["b"]) == [0, 1, 2, 3, 4, 5]
    assert len(held["a"]) == len(held["b"]) == 3


def test_who_stays_keeps_what_it_has_when_another_joins_or_leaves() -> None:
    a, b, c = ByNumber(), ByNumber(), ByNumber()
    before = rebalance({"a": a, "b": b})
    joined = rebalance({"a": a, "b": b, "c": c})
    assert set(joined["a"]) < set(before["a"])
    assert set(joined["b"]) < set(before["b"])
    left = rebalance({"a": a, "b": b})
    assert set(left["a"]) > set(joined["a"])
    assert set(left["b"]) > set(joined["b"])


def test_a_woken_member_with_an_old_claim_takes_nothing_from_the_present_owner() -> None:
    frozen, other = ByNumber(), ByNumber()
    assert len(rebalance({"frozen": frozen, "other": other})["frozen"]) == 3
    rebalance({"other": other})  # meanwhile it has everything
    fresh = ByNumber()
    held = rebalance({"other": other, "fresh": fresh})
    back = rebalance({"frozen": frozen, "other": other, "fresh": fresh})
    assert set(back["other"]) < set(held["other"])
    assert set(back["fresh"]) < set(held["fresh"])


def test_while_releases_overlap_only_members_that_read_every_topic_own_numbers() -> None:
    old, new = ByNumber(), ByNumber()
    metadata = {"old": old.metadata(TOPICS[:2]), "new": new.metadata(TOPICS)}
    assigned = new.assign(FakeCluster(4), metadata)
    assert assigned["old"].assignment == []
    assert dict(assigned["new"].assignment) == {topic: [0, 1, 2, 3] for topic in TOPICS}


def test_foreign_user_data_is_no_claim() -> None:
    assert [decode_claim(data) for data in (None, b"", b"\xff", b"[1]", b'{"partitions": "x"}')] == [Claim((), 0)] * 5
    assert decode_claim(encode_claim(Claim((1, 3), 7))) == Claim((1, 3), 7)


def test_the_metadata_survives_the_wire() -> None:
    sent = ByNumber().metadata(TOPICS)
    assert ConsumerProtocolMemberMetadata.decode(sent.encode()).subscription == list(TOPICS)


claims = st.builds(Claim, st.lists(st.integers(0, 20), max_size=8, unique=True).map(tuple), st.integers(0, 5), st.just(0))


@given(st.integers(1, 20), st.dictionaries(st.sampled_from("abcdef"), claims, min_size=1))
def test_every_number_is_owned_once_and_loads_differ_by_at_most_one(numbers: int, members: dict[str, Claim]) -> None:
    owner = distribute(list(range(numbers)), sorted(members), members)
    assert sorted(owner) == list(range(numbers))
    load = Counter(owner.values())
    assert max(load.values()) - min(load[member] for member in members) <= 1


@given(st.integers(1, 20), st.dictionaries(st.sampled_from("abcdef"), claims, min_size=1))
def test_a_balanced_assignment_is_a_fixed_point(numbers: int, members: dict[str, Claim]) -> None:
    first = distribute(list(range(numbers)), sorted(members), members)
    held = {m: Claim(tuple(n for n in first if first[n] == m), 9) for m in members}
    assert distribute(list(range(numbers)), sorted(members), held) == first
