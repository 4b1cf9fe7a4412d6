"""A seeded fleet for the report's tests: events as wire dicts, and the real records a run of Playcall would give.

`sample(accounts, days)` is plain data: no rule is evaluated here, the records only have to be plausible together.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from schemas.records.decision import Decision, Reason, decision_id
from schemas.records.play_message import Clocks, Contact, Kind, Owner, PlayMessage, Step
from schemas.records.trigger import Evidence, Priority, SourceRef, Subject, Trigger, Window, trigger_id
from schemas.records.wire import rfc3339
from streams.report.data import Meta, Parity, ReportData, RuleLine, Score

START = datetime(2026, 1, 5, tzinfo=UTC)
PLACES = ("Harbour", "Cedar", "Lumen", "Northgate", "Pallas", "Quill", "Ridgeway", "Solstice", "Tern", "Umber", "Vesper", "Willow")
TRADES = ("Logistics", "Analytics", "Foods", "Health", "Robotics", "Insurance", "Studios", "Energy", "Retail", "Labs")
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC")
PEOPLE = ("Ana Silva", "Jonas Weber", "Mira Patel", "Tom Okafor", "Elise Laurent", "Kenji Mori")
TITLES = {
    "T01": "handover needs a kickoff", "T04": "usage down a third", "T07": "P1 ticket", "T15": "payment at risk",
    "T16": "champion gone", "T20": "renewal at risk, 90 days", "T30": "ticket surge",
}  # fmt: skip
RULES = (
    RuleLine("T01", TITLES["T01"], "onboarding", "P2"),
    RuleLine("T04", TITLES["T04"], "adoption", "P2", "0.02 a month on healthy accounts"),
    RuleLine("T07", TITLES["T07"], "support", "P1"),
    RuleLine("T12", "a business review in a bad mood", "experience", "P2"),  # ran, and never fired
    RuleLine("T15", TITLES["T15"], "commercial", "P2"),
)


def sample(accounts: int = 24, days: int = 150, seed: int = 7, start: datetime = START) -> ReportData:
    """A fleet of which a third declines, storms, fails to pay or loses its champion."""
    fleet = [_Account(index, days, Random(seed * 1000 + index), start) for index in range(accounts)]
    return ReportData(
        meta=Meta(
            kafka="Apache Kafka 4.1.0, local node",
            window=(start, start + timedelta(days=days)),
            seconds=57.3,
            title="Playcall report",
            parity=Parity(
                True, "A worker with a fresh application id read the finished topics: its output equals the replay's, byte by byte."
            ),
            scores=(
                Score("risk triggers per healthy account-month", "0.03", "at most 0.05", True),
                Score("of planted declines caught", "94 %", "at least 90 %", True),
                Score("of launches reached the fallback owner", "0.8 %", "at most 2 %", True),
            ),
            facts=(("workers", "2"), ("partitions", "4")),
        ),
        events=[event for account in fleet for event in account.events()],
        triggers=[trigger for account in fleet for trigger in account.triggers],
        messages=[message for account in fleet for message in account.messages],
        decisions=[decision for account in fleet for decision in account.decisions],
        rules=RULES,
    )


class _Account:
    def __init__(self, index: int, days: int, chance: Random, start: datetime) -> None:
        self.chance, self.days, self.start = chance, days, start
        self.id = f"acc-{index:04d}"
        self.name = f"{PLACES[index % 12]} {TRADES[(index * 7) % 10]}"
        self.kind = (
            "decline",
            "steady",
            "storm",
            "steady",
            "payment",
            "growth",
            "steady",
            "champion",
            "steady",
            "new",
            "steady",
            "steady",
        )[index % 12]
        self.owner = PEOPLE[index % len(PEOPLE)]
        self.zone = ZONES[index % len(ZONES)]
        self.size = chance.choice((4, 9, 16, 30))
        self.turn = chance.randint(days // 3, max(days // 3 + 1, days - 30))
        self.triggers: list[Trigger] = []
        self.messages: list[PlayMessage] = []
        self.decisions: list[Decision] = []
        self.extra: list[dict[str, Any]] = []
        self._story()

    def at(self, day: float) -> datetime:
        return self.start + timedelta(seconds=int(day * 86_400))

    def event(self, day: float, kind: str, /, **fields: Any) -> dict[str, Any]:
        return {"type": kind, "account_id": self.id, "occurred_at": rfc3339(self.at(day)), "source": "crm", **fields}

    def events(self) -> Iterator[dict[str, Any]]:
        yield self.event(
            0, "account.created", name=self.name, timezone=self.zone, industry=self.name.split()[-1], tier="enterprise", csm=self.owner,
            acv=self.size * 4000.0, seats=self.size * 5, region="EMEA", touch_model="high" if self.size > 12 else "mid",
        )  # fmt: skip
        yield from sorted(self.extra, key=lambda event: str(event["occurred_at"]))
        for day in range(self.days):
            level = float(self.size)
            if self.kind in ("decline", "champion") and day > self.turn:
                level *= max(0.25, 1 - (day - self.turn) / 25)
            if self.kind == "growth":
                level *= 0.6 + day / self.days
            if self.kind == "new":
                level *= min(1.0, day / 40)
            if self.at(day).weekday() >= 5:
                level *= 0.25
            for use in range(max(0, round(self.chance.gauss(level, level * 0.18)))):
                yield self.event(day + 0.3 + (use % 40) / 100, "feature.used", user_id=f"u{use % 9}", feature="board", quantity=1)

    def _story(self) -> None:
        turn, chance = self.turn, self.chance
        for day in range(3, self.days, 29):
            self.extra.append(self.event(day + 0.4, "meeting.held", kind="sync", invited=["c1"], attended=["c1"]))
            self.extra.append(
                self.event(day + 1.5, "ticket.created", ticket_id=f"t{day}", priority=chance.choice(("P3", "P4")), category="how-to")
            )
        if self.kind == "decline":
            trigger = self._raise("T04", "P2", turn + 12, "adoption", "usage-review", Subject(kind="account", id=self.id), drop=True)
            self._run(trigger, escalate=chance.random() < 0.6, closes=chance.random() < 0.6)
            late = min(self.days - 4, turn + 24)
            self.extra.append(self.event(late - 1, "renewal.confidence", confidence="low"))
            renewal = self._raise("T20", "P2", late, "renewal", "renewal-plan", Subject(kind="contract", id="k1"))
            self._run(renewal, escalate=False, closes=False)
            self._decide(turn + 14, Reason.COOLDOWN, "fired for this account 2 days ago; quiet for 14")
        if self.kind == "storm":
            for number in range(9):
                ticket = self.event(turn + number / 3, "ticket.created", ticket_id=f"s{number}", priority=("P2", "P3", "P1")[number % 3])
                self.extra.append(ticket | {"category": "login"})
            self.extra.append(self.event(turn + 3.4, "ticket.escalated", ticket_id="s2", level=2, to_management=True))
            self.extra.append(self.event(turn + 5, "ticket.reopened", ticket_id="s1"))
            for number in (2, 5, 8):
                subject = Subject(kind="ticket", id=f"s{number}")
                self._run(self._raise("T07", "P1", turn + number / 3, "support", "swat", subject), escalate=number == 5, closes=True)
            self._run(self._raise("T30", "P2", turn + 2, "support", "proactive-support", Subject(kind="account", id=self.id)), False, True)
        if self.kind == "payment":
            self.extra.append(self.event(turn, "invoice.payment_failed", invoice_id="i7", amount=1200))
            self.extra.append(self.event(turn + 6, "invoice.paid", invoice_id="i7"))
            self._run(self._raise("T15", "P2", turn, "commercial", "commercial-plan", Subject(kind="invoice", id="i7")), False, True)
        if self.kind == "champion":
            self.extra.append(self.event(turn, "contact.left", contact_id="c1", name="Rita Falk", role="champion"))
            gone = self._raise("T16", "P1", turn, "stakeholder", "remap-stakeholders", Subject(kind="contact", id="c1"))
            self._run(gone, True, False)
            joined = self._raise("T04", "P2", turn + 15, "adoption", "usage-review", Subject(kind="account", id=self.id), drop=True)
            self._decide(turn + 15, Reason.JOINED, "an open play for the account took it in", joined)
            both = {"triggers": (gone.trigger_id, joined.trigger_id), "rules": (gone.rule, joined.rule)}
            self.messages.append(self._message(gone, "joined", joined.time, Clocks(), {"owner": self.messages[-1].owner, **both}))
        if self.kind == "new":
            self.extra.append(self.event(1, "account.handoff"))
            self.extra.append(self.event(30, "onboarding.completed"))
            self._run(self._raise("T01", "P2", 1, "onboarding", "kickoff", Subject(kind="account", id=self.id)), False, True)
        if self.kind == "steady" and chance.random() < 0.3:
            self._decide(turn, Reason.NOT_UNUSUAL, "fell by 31 %, within its own variation (sigma 1.2)")

    def _decide(self, day: float, reason: Reason, detail: str, trigger: Trigger | None = None) -> None:
        time = self.at(day)
        self.decisions.append(Decision(decision_id=decision_id(self.id, time, reason, "T04"), account_id=self.id, time=time, reason=reason,
                                       rule="T04", trigger_id=trigger.trigger_id if trigger else None, detail=detail))  # fmt: skip

    def _raise(self, rule: str, priority: Priority, day: float, concern: str, play: str, subject: Subject, drop: bool = False) -> Trigger:
        time = self.at(day)
        midnight = time.replace(hour=0, minute=0, second=0)
        was, now = float(self.size * 6), round(self.size * 6 * 0.55, 1)
        evidence = Evidence(
            summary=f"Uses fell from {was:.0f} to {now:.0f} in a week, 45 % down."
            if drop
            else f"{TITLES[rule].capitalize()}: {self.name} needs a person.",
            observed=now if drop else None,
            baseline=was if drop else None,
            threshold=round(was * 0.7, 1) if drop else None,
            unit="events" if drop else None,
            window=Window(start=midnight - timedelta(days=7), end=midnight) if drop else None,
            baseline_window=Window(start=midnight - timedelta(days=14), end=midnight - timedelta(days=7)) if drop else None,
            facts={"distinct_users": 7, "sigma": 3.4} if drop else {"category": "login"},
            segment_path=("default", "touch:high", "tier:enterprise"),
            sources=(SourceRef(topic="tickets", partition=1, offset=4711),) if not drop else (),
            clears_when="uses in 7 days are back above 80 % of the baseline" if drop else "the condition is resolved",
        )
        trigger = Trigger(
            trigger_id=trigger_id(rule, self.id, subject, rfc3339(time)), rule=rule, rule_version=1, rule_hash="ab12", account_id=self.id,
            concern=concern, subject=subject, episode=rfc3339(time), time=time, priority=priority, outcome="renewal_confidence",
            owner_role="csm", play=play, first_action="2h" if priority == "P1" else "24h", evidence=evidence,
        )  # fmt: skip
        self.triggers.append(trigger)
        return trigger

    def _run(self, trigger: Trigger, escalate: bool, closes: bool) -> None:
        hours = 2.0 if trigger.priority == "P1" else 24.0
        clocks = Clocks(
            acknowledge_by=trigger.time + timedelta(hours=hours / 4),
            act_by=trigger.time + timedelta(hours=hours),
            resolve_by=trigger.time + timedelta(hours=hours * (4 if trigger.priority == "P1" else 10)),
        )
        owner = Owner(id=self.owner, name=self.owner, role="csm", reason="account", detail=f"{self.name} names {self.owner} as its CSM")
        boss = Owner(id="dana", name="Dana Roy", role="cs_lead", reason="escalation", detail=f"{self.owner} did not acknowledge in time")
        steps: list[tuple[float, Kind, dict[str, Any]]] = [(0, "launched", {})]
        if escalate:
            steps += [
                (0.125, "sla_warning", {"clock": "acknowledge", "percent": 50}),
                (0.2, "sla_warning", {"clock": "acknowledge", "percent": 80}),
            ]
            steps += [(0.25, "sla_breach", {"clock": "acknowledge"}), (0.25, "escalated", {"clock": "acknowledge", "owner": boss})]
            steps += [(0.4, "acknowledged", {"actor": "Dana Roy"})]
        else:
            steps += [(0.1, "acknowledged", {"actor": self.owner}), (0.5, "sla_warning", {"clock": "act", "percent": 50})]
        steps += [(0.7, "completed", {"actor": self.owner, "note": "Called, two blockers named."})]
        if closes:
            steps += [(3.5, "closed", {"code": "resolved", "actor": self.owner, "note": "Back to normal after the fix."})]
        else:
            steps += [(5, "sla_warning", {"clock": "resolve", "percent": 50}), (8, "sla_warning", {"clock": "resolve", "percent": 80})]
            steps += [(10, "sla_breach", {"clock": "resolve"})]
        end = self.at(self.days)
        for share, kind, fields in steps:
            time = trigger.time + timedelta(hours=hours * share)
            if time >= end:
                break
            owner = fields.get("owner", owner)
            self.messages.append(self._message(trigger, kind, time, clocks, {**fields, "owner": owner}))

    def _message(self, trigger: Trigger, kind: Kind, time: datetime, clocks: Clocks, fields: dict[str, Any]) -> PlayMessage:
        run = f"run-{trigger.trigger_id}"
        number = sum(message.run_id == run for message in self.messages) + 1
        launch = {
            "who_to_reach": (
                Contact(id="c1", name="Rita Falk", role="champion"),
                Contact(id="c2", name="Ola Berg", role="executive_sponsor"),
            ),
            "message": f"Hello Rita,\n\n{self.name} uses the boards much less than two weeks ago. Shall we look together?\n\n{self.owner}",
            "steps": (
                Step(name="review", kind="task", owner_role="csm", instruction="Read the evidence and the last three tickets."),
                Step(name="mail", kind="message", owner_role="csm", instruction="Send the check-in mail.", wait="4h"),
                Step(name="call", kind="meeting", owner_role="csm", instruction="Call if nobody answered.", wait="3bd"),
            ),
        } if kind == "launched" else {}  # fmt: skip
        return PlayMessage(
            message_id=f"{run}-{number}", run_id=run, sequence=number, kind=kind, time=time, account_id=self.id, account_name=self.name,
            concern=trigger.concern, subject=trigger.subject, priority=trigger.priority, play=trigger.play, play_version=1, clocks=clocks,
            why=trigger.evidence.summary, **{"triggers": (trigger.trigger_id,), "rules": (trigger.rule,), **launch, **fields},
        )  # fmt: skip
