"""The record key: an account id, and where it belongs."""

from functools import lru_cache
from typing import NamedTuple

from schemas.decoding.partitioning import murmur2
from schemas.events.base import NAME_MAX

_REMEMBERED = 1 << 18


class Account(NamedTuple):
    """The account a key names and the key's hash without its sign bit: its partition is `hash % partitions`."""

    id: str
    hash: int


@lru_cache(maxsize=_REMEMBERED)
def account_of(key: bytes) -> Account | None:
    """The account of a key, or None if the key is no account id (UTF-8, 1 to 256 characters, no control characters).

    Control characters are refused because state is keyed by account id, a zero byte, and a name.
    """
    try:
        account = key.decode()
    except UnicodeDecodeError:
        return None
    if not 0 < len(account) <= NAME_MAX or any(ord(letter) < 32 or ord(letter) == 127 for letter in account):
        return None
    return Account(account, murmur2(key) & 0x7FFFFFFF)
