"""What a customer has used in the term of a contract."""

from collections.abc import Mapping

from schemas.records.trigger import Scalar
from streams.signals import usage
from streams.signals.calendar import day_name
from streams.signals.context import Context
from streams.signals.state import CONTRACTS, NEVER
from streams.signals.weeks import MONTH_DAYS, distinct, total_of_months

_PEOPLE_DAYS = 28


def usage_of_term(context: Context, contract_id: str, at_ms: int) -> dict[str, Scalar]:
    """Facts over the term up to the last complete day before `at_ms`; what is not known is left out.

    `usage_events` are those from `usage_since` on: usage is kept by stretches of 28 days, so that this is the first day of the
    first one that begins in the term and in which we know of usage. `active_users` are distinct people of the last 28 days;
    `features` have been used or activated so far.
    """
    contract = context.cells[CONTRACTS].by_id.get(contract_id)
    facts: dict[str, Scalar] = {}
    if contract is None:
        return facts
    if contract.acv is not None:
        facts["acv"] = contract.acv
    start = context.profile.first_contract_start_day if contract.start_day is None else contract.start_day
    if start is not None:
        facts["term_start"] = day_name(start)
    close = usage.closed(context.cells, at_ms, 1)
    months = close.weeks.months
    first = max(min(months, default=NEVER), 0 if start is None else -(-start // MONTH_DAYS))
    if first * MONTH_DAYS > close.day:
        return facts
    facts["usage_since"] = day_name(first * MONTH_DAYS)
    facts["usage_events"] = total_of_months(close.weeks, first)
    facts["active_users"] = distinct(close.weeks, close.day - _PEOPLE_DAYS + 1, close.day)
    facts["features"] = len(close.weeks.features)
    return facts


def in_words(facts: Mapping[str, Scalar]) -> str:
    """The same for people, after a semicolon; empty where nothing is known of any usage."""
    if "usage_events" not in facts:
        return ""
    return (
        f"; since {facts['usage_since']} it was used {facts['usage_events']:,} times, "
        f"in the last four weeks by {facts['active_users']} people, with {facts['features']} features so far"
    )
