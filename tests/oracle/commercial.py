"""T15, T16 and T19-T21: invoices, champions, renewals."""

from typing import NamedTuple

from tests.oracle.account import Account, Confidence, Contract, Invoice
from tests.oracle.days import close, day_number, day_of, midnight
from tests.oracle.fired import Fired
from tests.oracle.log import Json
from tests.oracle.onboarding import contract_began

OVERDUE_DAYS = 7


class Window(NamedTuple):
    """A stretch before the renewal, in days."""

    rule: str
    first: int
    last: int


WINDOWS = (Window("T19", 120, 90), Window("T20", 90, 60), Window("T21", 60, 30))


def invoice_issued(account: Account, event: Json, time_ms: int) -> None:
    invoice = account.invoices.setdefault(event["invoice_id"], Invoice())
    if not event.get("due") or time_ms <= invoice.settled_ms:
        return
    invoice.due_day = day_number(event["due"])
    if invoice.open_since_ms is None:
        at_ms = close(invoice.due_day + OVERDUE_DAYS, account.zone)
        if at_ms > time_ms:
            account.deadlines[f"T15:{event['invoice_id']}"] = at_ms
        else:
            account.deadlines.pop(f"T15:{event['invoice_id']}", None)


def invoice_settled(account: Account, event: Json, time_ms: int) -> None:
    invoice = account.invoices.setdefault(event["invoice_id"], Invoice())
    invoice.settled_ms = max(time_ms, invoice.settled_ms)
    if invoice.open_since_ms is not None and time_ms >= invoice.open_since_ms:
        invoice.open_since_ms = None
    account.deadlines.pop(f"T15:{event['invoice_id']}", None)


def payment_failed(account: Account, event: Json, time_ms: int, now_ms: int) -> list[Fired]:
    invoice = account.invoices.setdefault(event["invoice_id"], Invoice())
    if invoice.open_since_ms is not None or time_ms < invoice.settled_ms:
        return []
    invoice.open_since_ms = time_ms
    return [Fired("T15", account.id, "invoice", event["invoice_id"], time_ms, now_ms)]


def invoice_overdue(account: Account, invoice_id: str, now_ms: int) -> list[Fired]:
    invoice = account.invoices[invoice_id]
    assert invoice.due_day is not None
    if invoice.open_since_ms is not None:
        return []
    invoice.open_since_ms = midnight(invoice.due_day + 1, account.zone)
    return [Fired("T15", account.id, "invoice", invoice_id, invoice.open_since_ms, now_ms)]


def contact_left(account: Account, event: Json, time_ms: int, now_ms: int) -> list[Fired]:
    contact_id = event["contact_id"]
    was_champion = account.contacts.get(contact_id) == "champion" and contact_id not in account.left
    account.left.add(contact_id)
    return _champion_gone(account, contact_id, time_ms, now_ms) if was_champion else []


def role_changed(account: Account, event: Json, time_ms: int, now_ms: int) -> list[Fired]:
    contact_id = event["contact_id"]
    before = event.get("role_before") or account.contacts.get(contact_id)
    account.contacts[contact_id] = event["role"]
    if before != "champion" or event["role"] == "champion":
        return []
    return _champion_gone(account, contact_id, time_ms, now_ms)


def _champion_gone(account: Account, contact_id: str, time_ms: int, now_ms: int) -> list[Fired]:
    return [Fired("T16", account.id, "contact", contact_id, time_ms, now_ms)] if account.human_touch() else []


def contract_stated(account: Account, event: Json, time_ms: int, now_ms: int) -> list[Fired]:
    """contract.started and contract.renewed."""
    contract_id, renewed = event["contract_id"], event["type"] == "contract.renewed"
    contract = account.contracts.setdefault(contract_id, Contract())
    if event.get("acv") is not None and (account.contract_acv is None or time_ms >= account.contract_acv[0]):
        account.contract_acv = (time_ms, float(event["acv"]))
    if renewed:
        contract.renewed_ms = max(time_ms, contract.renewed_ms)
    else:
        contract_began(account, day_number(event["start"]) if event.get("start") else day_of(time_ms, account.zone), time_ms)
    day = day_number(event["renewal_date"]) if event.get("renewal_date") else None
    if time_ms < contract.dated_ms or (day is None and not renewed):
        return []
    contract.dated_ms = time_ms
    if renewed or day != contract.renewal_day:
        _drop_windows(account, contract_id, contract)
        contract.renewal_day = day
        return _enter_windows(account, contract_id, contract, time_ms, now_ms)
    return []


def contract_ended(account: Account, event: Json) -> None:
    contract = account.contracts.pop(event["contract_id"], None)
    if contract is not None:
        _drop_windows(account, event["contract_id"], contract)
        account.confidence = [c for c in account.confidence if c.contract_id != event["contract_id"]]


def confidence_stated(account: Account, event: Json, time_ms: int, now_ms: int) -> list[Fired]:
    if event.get("contract_id") is not None and event["contract_id"] not in account.contracts:
        return []  # about a contract nobody knows
    low = event["confidence"] == "low"
    account.confidence.append(Confidence(time_ms, event.get("contract_id"), low))
    found = []
    for contract_id, contract in account.contracts.items():
        if low and event.get("contract_id") in (None, contract_id) and _is_low(account, contract_id, contract):
            for window in WINDOWS:
                start, end = _bounds(account, contract, window)
                if start <= time_ms < end:
                    found += _fire(account, contract_id, contract, window, now_ms)
    return found


def window_opened(account: Account, name: str, now_ms: int) -> list[Fired]:
    rule, contract_id = name.split(":", 1)
    contract = account.contracts[contract_id]
    return _judge(account, contract_id, contract, next(w for w in WINDOWS if w.rule == rule), now_ms)


def _enter_windows(account: Account, contract_id: str, contract: Contract, time_ms: int, now_ms: int) -> list[Fired]:
    found = []
    for window in WINDOWS:
        if contract.renewal_day is None:
            break
        start, end = _bounds(account, contract, window)
        if start > time_ms:
            account.deadlines[f"{window.rule}:{contract_id}"] = start
        elif time_ms < end:
            found += _judge(account, contract_id, contract, window, now_ms)
    return found


def _judge(account: Account, contract_id: str, contract: Contract, window: Window, now_ms: int) -> list[Fired]:
    return _fire(account, contract_id, contract, window, now_ms) if _is_low(account, contract_id, contract) else []


def _is_low(account: Account, contract_id: str, contract: Contract) -> bool:
    """Whether the latest statement since the last renewal, about the contract or the account, is low."""
    relevant = [c for c in account.confidence if c.contract_id in (None, contract_id) and c.time_ms > contract.renewed_ms]
    return bool(relevant) and max(relevant, key=lambda c: (c.time_ms, c.low)).low


def _fire(account: Account, contract_id: str, contract: Contract, window: Window, now_ms: int) -> list[Fired]:
    if window.rule in contract.fired:
        return []
    contract.fired.add(window.rule)
    start, end = _bounds(account, contract, window)
    return [Fired(window.rule, account.id, "contract", contract_id, start, now_ms, act_by_ms=end)]


def _bounds(account: Account, contract: Contract, window: Window) -> tuple[int, int]:
    if contract.renewal_day is None:
        return 0, 0
    return midnight(contract.renewal_day - window.first, account.zone), midnight(contract.renewal_day - window.last, account.zone)


def _drop_windows(account: Account, contract_id: str, contract: Contract) -> None:
    contract.fired.clear()
    for window in WINDOWS:
        account.deadlines.pop(f"{window.rule}:{contract_id}", None)


def deadline_at(account: Account, name: str) -> int | None:
    """When a pending deadline of these rules falls under the account's present timezone."""
    rule, _, subject = name.partition(":")
    if rule == "T15":
        due_day = account.invoices[subject].due_day
        return None if due_day is None else close(due_day + OVERDUE_DAYS, account.zone)
    window = next((w for w in WINDOWS if w.rule == rule), None)
    return None if window is None else _bounds(account, account.contracts[subject], window)[0]
