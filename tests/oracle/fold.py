"""The single-threaded reference: the source log in, state, triggers and runs out."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from heapq import heappop, heappush

from tests.oracle import commercial, onboarding, support
from tests.oracle.account import Account, Usage
from tests.oracle.days import MINUTE_MS, close, day_of
from tests.oracle.feeds import CLOCK, SILENCE, UNPROVEN, UNPROVEN_AFTER_MS, Feeds, silent_topic
from tests.oracle.fired import Fired
from tests.oracle.log import Json, Place, Record, Step, epoch_ms, merged, partitions
from tests.oracle.runs import Router
from tests.oracle.usage_rules import judge_day

GRACE_MS = 10 * MINUTE_MS
LEAP_MS = 1440 * MINUTE_MS
LEAP_ACCOUNTS = 3
DAY_CLOSE, IDLE = "day_close", "~idle"
APPLIED, DUPLICATE, DEAD = "applied", "duplicate", "dead_lettered"
KNOWING_TOPICS = frozenset({"accounts", "tickets", "billing", "feedback", "engagement"})
WHILE_CHURNED = frozenset({"account.updated", "contact.added", "contact.updated", "contact.left", "contact.role_changed"})


@dataclass
class Outcome:
    """Everything the log leads to. `inputs` counts what was done with each understood record, by topic."""

    accounts: dict[str, Account] = field(default_factory=dict)
    triggers: list[Fired] = field(default_factory=list)
    router: Router = field(default_factory=Router)
    inputs: Counter[tuple[str, str]] = field(default_factory=Counter)
    day_closes: int = 0


def fold(records: Iterable[Record], until_ms: int) -> Outcome:
    """The log of a finished run, each partition in its order; then time passes to `until_ms`, inclusive."""
    outcome = Outcome()
    for topics in partitions(records).values():
        partition = _Partition(outcome)
        for step in merged(topics, partition.key_of):
            partition.take(step)
        partition.end(until_ms)
    return outcome


class _Partition:
    """One partition's accounts, their deadlines, and the time."""

    def __init__(self, outcome: Outcome) -> None:
        self._outcome = outcome
        self._now_ms = 0
        self._agenda: list[tuple[int, int, str, str, int]] = []  # (due, kind, account, name, moment): clocks come first
        self._armed: dict[tuple[str, str], int] = {}  # what of it is the latest of a name
        self._feeds = Feeds()
        self._held: dict[tuple[int, str, str], int] = {}  # (due, account, name) -> moment, of silences nobody vouches for
        self._seen: set[str] = set()  # the first accounts

    def take(self, step: Step) -> None:
        key_ms = max(self.key_of(step), self._now_ms)
        if self._agenda and self._agenda[0][0] <= key_ms:
            self.pass_time(key_ms)
        self._now_ms = key_ms
        event, topic = step.record.event, step.record.topic
        if step.record.kind in ("nothing", "refused"):
            return
        self._feeds.heard(topic, event["source"], min(epoch_ms(event["occurred_at"]), self._now_ms))
        if step.record.kind == "event":
            if len(self._seen) < LEAP_ACCOUNTS:
                self._seen.add(event["account_id"])
            self._event(step, topic, event)
        if self._held:
            self._release(topic)

    def key_of(self, step: Step) -> int:
        """Its key, or the present time where too few speak for such a leap."""
        leap = self._now_ms and step.key_ms > self._now_ms + LEAP_MS
        return self._now_ms if leap and step.account_count < min(LEAP_ACCOUNTS, max(1, len(self._seen))) else step.key_ms

    def end(self, until_ms: int) -> None:
        """The log is complete: nobody is doubted any more."""
        self._feeds.complete = True
        self._release(None)
        self.pass_time(until_ms)

    def _release(self, topic: str | None) -> None:
        """Judge now what waited for news of this topic, as far as its feeds vouch for it."""
        waiting = [key for key in self._held if topic in (None, silent_topic(key[2]))]
        for key in sorted(key for key in waiting if self._feeds.vouch(silent_topic(key[2]), self._now_ms, key[0])):
            self._judge(*key, self._held.pop(key))

    def _event(self, step: Step, topic: str, event: Json) -> None:
        account = self._outcome.accounts.get(event["account_id"])
        if account is None:
            account = self._outcome.accounts[event["account_id"]] = Account(event["account_id"])
        identity = (event["source"], event["event_id"])
        if topic == "product-usage":
            # A workload is appended within minutes, so the product's horizon of an hour covers all of it.
            if identity in account.used:
                self._outcome.inputs[topic, DUPLICATE] += 1
                return
            account.used.add(identity)
            self._use(account, event, step.time_ms)
            self._outcome.inputs[topic, APPLIED] += 1
            return
        if identity in account.seen:
            self._outcome.inputs[topic, DUPLICATE] += 1
            return
        applied = self._apply(account, step.record, step.time_ms)
        if applied:  # what was refused may be sent again
            account.seen.add(identity)
        self._outcome.inputs[topic, APPLIED if applied else DEAD] += 1
        self._arm(account)

    def pass_time(self, until_ms: int) -> None:
        """Every deadline due by then, in order."""
        while self._agenda and self._agenda[0][0] <= until_ms:
            due_ms, kind, account_id, name, at_ms = heappop(self._agenda)
            if self._outcome.accounts[account_id].deadlines.get(name) != at_ms:
                continue
            if kind == UNPROVEN:
                due_ms -= UNPROVEN_AFTER_MS
                if self._held.pop((due_ms, account_id, name), None) is None:
                    continue
                due_ms += UNPROVEN_AFTER_MS
            elif kind == SILENCE and not self._feeds.vouch(silent_topic(name), max(due_ms, self._now_ms), due_ms):
                self._held[due_ms, account_id, name] = at_ms
                heappush(self._agenda, (due_ms + UNPROVEN_AFTER_MS, UNPROVEN, account_id, name, at_ms))
                continue
            self._judge(due_ms, account_id, name, at_ms)
        self._now_ms = max(self._now_ms, until_ms)

    def _judge(self, due_ms: int, account_id: str, name: str, at_ms: int) -> None:
        account = self._outcome.accounts[account_id]
        if account.deadlines.get(name) != at_ms:
            return
        del account.deadlines[name]
        self._armed.pop((account_id, name), None)
        self._now_ms = max(self._now_ms, due_ms)
        self._due(account, name, at_ms)
        self._arm(account)

    def _arm(self, account: Account) -> None:
        """Put what is planned on the agenda; entries that no longer hold are skipped when their moment comes."""
        idle = self._outcome.router.idle_at(account.id)
        if idle is not None:
            account.deadlines[IDLE] = idle
        else:
            account.deadlines.pop(IDLE, None)
        for name, at_ms in account.deadlines.items():
            if self._armed.get((account.id, name)) != at_ms:
                self._armed[account.id, name] = at_ms
                due_ms = at_ms if name == IDLE else at_ms + GRACE_MS
                heappush(self._agenda, (due_ms, CLOCK if name == IDLE else SILENCE, account.id, name, at_ms))

    def _due(self, account: Account, name: str, at_ms: int) -> None:
        now_ms = self._now_ms
        rule, _, rest = name.partition(":")
        if name == IDLE:
            self._outcome.router.give_up(account, now_ms)
        elif name == DAY_CLOSE:
            self._outcome.day_closes += 1
            day = day_of(at_ms - 1, account.zone)
            account.deadlines[DAY_CLOSE] = close(day + 1, account.zone)
            self._raise(account, judge_day(account, day, now_ms))
        elif rule == "T02":
            self._raise(account, onboarding.kickoff_missing(account, now_ms))
        elif rule == "T03":
            self._raise(account, onboarding.milestone_stalled(account, rest, now_ms))
        elif rule == "T06":
            self._raise(account, onboarding.feature_judged(account, rest, now_ms))
        elif rule == "T15":
            self._raise(account, commercial.invoice_overdue(account, rest, now_ms))
        elif rule == "J2":
            self._raise(account, onboarding.never_came(account, now_ms))
        else:
            self._raise(account, commercial.window_opened(account, name, now_ms))

    def _raise(self, account: Account, found: list[Fired]) -> None:
        for fired in found:
            self._outcome.triggers.append(fired)
            self._outcome.router.answer(account, fired, self._now_ms)

    def _use(self, account: Account, event: Json, time_ms: int) -> None:
        if account.churned:
            return
        kind = event["type"]
        day = day_of(time_ms, account.zone)
        if kind == "feature.used":
            if event.get("actor", "human") != "human":
                return
            account.activated[event["feature"]] = min(day, account.activated.get(event["feature"], day))
            usage = account.usage.get(day)
            if usage is None:
                usage = account.usage[day] = Usage()
            usage.events += 1
            if "user_id" in event:
                usage.users.add(event["user_id"])
            if account.first_usage_day is None or day < account.first_usage_day:
                self._first_use(account, day)
        elif kind == "feature.activated":
            onboarding.feature_seen(account, event["feature"], day)
        if kind in ("feature.used", "user.login") and (account.first_seen_day is None or day < account.first_seen_day):
            account.first_seen_day = day

    def _first_use(self, account: Account, day: int) -> None:
        if account.first_usage_day is None:
            account.deadlines[DAY_CLOSE] = close(day, account.zone)
            self._arm(account)
        account.first_usage_day = day

    def _apply(self, account: Account, record: Record, time_ms: int) -> bool:
        """One event of any topic but usage; False when it becomes a dead letter."""
        topic, event = record.topic, record.event
        kind = event["type"]
        now_ms = self._now_ms
        if kind.startswith("run."):
            return self._outcome.router.update(account, event, now_ms)
        if kind == "account.churned":
            account.forget()
            account.churned = True
            self._outcome.router.churned(account, now_ms)
            return True
        if kind in ("account.created", "account.reactivated"):
            account.churned = False
        if account.churned and kind not in WHILE_CHURNED:
            return True
        if topic in KNOWING_TOPICS and not account.churned:
            account.first_known_ms = time_ms if account.first_known_ms is None else min(time_ms, account.first_known_ms)
        if topic == "tickets":
            found = _tickets(account, event, (topic, record.partition, record.offset), time_ms, now_ms)
        else:
            found = _DISPATCH[topic](account, event, time_ms, now_ms)
        self._raise(account, [] if account.churned else found)
        return True


def _accounts(account: Account, event: Json, time_ms: int, now_ms: int) -> list[Fired]:
    kind = event["type"]
    if kind in ("account.created", "account.updated"):
        zone = account.zone
        _profile(account, event)
        if account.zone != zone:
            _move(account, time_ms)
        if kind == "account.created":
            onboarding.created(account, time_ms)
        onboarding.plan_features(account, time_ms)
    elif kind == "account.handoff":
        account.csm = event.get("csm", account.csm)
        return onboarding.handed_off(account, time_ms, now_ms)
    elif kind in ("contact.added", "contact.updated"):
        if kind == "contact.added":
            account.left.discard(event["contact_id"])
        account.contacts[event["contact_id"]] = event.get("role", account.contacts.get(event["contact_id"], ""))
    elif kind == "contact.left":
        return commercial.contact_left(account, event, time_ms, now_ms)
    elif kind == "contact.role_changed":
        return commercial.role_changed(account, event, time_ms, now_ms)
    elif kind == "milestone.started":
        onboarding.milestone_started(account, event, time_ms)
    elif kind == "milestone.moved":
        onboarding.milestone_moved(account, event, time_ms)
    elif kind == "milestone.completed":
        onboarding.milestone_done(account, event["milestone_id"], time_ms)
    elif kind == "integration.connected":
        onboarding.integration_connected(account, time_ms)
    return []


def _move(account: Account, time_ms: int) -> None:
    """Another timezone: what is pending falls on the same days as before, by the new zone's clock."""
    for name in account.deadlines:
        if name == DAY_CLOSE:
            account.deadlines[name] = close(day_of(time_ms, account.zone), account.zone)
        elif (day := onboarding.deadline_day(account, name)) is not None:
            account.deadlines[name] = close(day, account.zone)
        elif (at_ms := commercial.deadline_at(account, name)) is not None:
            account.deadlines[name] = at_ms


def _profile(account: Account, event: Json) -> None:
    account.zone = event.get("timezone", account.zone)
    account.touch_model = event.get("touch_model", account.touch_model)
    account.strategic = event.get("strategic", account.strategic)
    account.acv = event.get("acv", account.acv)
    account.mrr = event.get("mrr", account.mrr)
    account.csm = event.get("csm", account.csm)
    account.executive = event.get("account_executive", account.executive)
    account.key_features = event.get("key_features", account.key_features)


def _tickets(account: Account, event: Json, place: Place, time_ms: int, now_ms: int) -> list[Fired]:
    kind = event["type"]
    if kind == "ticket.created":
        return support.ticket_created(account, event, place, time_ms, now_ms)
    if kind == "ticket.priority_changed":
        return support.priority_changed(account, event, time_ms, now_ms)
    if kind == "ticket.reopened":
        return support.ticket_reopened(account, event, place, time_ms, now_ms)
    if kind == "ticket.escalated":
        return support.ticket_escalated(account, event, place, time_ms, now_ms)
    if kind in ("ticket.resolved", "ticket.closed"):
        support.ticket_over(account, event, time_ms)
    return []


def _billing(account: Account, event: Json, time_ms: int, now_ms: int) -> list[Fired]:
    kind = event["type"]
    if kind in ("contract.started", "contract.renewed"):
        return commercial.contract_stated(account, event, time_ms, now_ms)
    if kind == "contract.ended":
        commercial.contract_ended(account, event)
    elif kind == "renewal.confidence":
        return commercial.confidence_stated(account, event, time_ms, now_ms)
    elif kind == "invoice.issued":
        commercial.invoice_issued(account, event, time_ms)
    elif kind in ("invoice.paid", "invoice.voided"):
        commercial.invoice_settled(account, event, time_ms)
    elif kind == "invoice.payment_failed":
        return commercial.payment_failed(account, event, time_ms, now_ms)
    return []


def _engagement(account: Account, event: Json, time_ms: int, now_ms: int) -> list[Fired]:
    if event["type"] in ("meeting.scheduled", "meeting.held") and event.get("kind") == "kickoff":
        account.kickoffs.append(time_ms)
    return []


def _feedback(account: Account, event: Json, time_ms: int, now_ms: int) -> list[Fired]:
    return []


_DISPATCH = {"accounts": _accounts, "billing": _billing, "engagement": _engagement, "feedback": _feedback}
