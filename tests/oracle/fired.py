"""A trigger as the reference knows it, and what the first library says of its rules."""

from typing import NamedTuple
from uuid import UUID, uuid5

from tests.oracle.days import HOUR_MS, business_days_later, rfc3339
from tests.oracle.log import Place

NAMESPACE = UUID("7d1f7c5e-7f0b-5d1c-9a57-2f6a1c7e1f00")


class RuleFacts(NamedTuple):
    """A row of the checklist, as far as the router needs it. `hours` or business `days` to the first action; neither where a date rules."""

    concern: str
    priority: str
    owner: str
    hours: int | None
    days: int | None = None


RULES = {
    "T01": RuleFacts("onboarding", "P2", "csm", 24),
    "T02": RuleFacts("onboarding", "P2", "csm", 24),
    "T03": RuleFacts("onboarding", "P2", "implementation_lead", 48),
    "T04": RuleFacts("adoption", "P2", "csm", 24),
    "T06": RuleFacts("adoption", "P3", "enablement", 72),
    "T07": RuleFacts("support", "P1", "support_lead", 2),
    "T08": RuleFacts("support", "P2", "support_lead", 2),
    "T15": RuleFacts("commercial", "P2", "csm+account_executive", 72),
    "T16": RuleFacts("stakeholder", "P1", "csm", None, 5),
    "T19": RuleFacts("renewal", "P2", "csm+renewal_specialist", None),
    "T20": RuleFacts("renewal", "P2", "csm+renewal_specialist", None),
    "T21": RuleFacts("renewal", "P1", "csm+renewal_specialist", None),
    "T30": RuleFacts("support", "P2", "csm", 24),
    "J2": RuleFacts("onboarding", "P3", "automation", None),
    "J5": RuleFacts("adoption", "P1", "csm_pool", 24),
    "PB1": RuleFacts("adoption", "P2", "csm", 24),
    "PB2": RuleFacts("support", "P1", "csm", 2),
}


class Fired(NamedTuple):
    """One trigger. Times are epoch milliseconds; figures are None where the rule compares no numbers."""

    rule: str
    account_id: str
    subject_kind: str
    subject_id: str
    episode_ms: int
    time_ms: int
    observed: float | None = None
    baseline: float | None = None
    act_by_ms: int | None = None
    records: frozenset[Place] | None = None  # of rules that count events: those that were counted

    @property
    def trigger_id(self) -> str:
        parts = (self.rule, self.account_id, self.subject_kind, self.subject_id, rfc3339(self.episode_ms))
        return str(uuid5(NAMESPACE, "\x1f".join(parts)))

    @property
    def due_ms(self) -> int | None:
        """When the first action is due, None where the rule sets none."""
        facts = RULES[self.rule]
        if facts.days is not None:
            return business_days_later(self.time_ms, facts.days)
        return self.act_by_ms if facts.hours is None else self.time_ms + facts.hours * HOUR_MS
