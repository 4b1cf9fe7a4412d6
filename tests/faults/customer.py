"""One made-up customer of the fault workload: what happens to it, as events with times. Knows no threshold of any rule."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, NamedTuple

DAY_S = 86_400
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Tokyo", "Australia/Sydney", "America/Sao_Paulo", "UTC", "Asia/Kolkata")
FEATURES = ("forecast", "export", "alerts", "sharing", "rules", "imports")
MANAGERS = ("maya.lindqvist", "tomas.herrera", "dana.outside")


class Happening(NamedTuple):
    """One event before it is written: topic, seconds since the history's start, type and fields."""

    topic: str
    at_s: float
    type: str
    fields: dict[str, Any]


class Customer:
    """Draws one customer's history of `days` days from `start`; `activity` is the usual number of usage events per day."""

    def __init__(self, account_id: str, start: datetime, days: int, activity: float, draw: Random) -> None:
        self.account_id = account_id
        self._start, self._days, self._activity, self._draw = start, days, activity, draw
        self._born = draw.uniform(0, 0.35 * days) * DAY_S
        self._end = float(days * DAY_S)
        self._touch = draw.choice(("high", "mid", "mid", "tech", "tech"))

    def history(self) -> Iterator[Happening]:
        """Everything that happens to it, in no order."""
        draw = self._draw
        yield from self._profile()
        yield from self._people()
        yield from self._onboarding()
        yield from self._money()
        yield from self._tickets()
        yield from self._usage()
        for _ in range(draw.randrange(3)):
            survey = {"kind": "nps", "score": draw.randrange(11), "scale": "0-10", "contact_id": f"{self.account_id}-c1"}
            yield Happening("feedback", self._between(), "survey.responded", survey)
        if draw.random() < 0.04:
            gone = draw.uniform(0.6, 0.95) * self._end
            yield Happening("accounts", gone, "account.churned", {"reason": "budget"})
            if draw.random() < 0.4:
                yield Happening("accounts", gone + draw.uniform(1, 20) * DAY_S, "account.reactivated", {})

    def _day(self, at_s: float) -> str:
        return (self._start + timedelta(seconds=at_s)).date().isoformat()

    def _between(self, first: float = 0.0, last: float = 1.0) -> float:
        """A moment of the customer's life, by share of it."""
        return self._born + self._draw.uniform(first, last) * (self._end - self._born)

    def _profile(self) -> Iterator[Happening]:
        draw = self._draw
        fields: dict[str, Any] = {"name": f"Company {self.account_id}", "key_features": draw.sample(FEATURES, 2)}
        if draw.random() < 0.9:
            fields["timezone"] = draw.choice(ZONES)
        if draw.random() < 0.5:
            fields["touch_model"] = self._touch
        else:
            fields["acv"] = {"high": 90_000, "mid": 20_000, "tech": 1_200}[self._touch]
        if self._touch != "tech" and draw.random() < 0.6:
            fields["csm"] = draw.choice(MANAGERS)
        yield Happening("accounts", self._born, "account.created", fields)
        if draw.random() < 0.1:
            moved = {"timezone": draw.choice(ZONES)} if draw.random() < 0.5 else {"touch_model": draw.choice(("high", "mid", "tech"))}
            yield Happening("accounts", self._between(), "account.updated", moved)
        if draw.random() < 0.3:
            yield Happening("accounts", self._between(), "account.updated", {"seats": draw.randrange(5, 500), "industry": "retail"})

    def _people(self) -> Iterator[Happening]:
        draw = self._draw
        for index, role in enumerate(("champion", "decision_maker", "user")):
            contact = {"contact_id": f"{self.account_id}-c{index}", "name": f"Person {index}", "role": role, "influence": "high"}
            yield Happening("accounts", self._born + 60 + index, "contact.added", contact)
        if draw.random() < 0.10:
            yield Happening("accounts", self._between(0.1), "contact.left", {"contact_id": f"{self.account_id}-c0"})
        if draw.random() < 0.08:
            change = {"contact_id": f"{self.account_id}-c0", "role": "user", "role_before": "champion"}
            yield Happening("accounts", self._between(0.1), "contact.role_changed", change)

    def _onboarding(self) -> Iterator[Happening]:
        draw, born = self._draw, self._born
        if self._touch != "tech":
            handoff = born + draw.uniform(0.2, 2) * DAY_S
            yield Happening("accounts", handoff, "account.handoff", {})
            if draw.random() < 0.6:
                meeting = {"meeting_id": f"{self.account_id}-m", "kind": "kickoff"}
                yield Happening("engagement", handoff + draw.uniform(0, 10) * DAY_S, "meeting.scheduled", meeting)
        for index in range(draw.randrange(3)):
            began = self._between(0, 0.6)
            milestone = {"milestone_id": f"{self.account_id}-ms{index}", "kind": draw.choice(("integration", "training", "data"))}
            due = {"due": self._day(began + draw.uniform(1, 20) * DAY_S)} if draw.random() < 0.5 else {}
            yield Happening("accounts", began, "milestone.started", {**milestone, **due})
            if draw.random() < 0.2:
                moved = began + draw.uniform(1, 15) * DAY_S
                new = {"due": self._day(moved + draw.uniform(1, 15) * DAY_S)}
                yield Happening("accounts", moved, "milestone.moved", {**milestone, **new})
            if draw.random() < 0.7:
                yield Happening("accounts", began + draw.uniform(1, 18) * DAY_S, "milestone.completed", milestone)
        if draw.random() < 0.2:
            yield Happening("accounts", self._between(), "integration.connected", {"integration": "crm"})

    def _money(self) -> Iterator[Happening]:
        draw, contract_id = self._draw, f"{self.account_id}-k"
        loaded = self._born + draw.uniform(0.01, 1) * DAY_S
        renewal = loaded + draw.uniform(20, 260) * DAY_S
        contract = {"contract_id": contract_id, "start": self._day(self._born), "renewal_date": self._day(renewal)}
        yield Happening("billing", loaded, "contract.started", contract)
        for _ in range(draw.randrange(4)):
            stated = {"confidence": draw.choice(("low", "low", "medium", "high"))}
            whose = {"contract_id": contract_id} if draw.random() < 0.7 else {}
            yield Happening("billing", self._between(), "renewal.confidence", {**stated, **whose})
        if draw.random() < 0.1:
            moved = {"contract_id": contract_id, "renewal_date": self._day(renewal + draw.uniform(5, 60) * DAY_S)}
            yield Happening("billing", self._between(0.2), draw.choice(("contract.started", "contract.renewed")), moved)
        if draw.random() < 0.03:
            yield Happening("billing", self._between(0.5), "contract.ended", {"contract_id": contract_id})
        for month in range(3):
            issued = loaded + (month * 28 + draw.uniform(0, 2)) * DAY_S
            invoice = {"invoice_id": f"{self.account_id}-i{month}", "amount": 100.5}
            yield Happening("billing", issued, "invoice.issued", {**invoice, "due": self._day(issued + 14 * DAY_S)})
            luck = draw.random()
            if luck < 0.06:
                yield Happening("billing", issued + draw.uniform(10, 30) * DAY_S, "invoice.payment_failed", invoice)
            if luck > 0.04:
                ending = "invoice.paid" if luck < 0.95 else "invoice.voided"
                yield Happening("billing", issued + draw.uniform(5, 28) * DAY_S, ending, invoice)

    def _tickets(self) -> Iterator[Happening]:
        draw = self._draw
        moments = [self._between() for _ in range(draw.randrange(5))]
        if draw.random() < 0.12:
            storm = self._between(0.1)
            moments += [storm + draw.uniform(0, 4) * DAY_S for _ in range(draw.randrange(3, 7))]
        for index, created in enumerate(moments):
            ticket = {"ticket_id": f"{self.account_id}-t{index}"}
            urgent = draw.random() < 0.12
            asked = {"priority": "P1" if urgent else draw.choice(("P2", "P3", "P4")), "requester_id": f"{self.account_id}-c2"}
            yield Happening("tickets", created, "ticket.created", {**ticket, **asked})
            now = created
            if draw.random() < 0.1:
                now += draw.uniform(0.05, 1) * DAY_S
                yield Happening("tickets", now, "ticket.priority_changed", {**ticket, "priority": "P1", "priority_before": "P3"})
            if draw.random() < 0.06:
                yield Happening("tickets", now + 1800, "ticket.escalated", {**ticket, "level": "L3", "to_management": draw.random() < 0.7})
            for _ in range(draw.choice((0, 0, 0, 0, 1, 2, 3))):
                now += draw.uniform(0.1, 3) * DAY_S
                yield Happening("tickets", now, "ticket.resolved", ticket)
                now += draw.uniform(0.1, 4) * DAY_S
                yield Happening("tickets", now, "ticket.reopened", ticket)
            if draw.random() < 0.8:
                yield Happening("tickets", now + draw.uniform(0.1, 3) * DAY_S, "ticket.closed", ticket)

    def _usage(self) -> Iterator[Happening]:
        draw = self._draw
        if draw.random() < 0.08:
            return
        users = [f"u{n}" for n in range(draw.randrange(2, 16))]
        first = self._born + draw.uniform(0, 9) * DAY_S
        breaks = draw.uniform(0.3, 0.9) * self._end if draw.random() < 0.3 else self._end + DAY_S
        left = draw.choice((0.0, 0.15, 0.4, 0.6))
        heals = breaks + draw.uniform(10, 40) * DAY_S
        day = first
        yield Happening("product-usage", first, "user.login", {"user_id": users[0], "role": "user"})
        while day < self._end:
            low = breaks <= day < heals
            rate = self._activity * (left if low else 1.0) * (0.4 if int(day // DAY_S) % 7 in (5, 6) else 1.0)
            active = users[: max(1, round(len(users) * left))] if low else users
            for _ in range(_poisson(draw, rate)):
                at_s = day + draw.random() * DAY_S
                use: dict[str, Any] = {"user_id": draw.choice(active), "feature": draw.choice(FEATURES), "quantity": draw.randrange(1, 5)}
                if draw.random() < 0.6:
                    use["actor"] = draw.choice(("human", "human", "human", "api", "staff"))
                yield Happening("product-usage", at_s, "feature.used", use)
            day += DAY_S


def _poisson(draw: Random, mean: float) -> int:
    """Arrivals in one unit of time."""
    count, left = -1, mean
    while left >= 0:
        left -= draw.expovariate(1.0)
        count += 1
    return count


def utc(start: datetime, at_s: float) -> str:
    """RFC 3339 to the millisecond, in UTC."""
    moment = (start + timedelta(seconds=at_s)).astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
