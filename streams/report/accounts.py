"""Events folded into what is drawn per account: who it is, uses per local day, and marks."""

from collections.abc import Iterable, Mapping
from typing import Any

from streams.report.calendar import DAY_MS, LocalTime, parse_ms
from streams.report.happenings import TELLERS, Mark, mark_of

_PROFILE = ("name", "industry", "tier", "plan_type", "touch_model", "region", "acv", "seats", "strategic", "csm")


class Account:
    """One account. `usage`: day number -> human uses that day, in the timezone known when the event was read (UTC until known)."""

    __slots__ = ("account_id", "clock", "contacts", "marks", "profile", "usage")

    def __init__(self, account_id: str) -> None:
        self.account_id = account_id
        self.clock = LocalTime(None)
        self.contacts: dict[str, dict[str, Any]] = {}
        self.marks: list[Mark] = []
        self.profile: dict[str, Any] = {}
        self.usage: dict[int, int] = {}

    @property
    def name(self) -> str:
        """Its name, else its id."""
        return str(self.profile.get("name") or self.account_id)


class Fleet:
    """All accounts by id, in order of first sight, and how many events went in."""

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.read = 0
        self.unread = 0

    def account(self, account_id: str) -> Account:
        """The account, made on first sight."""
        found = self.accounts.get(account_id)
        if found is None:
            found = self.accounts[account_id] = Account(account_id)
        return found

    def add(self, events: Iterable[Mapping[str, Any]]) -> None:
        """Fold events in. Linear; heartbeats and events without account or time are counted as unread."""
        for event in events:
            self.read += 1
            account_id = event.get("account_id")
            at_ms = parse_ms(event.get("occurred_at"))
            if not isinstance(account_id, str) or at_ms is None:
                self.unread += 1
                continue
            self._apply(self.account(account_id), str(event.get("type", "")), event, at_ms)

    def _apply(self, account: Account, kind: str, event: Mapping[str, Any], at_ms: int) -> None:
        if kind == "feature.used":
            if event.get("actor", "human") == "human":
                day = account.clock.local_ms(at_ms) // DAY_MS
                account.usage[day] = account.usage.get(day, 0) + 1
            return
        if kind in ("account.created", "account.updated"):
            _profile(account, event)
        if kind.startswith("contact."):
            event = _person(account, event)
        if kind in TELLERS:
            mark = mark_of(kind, event, at_ms)
            if mark is not None:
                account.marks.append(mark)


def _person(account: Account, event: Mapping[str, Any]) -> Mapping[str, Any]:
    """The event with the name and role last known of its contact: who leaves is told by id only."""
    known = account.contacts.setdefault(str(event.get("contact_id")), {})
    full = {**known, **event}
    for name in ("name", "role"):
        if event.get(name) is not None:
            known[name] = event[name]
    return full


def _profile(account: Account, event: Mapping[str, Any]) -> None:
    for name in _PROFILE:
        if event.get(name) is not None:
            account.profile[name] = event[name]
    zone = event.get("timezone")
    if isinstance(zone, str) and zone != account.clock.name:
        account.clock = LocalTime(zone)
