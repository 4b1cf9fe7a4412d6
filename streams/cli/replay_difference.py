"""What `playcall replay --diff` prints."""

from collections.abc import Iterable, Iterator
from typing import Any

from schemas.records.trigger import Trigger
from schemas.records.wire import rfc3339
from streams.cli.terminal import print_json
from streams.replay.difference import Changed, Difference

EXAMPLES = 5


def tell(difference: Difference, *, as_json: bool) -> None:
    """On standard output: all of it as one line of JSON, or counts by rule and the first examples for a person."""
    if as_json:
        print_json(_whole(difference))
        return
    for line in _lines(difference):
        print(line)


def _lines(difference: Difference) -> Iterator[str]:
    gained, lost, changed = len(difference.gained), len(difference.lost), len(difference.changed)
    yield f"{gained:,} triggers gained, {lost:,} lost, {changed:,} changed, {difference.same:,} the same"
    if difference.empty:
        return
    yield f"  {'rule':<6}{'gained':>8}{'lost':>8}{'changed':>9}"
    for rule, counts in difference.by_rule().items():
        yield f"  {rule:<6}{counts[0]:>8,}{counts[1]:>8,}{counts[2]:>9,}"
    yield from _examples("gained", gained, map(_words, difference.gained))
    yield from _examples("lost", lost, map(_words, difference.lost))
    yield from _examples("changed", changed, map(_change, difference.changed))


def _examples(what: str, count: int, lines: Iterable[str]) -> Iterator[str]:
    if count:
        yield f"{what}{f', the first {EXAMPLES} of {count:,}' if count > EXAMPLES else ''}:"
        yield from (f"  {line}" for line, _ in zip(lines, range(EXAMPLES), strict=False))


def _words(trigger: Trigger) -> str:
    about = f"{trigger.rule} {trigger.account_id} {trigger.subject.kind} {trigger.subject.id}"
    return f"{about}, episode {trigger.episode}, at {rfc3339(trigger.time)}: {trigger.evidence.summary}"


def _change(one: Changed) -> str:
    said = ", ".join(f"{name} {old} -> {new}" for name, (old, new) in one.fields.items())
    return f"{one.new.rule} {one.new.account_id} {one.new.subject.kind} {one.new.subject.id}, episode {one.new.episode}: {said}"


def _whole(difference: Difference) -> dict[str, Any]:
    return {
        "gained": [_record(trigger) for trigger in difference.gained],
        "lost": [_record(trigger) for trigger in difference.lost],
        "changed": [{**_record(one.new), "fields": one.fields} for one in difference.changed],
        "same": difference.same,
        "by_rule": {rule: dict(zip(("gained", "lost", "changed"), counts, strict=True)) for rule, counts in difference.by_rule().items()},
    }


def _record(trigger: Trigger) -> dict[str, Any]:
    return {
        "trigger_id": trigger.trigger_id,
        "rule": trigger.rule,
        "account_id": trigger.account_id,
        "subject": trigger.subject.model_dump(),
        "episode": trigger.episode,
        "time": rfc3339(trigger.time),
        "summary": trigger.evidence.summary,
    }
