"""T07, T08, T30 and PB2: tickets."""

from math import exp
from statistics import median

from tests.oracle.account import Account, Ticket
from tests.oracle.days import DAY_MS, day_of, midnight
from tests.oracle.fired import Fired
from tests.oracle.log import Json, Place

TICKET_REOPENINGS, TICKET_WINDOW_MS = 2, 30 * DAY_MS
ACCOUNT_REOPENINGS, ACCOUNT_WINDOW_MS = 3, 14 * DAY_MS
SPIKE_LEAST, SPIKE_FACTOR, SPIKE_TAIL, SPIKE_LEAST_MEAN = 3, 2.0, 0.01, 0.25
SPIKE_QUIET_DAYS = 14
CLUSTER, CLUSTER_QUIET_MS = 3, 7 * DAY_MS
MANAGEMENT = ("management", "manager", "director", "leadership", "executive", "c-level")


def ticket_created(account: Account, event: Json, place: Place, time_ms: int, now_ms: int) -> list[Fired]:
    ticket = account.tickets.setdefault(event["ticket_id"], Ticket())
    day = day_of(time_ms, account.zone)
    account.created_tickets.setdefault(day, []).append(place)
    cluster, spike = _cluster(account, day, time_ms, now_ms), _spike(account, day, now_ms)
    return [*cluster, *_raised(account, ticket, event, time_ms, now_ms), *spike]


def priority_changed(account: Account, event: Json, time_ms: int, now_ms: int) -> list[Fired]:
    ticket = account.tickets.setdefault(event["ticket_id"], Ticket())
    if event.get("priority") != "P1":
        _eased(ticket, time_ms)
        return []
    return _raised(account, ticket, event, time_ms, now_ms)


def ticket_over(account: Account, event: Json, time_ms: int) -> None:
    _eased(account.tickets.setdefault(event["ticket_id"], Ticket()), time_ms)


def _eased(ticket: Ticket, time_ms: int) -> None:
    ticket.eased_ms = max(ticket.eased_ms, time_ms)
    if ticket.open_since_ms is not None and time_ms >= ticket.open_since_ms:
        ticket.open_since_ms = None


def ticket_reopened(account: Account, event: Json, place: Place, time_ms: int, now_ms: int) -> list[Fired]:
    ticket_id = event["ticket_id"]
    ticket = account.tickets.setdefault(ticket_id, Ticket())
    ticket.reopened.append((time_ms, place))
    account.reopened.append((time_ms, place))
    found = []
    for kind, subject, times, least, window in (
        ("ticket", ticket_id, ticket.reopened, TICKET_REOPENINGS, TICKET_WINDOW_MS),
        ("account", account.id, account.reopened, ACCOUNT_REOPENINGS, ACCOUNT_WINDOW_MS),
    ):
        inside = sorted((t, place) for t, place in times if time_ms - window < t <= time_ms)
        last = account.fired.get(f"T08:{kind}:{subject}")
        if len(inside) >= least and (last is None or time_ms - last >= window):
            account.fired[f"T08:{kind}:{subject}"] = time_ms
            records = frozenset(place for _, place in inside)
            found.append(Fired("T08", account.id, kind, subject, inside[0][0], now_ms, float(len(inside)), records=records))
    return found


def ticket_escalated(account: Account, event: Json, place: Place, time_ms: int, now_ms: int) -> list[Fired]:
    upwards = event.get("to_management") is True or event.get("level") in MANAGEMENT
    if not upwards or not _quiet(account, "PB2", time_ms, CLUSTER_QUIET_MS):
        return []
    account.fired["PB2"] = time_ms
    return [Fired("PB2", account.id, "account", account.id, time_ms, now_ms, records=frozenset({place}))]


def _raised(account: Account, ticket: Ticket, event: Json, time_ms: int, now_ms: int) -> list[Fired]:
    if event.get("priority") != "P1" or ticket.open_since_ms is not None or ticket.eased_ms > time_ms:
        return []
    ticket.open_since_ms = time_ms
    return [Fired("T07", account.id, "ticket", event["ticket_id"], time_ms, now_ms)]


def _cluster(account: Account, day: int, time_ms: int, now_ms: int) -> list[Fired]:
    records = _tickets(account, day - 6, day)
    if len(records) < CLUSTER or not _quiet(account, "PB2", time_ms, CLUSTER_QUIET_MS):
        return []
    account.fired["PB2"] = time_ms
    start_ms = midnight(day - 6, account.zone)
    return [Fired("PB2", account.id, "account", account.id, start_ms, now_ms, float(len(records)), records=records)]


def _spike(account: Account, day: int, now_ms: int) -> list[Fired]:
    records = _tickets(account, day - 6, day)
    count = len(records)
    assert account.first_known_ms is not None
    known = day_of(account.first_known_ms, account.zone)
    weeks = [len(_tickets(account, last - 6, last)) for last in range(day - 7, day - 63, -7) if last - 6 >= known]
    usual = float(median(weeks)) if weeks else 0.0
    mean = max(SPIKE_LEAST_MEAN, sum(weeks) / len(weeks)) if weeks else SPIKE_LEAST_MEAN
    if count < max(SPIKE_LEAST, SPIKE_FACTOR * usual) or poisson_tail(count, mean) > SPIKE_TAIL:
        return []
    if day - account.fired.get("T30", -1000) < SPIKE_QUIET_DAYS:
        return []
    account.fired["T30"] = day
    start_ms = midnight(day - 6, account.zone)
    return [Fired("T30", account.id, "account", account.id, start_ms, now_ms, float(count), usual, records=records)]


def poisson_tail(count: int, mean: float) -> float:
    """P(X >= count) for X Poisson with this mean."""
    term, below = exp(-mean), 0.0
    for k in range(count):
        below += term
        term *= mean / (k + 1)
    return 1.0 - below


def _tickets(account: Account, first: int, last: int) -> frozenset[Place]:
    return frozenset(place for d in range(first, last + 1) for place in account.created_tickets.get(d, ()))


def _quiet(account: Account, rule: str, time_ms: int, length_ms: int) -> bool:
    last = account.fired.get(rule)
    return last is None or time_ms - last >= length_ms
