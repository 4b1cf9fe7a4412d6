"""The lock of a library: what changed must have a new version, or nobody could say which rule fired; and libraries have an order."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, Protocol, TypeVar

COMMAND = "playcall rules lock"


class Lockable(Protocol):
    """A rule or a playbook."""

    @property
    def id(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def content_hash(self) -> str: ...


L = TypeVar("L", bound=Lockable)


class Locked(NamedTuple):
    """Version and content hash of a rule or a playbook as they were last locked."""

    version: int
    hash: str


class Lock(NamedTuple):
    """What a library was when it was last locked. `revision` is raised by one with every change: a higher one is newer."""

    revision: int
    rules: Mapping[str, Locked]
    playbooks: Mapping[str, Locked]


UNLOCKED = Lock(0, {}, {})


def next_lock(lock: Lock, rules: Iterable[Lockable], playbooks: Iterable[Lockable]) -> Lock:
    """The lock that this content asks for: the same if nothing changed, else one revision further."""
    content = (_locked(rules), _locked(playbooks))
    return lock if content == (lock.rules, lock.playbooks) else Lock(lock.revision + 1, *content)


def differences(lock: Lock, rules: Iterable[Lockable], playbooks: Iterable[Lockable]) -> Iterator[str]:
    """What the lock does not know or forbids, each with what to do. Empty means the lock is current."""
    if lock == UNLOCKED:
        yield f"the library is not locked: run `{COMMAND}`"
        return
    yield from _differences("rule", lock.rules, _locked(rules))
    yield from _differences("playbook", lock.playbooks, _locked(playbooks))


def must_bump(locked: Mapping[str, Locked], things: Iterable[L]) -> list[L]:
    """Rules or playbooks that changed under an unchanged version: these cannot be locked."""
    known = ((thing, locked.get(thing.id)) for thing in things)
    return [thing for thing, then in known if then is not None and thing.version <= then.version and thing.content_hash != then.hash]


def dump(lock: Lock) -> str:
    """The lock file's text."""
    content: dict[str, Any] = {"revision": lock.revision}
    for name, entries in (("rules", lock.rules), ("playbooks", lock.playbooks)):
        content[name] = {one: entry._asdict() for one, entry in sorted(entries.items())}
    return json.dumps(content, indent=2) + "\n"


def parse(text: str) -> Lock:
    """Read a lock file's text; one without a revision knows only rules and counts as revision 0. Raises ValueError otherwise."""
    try:
        content = json.loads(text)
        if "revision" not in content:
            return Lock(0, _parse(content), {})
        return Lock(int(content["revision"]), _parse(content["rules"]), _parse(content["playbooks"]))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"not a lock file ({error}): run `{COMMAND}`") from None


def _locked(things: Iterable[Lockable]) -> dict[str, Locked]:
    return {thing.id: Locked(thing.version, thing.content_hash) for thing in sorted(things, key=lambda thing: thing.id)}


def _parse(entries: Mapping[str, Any]) -> dict[str, Locked]:
    return {name: Locked(int(entry["version"]), str(entry["hash"])) for name, entry in entries.items()}


def _differences(kind: str, locked: Mapping[str, Locked], wanted: Mapping[str, Locked]) -> Iterator[str]:
    for name, now in wanted.items():
        then = locked.get(name)
        if then is None:
            yield f"{kind} {name} is not locked: run `{COMMAND}`"
        elif now.hash != then.hash and now.version <= then.version:
            yield f"{kind} {name} changed but is still version {now.version}: set `version: {then.version + 1}`, then run `{COMMAND}`"
        elif now != then:
            yield f"{kind} {name} version {now.version} is locked as version {then.version}: run `{COMMAND}`"
    for name in sorted(set(locked) - set(wanted)):
        retire = "set its status to retired instead of deleting it, or " if kind == "rule" else ""
        yield f"{kind} {name} is locked but gone: {retire}run `{COMMAND}`"
