"""A run against one thread over the same topics: what was published, account by account, what is kept, and what became of each input."""

from collections import Counter
from collections.abc import Iterable

from streams.engine.partition_cells import PARTITION_ACCOUNT
from tests.faults import checks
from tests.faults.seen import CURSOR, Seen
from tests.faults.whole.reference import Reference

Part = tuple[bytes | None, bytes | None, tuple[tuple[str, bytes], ...]]
"""Key, value and headers of a published record."""

TOPICS = {"triggers": "I2", "play-launches": "I3", "play-outcomes": "I3", "decisions": "I3", "health": "I2", "assignment-requests": "R0"}


def differences(seen: Seen, reference: Reference) -> dict[str, list[str]]:
    """By invariant: byte for byte, headers too, in the order of each account."""
    found = {f"{mark} {topic}": _published(seen, reference, topic) for topic, mark in TOPICS.items()}
    return {
        "I1 state": _kept(seen, reference),
        **found,
        "I3 order": checks.runs_are_told_in_order(seen),
        "I5 inputs": _counted(seen, reference),
        "I5 dead letters": _dead(seen, reference),
        "I6 lag": checks.lag_is_zero(seen),
    }


def _published(seen: Seen, reference: Reference, topic: str) -> list[str]:
    ours = _by_account((r.key, r.value, tuple(r.headers)) for r in seen.outputs[topic])
    theirs = _by_account((r.key, r.value, tuple(r.headers)) for r in reference.outputs.get(topic, ()))
    nothing = [] if theirs else ["the reference published nothing: nothing is shown"]
    return nothing + [
        _first_apart(account, ours.get(account, []), theirs.get(account, []))
        for account in sorted(ours.keys() | theirs.keys())
        if ours.get(account) != theirs.get(account)
    ]


def _by_account(records: Iterable[Part]) -> dict[str, list[Part]]:
    found: dict[str, list[Part]] = {}
    for record in records:
        found.setdefault((record[0] or b"").decode(), []).append(record)
    return found


def _first_apart(account: str, ours: list[Part], theirs: list[Part]) -> str:
    place = next((i for i, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b), min(len(ours), len(theirs)))
    said = [records[place] if place < len(records) else None for records in (ours, theirs)]
    return f"{account}: {len(ours)} records, {len(theirs)} wanted; number {place + 1} is {said[0]!r:.500}, wanted {said[1]!r:.500}"


def _kept(seen: Seen, reference: Reference) -> list[str]:
    """Every cell of every account. Those of a partition itself are pieces by commit."""
    aside = PARTITION_ACCOUNT.encode()
    ours = {place: value for place, value in seen.state.items() if place[1] != CURSOR and not place[1].startswith(aside)}
    theirs = {place: value for place, value in reference.cells.items() if not place[1].startswith(aside)}
    return [
        f"cell {key!r} of partition {p} is {ours.get((p, key))!r:.500}, wanted {theirs.get((p, key))!r:.500}"
        for p, key in sorted(ours.keys() | theirs)
        if ours.get((p, key)) != theirs.get((p, key))
    ]


def _counted(seen: Seen, reference: Reference) -> list[str]:
    ours: Counter[tuple[str, str]] = Counter()
    for cursor in seen.cursors.values():
        ours.update({(topic, outcome): n for topic, counts in cursor["counts"].items() for outcome, n in counts.items()})
    theirs = reference.inputs
    return [
        f"{topic} {what}: {ours[topic, what]}, {theirs[topic, what]} wanted"
        for topic, what in sorted(ours | theirs)
        if ours[topic, what] != theirs[topic, what]
    ]


def _dead(seen: Seen, reference: Reference) -> list[str]:
    theirs = {topic: len(records) for topic, records in reference.outputs.items() if topic.endswith(".dlq")}
    names = sorted({f"{topic}.dlq" for topic in seen.dead} | set(theirs))
    return [
        f"{name}: {seen.dead[name.removesuffix('.dlq')]}, {theirs.get(name, 0)} wanted"
        for name in names
        if seen.dead[name.removesuffix(".dlq")] != theirs.get(name, 0)
    ]
