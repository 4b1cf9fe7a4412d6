"""T01, T02, T03, T06 and J2: what should have happened by the close of some day."""

from tests.oracle.account import Account, Milestone
from tests.oracle.days import close, day_number, day_of, midnight
from tests.oracle.fired import Fired
from tests.oracle.log import Json

KICKOFF_DAY = 7
KICKOFF_BEFORE_DAYS = 30
LOGIN_DAY = 7
STALL_DAYS = {"high": 14, "mid": 10, "tech": 7}
FEATURE_DAYS = {"high": 30, "mid": 14, "tech": 14}


def handed_off(account: Account, time_ms: int, now_ms: int) -> list[Fired]:
    account.handoff_ms = max(time_ms, account.handoff_ms or 0)
    plan_kickoff(account, time_ms)
    if not account.human_touch():
        return []
    return [Fired("T01", account.id, "account", account.id, time_ms, now_ms)]


def plan_kickoff(account: Account, time_ms: int) -> None:
    """T02 counts from the hand-over, else from the first contract, until it has fired."""
    day0 = _kickoff_day0(account)
    if day0 is not None and "T02" not in account.fired:
        _plan(account, "T02", close(day0 + KICKOFF_DAY, account.zone), time_ms)


def kickoff_missing(account: Account, now_ms: int) -> list[Fired]:
    day0 = _kickoff_day0(account)
    assert day0 is not None
    start, end = midnight(day0 - KICKOFF_BEFORE_DAYS, account.zone), close(day0 + KICKOFF_DAY, account.zone)
    if any(start <= t < end for t in account.kickoffs) or not account.human_touch():
        return []
    account.fired["T02"] = now_ms
    return [Fired("T02", account.id, "account", account.id, midnight(day0, account.zone), now_ms)]


def _kickoff_day0(account: Account) -> int | None:
    return account.first_start_day if account.handoff_ms is None else day_of(account.handoff_ms, account.zone)


def _plan(account: Account, name: str, at_ms: int, time_ms: int) -> None:
    """A plan whose moment is past is not made; one that was made before stays."""
    if at_ms > time_ms:
        account.deadlines[name] = at_ms


def milestone_started(account: Account, event: Json, time_ms: int) -> None:
    milestone_id = event["milestone_id"]
    known = account.milestones.get(milestone_id)
    if known is not None and (known.done_ms is None or time_ms <= known.done_ms):
        return
    account.milestones[milestone_id] = Milestone(event.get("kind", ""), time_ms)
    start_day = day_of(time_ms, account.zone)
    last_day = start_day + STALL_DAYS[account.touch()]
    due_day = day_number(event["due"]) if event.get("due") else None
    if due_day is not None and due_day >= start_day:
        last_day = min(last_day, due_day)
    account.milestones[milestone_id].deadline_day = last_day
    account.deadlines.pop(f"T03:{milestone_id}", None)
    _plan(account, f"T03:{milestone_id}", close(last_day, account.zone), time_ms)


def milestone_moved(account: Account, event: Json, time_ms: int) -> None:
    milestone_id = event["milestone_id"]
    known = account.milestones.get(milestone_id)
    if not event.get("due") or (known is not None and known.done_ms is not None and time_ms <= known.done_ms):
        return
    if known is not None and time_ms < known.began_ms:
        return
    kind = event.get("kind") or (known.kind if known is not None else "")
    last_day = day_number(event["due"])
    account.milestones[milestone_id] = Milestone(kind, time_ms, deadline_day=last_day)
    account.deadlines.pop(f"T03:{milestone_id}", None)
    _plan(account, f"T03:{milestone_id}", close(last_day, account.zone), time_ms)


def milestone_done(account: Account, milestone_id: str, time_ms: int) -> None:
    milestone = account.milestones.setdefault(milestone_id, Milestone("", time_ms))
    if time_ms >= milestone.began_ms:
        milestone.done_ms = time_ms
        account.deadlines.pop(f"T03:{milestone_id}", None)


def integration_connected(account: Account, time_ms: int) -> None:
    for milestone_id, milestone in account.milestones.items():
        if milestone.kind == "integration" and milestone.done_ms is None and milestone.began_ms <= time_ms:
            milestone_done(account, milestone_id, time_ms)


def milestone_stalled(account: Account, milestone_id: str, now_ms: int) -> list[Fired]:
    milestone = account.milestones[milestone_id]
    return [Fired("T03", account.id, "milestone", milestone_id, milestone.began_ms, now_ms)]


def contract_began(account: Account, start_day: int, time_ms: int) -> None:
    account.first_start_day = start_day if account.first_start_day is None else min(start_day, account.first_start_day)
    plan_features(account, time_ms)
    if account.handoff_ms is None:
        plan_kickoff(account, time_ms)


def plan_features(account: Account, time_ms: int) -> None:
    """T06 counts from the earliest contract start, once for every key feature, with the figures of the latest plan."""
    if account.first_start_day is None:
        return
    last_day = account.first_start_day + FEATURE_DAYS[account.touch()]
    if close(last_day, account.zone) <= time_ms:
        return
    for feature in account.key_features:
        if f"T06:{feature}" not in account.fired:
            account.feature_day[feature] = last_day
            _plan(account, f"T06:{feature}", close(last_day, account.zone), time_ms)


def feature_seen(account: Account, feature: str, day: int) -> None:
    account.activated[feature] = min(day, account.activated.get(feature, day))


def feature_judged(account: Account, feature: str, now_ms: int) -> list[Fired]:
    """Activated on or before the last day is activated in time."""
    assert account.first_start_day is not None
    if feature not in account.key_features:
        return []
    account.fired[f"T06:{feature}"] = now_ms
    day = account.activated.get(feature)
    if day is not None and day <= account.feature_day[feature]:
        return []
    return [Fired("T06", account.id, "feature", feature, midnight(account.first_start_day, account.zone), now_ms)]


def created(account: Account, time_ms: int) -> None:
    account.created_ms = time_ms if account.created_ms is None else min(time_ms, account.created_ms)
    if "J2" not in account.fired:
        _plan(account, "J2", close(day_of(account.created_ms, account.zone) + LOGIN_DAY, account.zone), time_ms)


def never_came(account: Account, now_ms: int) -> list[Fired]:
    assert account.created_ms is not None
    account.fired["J2"] = now_ms
    day0 = day_of(account.created_ms, account.zone)
    came = account.first_seen_day is not None and account.first_seen_day <= day0 + LOGIN_DAY
    if came or account.touch() not in ("tech", "mid"):
        return []
    return [Fired("J2", account.id, "account", account.id, midnight(day0, account.zone), now_ms)]


def deadline_day(account: Account, name: str) -> int | None:
    """The day at whose close a pending deadline of these rules falls, under the account's present timezone."""
    rule, _, subject = name.partition(":")
    if rule == "T03":
        return account.milestones[subject].deadline_day
    if rule == "T06":
        return account.feature_day[subject]
    if rule == "J2" and account.created_ms is not None:
        return day_of(account.created_ms, account.zone) + LOGIN_DAY
    day0 = _kickoff_day0(account)
    return day0 + KICKOFF_DAY if rule == "T02" and day0 is not None else None
