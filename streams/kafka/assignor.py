"""Who gets which partition number: partition p of every topic goes to one member, and stays there if it can."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import orjson
from aiokafka.cluster import ClusterMetadata
from aiokafka.coordinator.assignors.abstract import AbstractPartitionAssignor
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment, ConsumerProtocolMemberMetadata

_PROTOCOL_VERSION = 0


class Claim(NamedTuple):
    """What a member held after the rebalance numbered `epoch`, and the number of the library it plans by."""

    partitions: tuple[int, ...]
    epoch: int
    revision: int = 0


class ByNumber(AbstractPartitionAssignor):
    """Sticky assignment by partition number.

    aiokafka tells an assignor neither generation nor member id, so the leader writes an epoch (the highest seen plus one)
    into every assignment's user data and members return it with what they hold: the highest epoch wins, and the stale
    claim of a member that was frozen loses. One instance per consumer: it remembers.

    What a member held is planned by its library, and an older library would refuse it: while libraries are being replaced,
    such a partition goes only to members of at least that revision.
    """

    name = "playcall-by-number"

    def __init__(self, revision: int = 0) -> None:
        self._held = Claim((), 0, revision)

    def metadata(self, topics: Iterable[str]) -> ConsumerProtocolMemberMetadata:
        """This member's subscription and claim."""
        return ConsumerProtocolMemberMetadata(_PROTOCOL_VERSION, sorted(topics), encode_claim(self._held))

    def on_assignment(self, assignment: ConsumerProtocolMemberAssignment) -> None:
        """Remember what was assigned, to claim it next time."""
        numbers = sorted({number for _, numbers in assignment.assignment for number in numbers})
        self._held = Claim(tuple(numbers), decode_claim(assignment.user_data).epoch, self._held.revision)

    def assign(
        self, cluster: ClusterMetadata, members: Mapping[str, ConsumerProtocolMemberMetadata]
    ) -> dict[str, ConsumerProtocolMemberAssignment]:
        """Called on the group's leader only."""
        claims = {member: decode_claim(metadata.user_data) for member, metadata in members.items()}
        topics = sorted({topic for metadata in members.values() for topic in metadata.subscription})
        partitions = {topic: cluster.partitions_for_topic(topic) or frozenset() for topic in topics}
        numbers = sorted({number for found in partitions.values() for number in found})
        # While two releases overlap, only members that read every topic can own a partition number as a whole.
        able = sorted(m for m in members if set(members[m].subscription) >= set(topics)) or sorted(members)
        owner = distribute(numbers, able, claims)
        user_data = encode_claim(Claim((), max((claim.epoch for claim in claims.values()), default=0) + 1))
        out = {}
        for member, metadata in members.items():
            mine = [number for number in numbers if owner[number] == member]
            per_topic = [(topic, [n for n in mine if n in partitions[topic]]) for topic in topics if topic in metadata.subscription]
            out[member] = ConsumerProtocolMemberAssignment(_PROTOCOL_VERSION, [entry for entry in per_topic if entry[1]], user_data)
        return out


def distribute(numbers: list[int], members: list[str], claims: Mapping[str, Claim]) -> dict[int, str]:
    """Owner of each number: claims of the highest epoch first, nobody above the fair share, the rest to the least loaded.

    Never to a member of a lower revision than the one whose claim counts; what nobody claims, to the highest revision there
    is: who held it before is not known.
    """
    highest = max(claims[member].revision for member in members)
    least: dict[int, int] = {}  # lowest revision that may have the number
    owner: dict[int, str] = {}
    load = dict.fromkeys(members, 0)
    share, rest = divmod(len(numbers), len(members))
    for member in sorted(members, key=lambda m: (-claims[m].epoch, -len(claims[m].partitions), m)):
        above = sum(count > share for count in load.values())
        quota = share + (1 if above < rest else 0)
        for number in claims[member].partitions:
            wanted = least.setdefault(number, claims[member].revision)
            if number in numbers and number not in owner and load[member] < quota and claims[member].revision >= wanted:
                owner[number] = member
                load[member] += 1
    for number in sorted(numbers, key=lambda n: (-least.get(n, highest), n)):
        if number not in owner:
            able = [m for m in members if claims[m].revision >= least.get(number, highest)]
            member = min(able, key=lambda m: (load[m], m))
            owner[number] = member
            load[member] += 1
    return owner


def encode_claim(claim: Claim) -> bytes:
    """User data on the wire."""
    return orjson.dumps({"partitions": claim.partitions, "epoch": claim.epoch, "revision": claim.revision})


def decode_claim(data: bytes | None) -> Claim:
    """Foreign or damaged user data is no claim."""
    try:
        raw: Any = orjson.loads(data or b"{}")
        return Claim(tuple(int(p) for p in raw.get("partitions", ())), int(raw.get("epoch", 0)), int(raw.get("revision", 0)))
    except (ValueError, TypeError, AttributeError):
        return Claim((), 0)
