"""The whole history of one run: every message, decision and, when it has ended, its outcome."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from schemas.records.decision import Decision
from schemas.records.play_message import PlayMessage
from schemas.records.play_outcome import PlayOutcome, Took
from schemas.records.wire import rfc3339
from streams.cli.run_listing import span


@dataclass(slots=True)
class History:
    """What is known of one run. Messages by sequence; what was read twice is there once."""

    messages: dict[int, PlayMessage] = field(default_factory=dict)
    decisions: dict[str, Decision] = field(default_factory=dict)
    outcome: PlayOutcome | None = None

    def take(self, record: PlayMessage | Decision | PlayOutcome) -> None:
        """One record of the run."""
        if isinstance(record, PlayMessage):
            self.messages[record.sequence] = record
        elif isinstance(record, Decision):
            self.decisions[record.decision_id] = record
        else:
            self.outcome = record

    @property
    def triggers(self) -> frozenset[str]:
        """The triggers that the run answers, as far as its messages say."""
        return frozenset(one for message in self.messages.values() for one in message.triggers)

    def in_order(self) -> list[PlayMessage]:
        """The messages."""
        return [self.messages[sequence] for sequence in sorted(self.messages)]

    def data(self) -> dict[str, Any]:
        """For machines: the records as published."""
        return {
            "messages": [orjson.loads(message.to_json()) for message in self.in_order()],
            "decisions": [orjson.loads(one.to_json()) for one in _by_time(self.decisions.values())],
            "outcome": None if self.outcome is None else orjson.loads(self.outcome.to_json()),
        }

    def lines(self) -> Iterator[str]:
        """For people."""
        messages = self.in_order()
        first, last = messages[0], messages[-1]
        name = "" if last.account_name is None else f" ({last.account_name})"
        yield f"run       {last.run_id}"
        yield f"account   {last.account_id}{name}"
        yield f"about     {last.subject.kind} {last.subject.id}, concern {last.concern}, {last.priority}"
        yield f"play      {last.play} v{last.play_version}"
        yield f"rules     {', '.join(dict.fromkeys(last.rules))}"
        yield f"owner     {last.owner.name} ({last.owner.role}): {last.owner.detail}"
        yield f"why       {first.why}"
        clocks = [(field.removesuffix("_by"), moment) for field, moment in last.clocks if moment is not None]
        yield f"clocks    {', '.join(f'{clock} by {rfc3339(moment)}' for clock, moment in clocks) or 'none runs'}"
        if first.sequence > 1:
            yield f"          the first {first.sequence - 1} messages are not here any more"
        yield ""
        decided = _by_time(self.decisions.values())
        for message in messages:
            while decided and decided[0].time < message.time:
                yield _decided(decided.pop(0))
            yield _said(message)
        yield from map(_decided, decided)
        if self.outcome is not None:
            yield ""
            yield _ended(self.outcome)


def _said(message: PlayMessage) -> str:
    told = [
        None if message.step is None else f"step {message.step!r}",
        None if message.clock is None else f"{message.clock} clock" + ("" if message.percent is None else f" at {message.percent} %"),
        None if message.code is None else message.code,
        message.reason,
        None if message.until is None else f"until {rfc3339(message.until)}",
        f"to {message.owner.name} ({message.owner.role})" if message.kind in ("launched", "reassigned", "escalated", "upgraded") else None,
        None if message.holder is None else f"with {message.holder.name} ({message.holder.role})",
        _due(message),
        "unproven" if message.unproven else None,
        None if message.kind != "joined" else message.why,
        None if message.actor is None else f"by {message.actor}",
        None if message.note is None else " ".join(message.note.split()),
    ]
    return f"{rfc3339(message.time)}  {message.sequence:>3}  {message.kind:<14}  {'; '.join(one for one in told if one)}".rstrip()


def _due(message: PlayMessage) -> str | None:
    """When it has to be done, or had to be."""
    if message.due is None or message.due == message.time:
        return None
    ahead = message.due > message.time
    return f"due {rfc3339(message.due)}" if ahead else f"was due {span((message.time - message.due).total_seconds())} before"


def _decided(decision: Decision) -> str:
    return f"{rfc3339(decision.time)}    -  {'decision':<14}  {decision.reason}: {decision.detail}"


def _ended(outcome: PlayOutcome) -> str:
    times = (("acknowledged", outcome.to_acknowledge), ("acted upon", outcome.to_act), ("closed", outcome.to_resolve))
    steps = outcome.steps
    return (
        f"outcome   {outcome.code}; {', '.join(_took(name, took) for name, took in times)}; {steps.completed} steps done, "
        f"{steps.skipped} skipped, {steps.cancelled} cancelled; {outcome.escalations} escalations"
    )


def _took(name: str, took: Took | None) -> str:
    return f"never {name}" if took is None else f"{name} after {span(took.seconds)}"


def _by_time(decisions: Sequence[Decision] | Any) -> list[Decision]:
    return sorted(decisions, key=lambda one: (one.time, one.decision_id))
