"""Takes measured results for the customer into what each month has brought."""

import re

import msgspec

from schemas.events.event import Event
from schemas.records.trigger import SourceRef
from streams.processing.account import PROFILE
from streams.processing.bounded import drop_first
from streams.processing.cell import Cell
from streams.processing.cells import Cells
from streams.signals.calendar import calendar_of, day_name, months_after

KEPT_MONTHS = 3
MAX_METRICS = 20
MAX_RECORDS = 40
_PERIOD = re.compile(r"(\d{4}-(?:0[1-9]|1[0-2]))(-\d\d)?")


class Result(msgspec.Struct, array_like=True, gc=False):
    """What a month has brought by one metric. `told_ms`: when it was last told; `first_ms`: when first, as it came; `whole`: told
    for the month as a whole.

    `records`: (partition, offset) on the topic of product usage of what it rests on; the newest forty.
    """

    value: float = 0.0
    unit: str | None = None
    told_ms: int = -1
    first_ms: int = -1
    whole: bool = False
    records: list[tuple[int, int]] = []

    def sources(self, topic: str = "product-usage") -> tuple[SourceRef, ...]:
        """The records the figure rests on."""
        return tuple(SourceRef(topic=topic, partition=partition, offset=offset) for partition, offset in self.records)


class Results(msgspec.Struct, array_like=True, gc=False):
    """Results by month (`2026-03`) and metric: those of the newest three months, twenty metrics each."""

    by_month: dict[str, dict[str, Result]] = {}


def _trim(results: Results) -> int:
    return drop_first(results.by_month)


RESULTS: Cell[Results] = Cell("results", Results, version=1, trim=_trim)


def fold_result(cells: Cells, event: Event) -> None:
    """value.measured: a figure for a month replaces the one before; figures for days, or without a period, add up.

    `period` names the month (`2026-03`) or the day; without one it is the month of the account in which the event happened.
    A month that has not begun, and one that is long gone, are mistakes.
    """
    data = event.data
    match = _PERIOD.fullmatch(str(data.get("period", "")))
    whole = match is not None and match[2] is None
    today = calendar_of(cells[PROFILE].timezone).day_of(event.time_ms)
    present, oldest = day_name(today)[:7], day_name(months_after(today, 1 - KEPT_MONTHS))[:7]
    month, metric, value = present if match is None else match[1], data["metric"], float(data["value"])
    if not oldest <= month <= present:
        return
    by_month = cells.edit(RESULTS).by_month
    results = by_month.setdefault(month, {})
    if len(by_month) > KEPT_MONTHS:
        del by_month[min(by_month)]
    if metric not in results and len(results) >= MAX_METRICS:
        return
    result = results.setdefault(metric, Result(first_ms=event.time_ms))
    if whole and (not result.whole or (event.time_ms, value) >= (result.told_ms, result.value)):
        result.value, result.whole, result.records = value, True, [(event.partition, event.offset)]
    elif not whole and not result.whole:
        result.value += value
        result.records = [*result.records, (event.partition, event.offset)][-MAX_RECORDS:]
    result.unit = data.get("unit", result.unit)
    result.told_ms = max(result.told_ms, event.time_ms)
