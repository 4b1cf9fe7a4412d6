"""Accounts at rest: what happened to each, by its number alone, and what a library has planned for it by hand calculation."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

DAY_MS = 86_400_000
TOUCH = ("tech", "tech", "tech", "mid", "mid", "high")
FEATURES = ("forecast.run", "alerts.edit")


class AtRest(NamedTuple):
    """The facts about account `number`, days counted from 1970-01-01; everything happened before `today`."""

    number: int
    today: int

    @property
    def account_id(self) -> str:
        return f"acct-{self.number:07d}"

    @property
    def touch(self) -> str:
        return TOUCH[self.number % len(TOUCH)]

    @property
    def created_day(self) -> int:
        """One in ten was created within the last five days."""
        return self.today - (1 + self.number % 5 if self.number % 10 == 0 else 20 + self.number % 300)

    @property
    def active(self) -> bool:
        """Somebody logged in on the day after creation, and activated the first key feature."""
        return self.number % 3 != 0

    @property
    def renewal_day(self) -> int:
        """Spread over 400 days, so that some are inside every window."""
        return self.today + 5 + self.number * 7 % 400

    @property
    def confidence(self) -> str | None:
        return ("low", "medium", None)[self.number % 7 % 3]

    def events(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """(topic, event)."""
        n, created = self.number, self.created_day
        yield "accounts", self._event(created, 9, "account.created", touch_model=self.touch, timezone="UTC", key_features=list(FEATURES))
        contract = {"contract_id": f"k{n}", "start": day_name(created), "renewal_date": day_name(self.renewal_day)}
        yield "billing", self._event(created, 10, "contract.started", **contract)
        if self.confidence is not None:
            yield "billing", self._event(created, 11, "renewal.confidence", contract_id=f"k{n}", confidence=self.confidence)
        if self.active:
            yield "product-usage", self._event(created, 12, "user.login", user_id="u1")
            yield "product-usage", self._event(created, 13, "feature.activated", feature=FEATURES[0], user_id="u1")

    def _event(self, day: int, hour: int, kind: str, **fields: Any) -> dict[str, Any]:
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day, hours=hour, seconds=self.number % 3000)
        event = {"event_id": f"{kind}-{self.number}", "type": kind, "account_id": self.account_id, "source": "crm"}
        return {**event, "occurred_at": at.strftime("%Y-%m-%dT%H:%M:%SZ"), **fields}


class Asked(NamedTuple):
    """A rule of the change, as far as it plans: what it waits for, and with which figures."""

    rule: str
    kind: str  # activity, feature, window
    days: tuple[int, int]  # by touch model: tech and mid, high; or the window's days before the renewal
    scope: tuple[str, ...] = ("tech", "mid", "high")


def wanted(facts: AtRest, rules: tuple[Asked, ...], now_ms: int) -> tuple[dict[str, int], set[tuple[str, str]]]:
    """(deadline in ms by name, (rule, subject) of episodes that are open in silence) after a change at `now_ms`."""
    plans: dict[str, int] = {}
    opened: set[tuple[str, str]] = set()
    for rule in rules:
        if rule.kind == "window":
            subject = f"k{facts.number}"
            start, end = ((facts.renewal_day - days) * DAY_MS for days in rule.days)
            if now_ms < start:
                plans[f"{rule.rule}:{subject}"] = start
            elif now_ms < end and facts.confidence == "low":
                opened.add((rule.rule, subject))
            continue
        at = (facts.created_day + rule.days[facts.touch == "high"] + 1) * DAY_MS
        subjects = ("account",) if rule.kind == "activity" else FEATURES
        for subject in subjects:
            happened = facts.active and subject in ("account", FEATURES[0])
            if at > now_ms:
                plans[f"{rule.rule}:{subject}"] = at
            elif not happened and facts.touch in rule.scope:
                opened.add((rule.rule, facts.account_id if subject == "account" else subject))
    return plans, opened


def day_name(day: int) -> str:
    """YYYY-MM-DD."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)).date().isoformat()
