"""The lock of a library: a rule that changed must have a new version, or nobody could say which rule fired."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from plays.rules.rule import Rule

COMMAND = "playcall rules lock"


class Locked(NamedTuple):
    """Version and content hash of a rule as they were last locked."""

    version: int
    hash: str


def lock_of(rules: Iterable[Rule]) -> dict[str, Locked]:
    """The lock the rules ask for, by rule id in order."""
    return {rule.id: Locked(rule.version, rule.content_hash) for rule in sorted(rules, key=lambda rule: rule.id)}


def differences(locked: Mapping[str, Locked], rules: Iterable[Rule]) -> Iterator[str]:
    """What the lock does not know or forbids, each with what to do. Empty means the lock is current."""
    wanted = lock_of(rules)
    for rule_id, now in wanted.items():
        then = locked.get(rule_id)
        if then is None:
            yield f"rule {rule_id} is not locked: run `{COMMAND}`"
        elif now.hash != then.hash and now.version <= then.version:
            yield f"rule {rule_id} changed but is still version {now.version}: set `version: {then.version + 1}`, then run `{COMMAND}`"
        elif now != then:
            yield f"rule {rule_id} version {now.version} is locked as version {then.version}: run `{COMMAND}`"
    for rule_id in sorted(set(locked) - set(wanted)):
        yield f"rule {rule_id} is locked but gone: set its status to retired instead of deleting it, or run `{COMMAND}`"


def must_bump(locked: Mapping[str, Locked], rules: Iterable[Rule]) -> list[Rule]:
    """Rules that changed under an unchanged version: these cannot be locked."""
    known = ((rule, locked.get(rule.id)) for rule in rules)
    return [rule for rule, then in known if then is not None and rule.version <= then.version and rule.content_hash != then.hash]


def dump(lock: Mapping[str, Locked]) -> str:
    """The lock file's text."""
    return json.dumps({rule_id: entry._asdict() for rule_id, entry in sorted(lock.items())}, indent=2) + "\n"


def parse(text: str) -> dict[str, Locked]:
    """Read a lock file's text. Raises ValueError for anything else."""
    try:
        return {rule_id: Locked(int(entry["version"]), str(entry["hash"])) for rule_id, entry in json.loads(text).items()}
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"not a lock file ({error}): run `{COMMAND}`") from None
