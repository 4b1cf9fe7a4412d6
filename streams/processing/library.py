"""Which library accounts are planned by, and how two libraries differ."""

from typing import NamedTuple

import msgspec


class Revision(NamedTuple):
    """Number and content hash: a higher number is newer; an equal number with another hash is a change of policy."""

    number: int
    digest: str

    @classmethod
    def parse(cls, text: str) -> "Revision":
        """What `str` wrote. A hash alone, as older releases wrote it, has number 0."""
        number, colon, digest = text.partition(":")
        return cls(int(number), digest) if colon and number.isdecimal() else cls(0, text)

    def __str__(self) -> str:
        return f"{self.number}:{self.digest}"


class Library(msgspec.Struct, frozen=True):
    """What of a library decides what is planned for an account."""

    revision: str = ""
    rules: dict[str, tuple[int, str]] | None = {}  # active rules by id: version, content hash; None: not known any more
    segments: str = ""  # content hash of the segments: they decide scope and figures
    recorded: tuple[str, ...] = ()  # what is recorded of an account only because a rule asks for it
    suppression: str = ""  # content hash of what launches wait for
    resting: tuple[str, ...] = ()  # plays that are paused


class Change(NamedTuple):
    """How the library an account passes to differs from the one it was planned by."""

    added: frozenset[str]
    edited: frozenset[str]
    retired: frozenset[str]
    unrecorded: frozenset[str]  # of `Library.recorded`: nothing is known of these from before
    turn_ms: int = 0  # when rules that are activated at a pace look at this account
    suppression: bool = False  # what waits may wait for something else, or for nothing any more
    plays: bool = False  # runs that rested with their play go on, or others rest

    @property
    def empty(self) -> bool:
        """Nothing that could concern an account."""
        return not (self.added or self.edited or self.retired or self.unrecorded or self.suppression or self.plays)


def change_between(old: Library, new: Library) -> Change:
    """Rules by what became of them. Other segments edit every rule; so does a past that is not known."""
    now = new.rules or {}
    held, plays = old.suppression != new.suppression, old.resting != new.resting
    if old.rules is None:
        return Change(frozenset(), frozenset(now), frozenset(), frozenset(), suppression=held, plays=plays)
    kept = [rule for rule in now if rule in old.rules]
    same_segments = old.segments == new.segments
    edited = frozenset(rule for rule in kept if not same_segments or old.rules[rule] != now[rule])
    return Change(
        frozenset(now) - frozenset(kept),
        edited,
        frozenset(old.rules) - frozenset(now),
        frozenset(new.recorded) - frozenset(old.recorded),
        suppression=held,
        plays=plays,
    )
