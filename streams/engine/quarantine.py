"""What the operator set aside because it fails every time: single records, or whole accounts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

from schemas.catalogue import read_topics
from schemas.decoding.keys import account_of

ACCOUNT = "account:"
FORM = "expected TOPIC:PARTITION:OFFSET with the topic's name without prefix, such as tickets:3:1234, or account:ID"


@dataclass(frozen=True, slots=True)
class Quarantine:
    """Records go to the dead letters undecoded. Of an account every event does, and its deadlines are kept without firing."""

    records: Mapping[tuple[str, int], frozenset[int]] = field(default_factory=dict)  # (topic, partition) -> offsets
    accounts: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, entries: Iterable[str]) -> Self:
        """From `TOPIC:PARTITION:OFFSET` and `account:ID`. Raises ValueError with the expected form."""
        records: dict[tuple[str, int], frozenset[int]] = {}
        accounts: set[str] = set()
        for entry in entries:
            if entry.startswith(ACCOUNT):
                accounts.add(_account(entry))
                continue
            topic, partition, offset = _record(entry)
            records[topic, partition] = records.get((topic, partition), frozenset()) | {offset}
        return cls(records, frozenset(accounts))

    def offsets(self, topic: str, partition: int) -> frozenset[int]:
        """Offsets set aside in one topic-partition."""
        return self.records.get((topic, partition), frozenset())

    def and_also(self, entry: str) -> "Quarantine":
        """One entry more. Raises ValueError as `parse` does."""
        more = Quarantine.parse([entry])
        records = {
            place: self.records.get(place, frozenset()) | more.records.get(place, frozenset()) for place in {**self.records, **more.records}
        }
        return Quarantine(records, self.accounts | more.accounts)

    def beyond(self, partitions: int) -> list[str]:
        """Entries that name a partition which is not there, as they were written: they would set nothing aside."""
        return [f"{topic}:{p}:{offset}" for (topic, p), offsets in self.records.items() if p >= partitions for offset in sorted(offsets)]


def _account(entry: str) -> str:
    account = account_of(entry.removeprefix(ACCOUNT).encode())
    if account is None:
        raise ValueError(f"{entry!r} names no account (1 to 256 characters, no control characters): {FORM}")
    return account


def _record(entry: str) -> tuple[str, int, int]:
    parts = entry.split(":")
    if len(parts) != 3 or not (_is_number(parts[1]) and _is_number(parts[2])):
        raise ValueError(f"{entry!r} is no place of a record: {FORM}")
    if parts[0] not in read_topics():
        raise ValueError(f"{entry!r} names no topic that a worker reads ({', '.join(read_topics())}): {FORM}")
    return parts[0], int(parts[1]), int(parts[2])


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal()
