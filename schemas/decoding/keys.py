"""The record key: an account id, and where it belongs."""

from functools import cache

from schemas.decoding.partitioning import partition_of
from schemas.events.base import NAME_MAX

_REMEMBERED = 1 << 17
_PERSON = "roster"
"""The one topic whose events are about a person of the team and no account."""


def identity_field(topic: str) -> str:
    """The field of a topic's events that says whom they are about; the record's key says the same."""
    return "person_id" if topic == _PERSON else "account_id"


def account_of(key: bytes) -> str | None:
    """The account a key names, or None if it is no account id (UTF-8, 1 to 256 characters, no control characters).

    Control characters are refused because state is keyed by account id, a zero byte, and a name.
    """
    try:
        account = key.decode()
    except UnicodeDecodeError:
        return None
    if not 0 < len(account) <= NAME_MAX or any(ord(letter) < 32 or ord(letter) == 127 for letter in account):
        return None
    return account


class Homes(dict[bytes | None, str]):
    """Account ids by key, as far as the key is at home on one partition; the empty string for every other key.

    Filled on first use. It forgets everything when it has grown to 131,072 keys: murmur2 is cheap, memory is not.
    """

    def __init__(self, partition: int, partitions: int) -> None:
        super().__init__()
        self._partition = partition
        self._partitions = partitions

    def __missing__(self, key: bytes | None) -> str:
        if not key or partition_of(key, self._partitions) != self._partition:
            return ""
        account = account_of(key)
        if account is None:
            return ""
        if len(self) >= _REMEMBERED:
            self.clear()
        self[key] = account
        return account


@cache
def homes(partition: int, partitions: int) -> Homes:
    """The accounts at home on a partition, shared by all topics."""
    return Homes(partition, partitions)
