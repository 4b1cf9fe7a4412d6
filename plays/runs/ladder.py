"""The escalation ladder of a run: who takes over, level by level, when nobody answers."""

from collections.abc import Sequence

import msgspec

from plays.playbooks.levels import Level, Stated
from plays.runs.roles import RoleAsk
from schemas.records.play_message import Clock


class Rung(msgspec.Struct, array_like=True):
    """A level: a role, or one person of it. `after` is its wait from the breach (a span), `channels` how it is to be told."""

    role: str
    person: str | None = None
    after: str | None = None
    channels: tuple[str, ...] = ()


class Climb(msgspec.Struct, array_like=True):
    """The next level takes over at `at_ms`, unless somebody acknowledges before. `breach_ms` is when the `clock` ran out."""

    at_ms: int
    breach_ms: int
    clock: Clock
    because: str


def rung_of(entry: str | Rung) -> Rung:
    """The level in full."""
    return Rung(entry) if isinstance(entry, str) else entry


def build_ladder(ask: RoleAsk, escalation: Sequence[Stated], owner_role: str) -> list[str | Rung]:
    """Levels in the order they take over: the companion the rule names, then the playbook's path; never the owner's own role.

    A person who is named stays, whatever their role.
    """
    found: list[str | Rung] = []
    seen = {owner_role}
    for stated in (*((ask.second,) if ask.second is not None else ()), *escalation):
        level = Level(role=stated) if isinstance(stated, str) else stated
        if level.person is None and level.role in seen:
            continue
        seen.add(level.role)
        plain = level.person is None and level.after is None and not level.channels
        found.append(level.role if plain else Rung(level.role, level.person, level.after, level.channels))
    return found
