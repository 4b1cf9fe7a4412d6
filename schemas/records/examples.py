"""One complete example of every record that leaves: the docs show them, tests hold them valid."""

from datetime import UTC, datetime, timedelta

from schemas.records.decision import Decision, Reason, decision_id
from schemas.records.health_changed import HealthChanged, HealthPart, health_id
from schemas.records.play_message import Clocks, Contact, Owner, PlayMessage, Step
from schemas.records.play_outcome import Breaches, PlayOutcome, StepCounts, Took, outcome_id
from schemas.records.trigger import Evidence, SourceRef, Subject, Trigger, Window, trigger_id
from schemas.records.wire import Wire

_TICKET = Subject(kind="ticket", id="T-1042")
_CREATED = datetime(2026, 3, 2, 9, 15, 0, 250_000, tzinfo=UTC)
_EPISODE = "2026-03-02T09:15:00.250Z"
_TRIGGER_ID = trigger_id("T07", "acme", _TICKET, _EPISODE)

TRIGGER = Trigger(
    trigger_id=_TRIGGER_ID,
    rule="T07",
    rule_version=1,
    rule_hash="6f1d0c",
    account_id="acme",
    concern="support",
    subject=_TICKET,
    episode=_EPISODE,
    time=_CREATED,
    priority="P1",
    outcome="support_friction",
    owner_role="support_lead",
    play="swat",
    first_action="2h",
    evidence=Evidence(
        summary="Ticket T-1042 was opened with priority P1.",
        observed=1.0,
        threshold=1.0,
        unit="tickets",
        window=Window(start=_CREATED, end=datetime(2026, 3, 2, 9, 15, 0, 251_000, tzinfo=UTC)),
        facts={"category": "login", "priority": "P1"},
        segment_path=("default", "high"),
        sources=(SourceRef(topic="tickets", partition=1, offset=4711),),
        clears_when="the ticket is resolved or closed, or its priority lowered",
    ),
)

PLAY_MESSAGE = PlayMessage(
    message_id="run-12:1",
    run_id="run-12",
    sequence=1,
    kind="launched",
    time=_CREATED,
    account_id="acme",
    account_name="Acme GmbH",
    concern="support",
    subject=_TICKET,
    priority="P1",
    play="swat",
    play_version=1,
    owner=Owner(id="sam", name="Sam Ito", role="support_lead", reason="pool", detail="drawn from 4 by weight"),
    clocks=Clocks(
        acknowledge_by=datetime(2026, 3, 2, 9, 45, 0, 250_000, tzinfo=UTC),
        act_by=datetime(2026, 3, 2, 11, 15, 0, 250_000, tzinfo=UTC),
        resolve_by=datetime(2026, 3, 2, 17, 15, 0, 250_000, tzinfo=UTC),
    ),
    triggers=(_TRIGGER_ID,),
    rules=("T07",),
    why="Ticket T-1042 was opened with priority P1.",
    who_to_reach=(Contact(id="c-7", name="Ada Berg", role="champion"),),
    message="Call Ada Berg now; ticket T-1042 blocks their login.",
    steps=(
        Step(name="call", kind="task", owner_role="support_lead", instruction="Call the requester."),
        Step(name="summary", kind="message", owner_role="csm", instruction="Send what was done.", wait="4h"),
    ),
)

PLAY_OUTCOME = PlayOutcome(
    outcome_id=outcome_id("run-12"),
    run_id="run-12",
    account_id="acme",
    concern="support",
    subject=_TICKET,
    priority="P1",
    rule="T07",
    rules=("T07",),
    triggers=1,
    segment_path=("default", "high"),
    play="swat",
    play_version=1,
    owner="sam",
    owner_role="support_lead",
    code="resolved",
    closed_by="sam",
    opened=_CREATED - timedelta(hours=6),
    acknowledged=_CREATED - timedelta(hours=5, minutes=53, seconds=30),
    acted=_CREATED - timedelta(hours=5, minutes=35),
    closed=_CREATED,
    to_acknowledge=Took(seconds=390.0),
    to_act=Took(seconds=1500.0),
    to_resolve=Took(seconds=21_600.0),
    breaches=Breaches(),
    escalations=0,
    steps=StepCounts(completed=1, skipped=1),
    replied=True,
)

DECISION = Decision(
    decision_id=decision_id("acme", _CREATED, Reason.COOLDOWN, "T30"),
    account_id="acme",
    time=_CREATED,
    reason=Reason.COOLDOWN,
    rule="T30",
    subject=Subject(kind="account", id="acme"),
    detail="T30 fired 3 days ago; its cooldown is 14 days.",
    facts={"days": 3},
)

HEALTH_CHANGED = HealthChanged(
    health_id=health_id("acme", 7),
    account_id="acme",
    time=_CREATED,
    score=62.5,
    band="at_risk",
    score_before=75.0,
    band_before="healthy",
    weights="general",
    segment_path=("all", "human-touch", "mid"),
    parts=(
        HealthPart(indicator="usage_frequency", weight=30, effective_weight=75.0, points=50.0, measure="days_since_login", value=12),
        HealthPart(indicator="contract", weight=10, effective_weight=25.0, points=100.0, measure="renewal_confidence", value="high"),
        HealthPart(indicator="nps", weight=60, effective_weight=0.0, points=None, measure="nps_latest", value=None),
    ),
)

EXAMPLES: tuple[Wire, ...] = (TRIGGER, PLAY_MESSAGE, PLAY_OUTCOME, DECISION, HEALTH_CHANGED)
