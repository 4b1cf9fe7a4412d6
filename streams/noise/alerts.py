"""What the rules would have said of a stream of events, account by account."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from schemas.events.event import Event
from schemas.records.decision import Reason
from streams.processing.effects import Decide, Raise
from streams.processing.processor import Processor
from streams.signals.driver import Driver

_TOLD_EVERY = 1000
_TURNS = ("account.churned", "account.reactivated", "account.created")


@dataclass(slots=True)
class Watched:
    """One account: from its first event until it churned for good or the events end, and when each rule raised, in ms."""

    first_ms: int
    end_ms: int = 0
    churned: bool = False
    alerts: dict[str, list[int]] = field(default_factory=dict)
    events: dict[str, list[int]] = field(default_factory=dict)  # times of the types asked for


def watch(
    processor: Processor, events: Iterable[Event], kept_types: frozenset[str], progress: Callable[[int], object]
) -> dict[str, Watched]:
    """Apply the events in their order, deadlines in between, and deadlines up to the last event of all.

    Feeds count as alive all the time. Memory is the state of the accounts, not the events.
    """
    drivers: dict[str, Driver] = {}
    accounts: dict[str, Watched] = {}
    last_ms = 0
    for number, event in enumerate(events):
        driver = drivers.get(event.account_id)
        if driver is None:
            driver = drivers[event.account_id] = Driver(processor, event.account_id)
            accounts[event.account_id] = Watched(event.time_ms)
        driver.run((event,))
        last_ms = max(last_ms, event.time_ms)
        if event.type in kept_types or event.type in _TURNS:
            _note(accounts[event.account_id], event, kept_types)
        if driver.happened:
            _take(driver, accounts[event.account_id])
        if number % _TOLD_EVERY == 0:
            progress(number)
    for account_id, driver in drivers.items():
        account = accounts[account_id]
        if not account.churned:
            account.end_ms = last_ms
            driver.run((), last_ms)
            _take(driver, account)
    return accounts


def _note(account: Watched, event: Event, kept_types: frozenset[str]) -> None:
    if event.type in kept_types:
        account.events.setdefault(event.type, []).append(event.time_ms)
    if event.type in _TURNS:
        account.churned, account.end_ms = event.type == "account.churned", event.time_ms


def _take(driver: Driver, account: Watched) -> None:
    for now_ms, effect in driver.happened:
        if isinstance(effect, Raise):
            account.alerts.setdefault(effect.trigger.rule, []).append(now_ms)
        elif isinstance(effect, Decide) and effect.decision.reason is Reason.EXPERIMENTAL and effect.decision.rule is not None:
            account.alerts.setdefault(effect.decision.rule, []).append(now_ms)  # a rule on trial: this is what it would have said
    driver.happened.clear()
