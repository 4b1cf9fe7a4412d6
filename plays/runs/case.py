"""What a run keeps of the trigger it answers: enough to brief people at any later step."""

import msgspec

from plays.runs.roles import NAMED_IN
from schemas.records.trigger import Priority, Trigger
from schemas.records.wire import epoch_ms

CONTEXT_LINK = "context_link"
"""The fact that says where everything said so far can be read."""
REQUESTER = "requester_id"

WORDS_AT_MOST = 400  # characters of each text
LINK_AT_MOST = 500


class Case(msgspec.Struct, array_like=True):
    """The trigger as texts and choices need it. Times in ms since the epoch, UTC; figures in `unit`."""

    trigger_id: str
    rule: str
    subject_kind: str
    subject_id: str
    episode: str
    priority: Priority
    owner_role: str
    first_action: str
    time_ms: int
    summary: str
    clears_when: str
    act_by_ms: int | None = None
    observed: float | None = None
    baseline: float | None = None
    threshold: float | None = None
    unit: str | None = None
    context_link: str | None = None
    requester: str | None = None
    named: str | None = None  # the person the evidence names, ours or theirs
    segment_path: tuple[str, ...] = ()
    note: str | None = None  # what people should know of how it came to the launch


def case_of(trigger: Trigger, note: str | None = None) -> Case:
    """What is kept of a trigger; texts are cut to their bounds."""
    evidence, facts = trigger.evidence, trigger.evidence.facts
    link = facts.get(CONTEXT_LINK)
    return Case(
        trigger_id=trigger.trigger_id,
        rule=trigger.rule,
        subject_kind=trigger.subject.kind,
        subject_id=trigger.subject.id,
        episode=trigger.episode,
        priority=trigger.priority,
        owner_role=trigger.owner_role,
        first_action=trigger.first_action,
        time_ms=epoch_ms(trigger.time),
        summary=_cut(evidence.summary),
        clears_when=_cut(evidence.clears_when),
        act_by_ms=None if trigger.act_by is None else epoch_ms(trigger.act_by),
        observed=evidence.observed,
        baseline=evidence.baseline,
        threshold=evidence.threshold,
        unit=evidence.unit,
        context_link=None if link is None else str(link)[:LINK_AT_MOST],
        requester=_name(facts.get(REQUESTER)),
        named=_name(facts.get(NAMED_IN)),
        segment_path=evidence.segment_path,
        note=note,
    )


def _name(value: object) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _cut(text: str) -> str:
    return text if len(text) <= WORDS_AT_MOST else text[: WORDS_AT_MOST - 1] + "…"
