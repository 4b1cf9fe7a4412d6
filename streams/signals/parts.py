"""Whether the parts of a composite condition hold at a moment."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from plays.rules.book import CompiledRule
from plays.rules.detectors.any_kind import AnyParameters
from plays.rules.parts import EventPart, Part
from schemas.records.trigger import Evidence, Scalar
from streams.signals import usage
from streams.signals.calendar import DAY_MS
from streams.signals.context import Context
from streams.signals.day_close import DayClose
from streams.signals.measures.measure import Measure
from streams.signals.measures.registry import MEASURES
from streams.signals.series import Found, SeriesOf, records_of, series_key, within


class Look(NamedTuple):
    """What a part was at a moment, for the evidence."""

    holds: bool
    words: str
    facts: dict[str, Scalar]
    found: tuple[Found, ...] = ()  # the events it rests on


_FAILS = Look(False, "", {})


class Parts:
    """The parts of one rule: what may change them, and how they stand."""

    def __init__(self, parts: tuple[Part, ...]) -> None:
        measures = [MEASURES[part.measure] for part in parts if not isinstance(part, EventPart)]
        events = [part.event for part in parts if isinstance(part, EventPart)]
        self._parts: tuple[tuple[Part, Measure | None, str], ...] = tuple(
            (part, None, series_key(part.event, None)) if isinstance(part, EventPart) else (part, MEASURES[part.measure], "")
            for part in parts
        )
        self.of_health = any(measure.of_health for measure in measures)
        self.types = frozenset(match.type for match in events).union(*(measure.types for measure in measures))
        self.daily = any(measure.daily for measure in measures)
        self.daily_awake = any(measure.daily and measure.not_before is None for measure in measures)
        self._slow = tuple(
            (part, measure.not_before)
            for part, measure, _ in self._parts
            if measure is not None and measure.not_before is not None and not isinstance(part, EventPart)
        )
        self._quick = tuple(one for one in self._parts if one[1] is None or one[1].not_before is None)
        self.sleeps = bool(self._slow)
        self.series_of: tuple[SeriesOf, ...] = tuple((series_key(match, None), match, None) for match in events)

    def all_hold(self, context: Context, at_ms: int, close: DayClose | None = None) -> list[Look] | None:
        """The looks at all parts, if every one holds at `at_ms`; None at the first that does not."""
        looks: list[Look] = []
        for part, measure, key in self._parts:
            look, close = self._look(context, at_ms, close, part, measure, key)
            if not look.holds:
                return None
            looks.append(look)
        return looks

    def not_before(self, context: Context, close: DayClose) -> list[int]:
        """Of each part that moves slowly, the first day after that of the close at whose close it may hold."""
        return [first(context, close, part) for part, first in self._slow]

    def any_holds(self, context: Context, at_ms: int, close: DayClose | None = None, *, slow: bool = True) -> list[Look] | None:
        """The looks at the parts that hold at `at_ms`; None where none does. `slow`: also at those that move slowly."""
        looks: list[Look] = []
        for part, measure, key in self._parts if slow else self._quick:
            look, close = self._look(context, at_ms, close, part, measure, key)
            if look.holds:
                looks.append(look)
        return looks or None

    def _look(
        self, context: Context, at_ms: int, close: DayClose | None, part: Part, measure: Measure | None, key: str
    ) -> tuple[Look, DayClose | None]:
        if isinstance(part, EventPart):
            return _event(context, at_ms, part, key), close
        assert measure is not None
        if close is None:
            close = usage.closed(context.cells, at_ms, 1)
        reading = measure.read(context, close)
        if not part.holds(reading.value):
            return _FAILS, close
        facts: dict[str, Scalar] = {part.measure: reading.value, **reading.facts}
        return Look(True, f"{part.measure} {_said(reading.value)}", facts), close


class PartsBySegment:
    """The parts of one rule with the bounds of the account's segments. What may change them is the same for all: `stated`."""

    def __init__(self, compiled: CompiledRule, parts_of: Callable[[AnyParameters], tuple[Part, ...]]) -> None:
        self._compiled = compiled
        self._parts_of = parts_of
        self.stated = Parts(parts_of(compiled.rule.detector))
        self._by_path: dict[tuple[str, ...], Parts] = {}

    def of(self, context: Context) -> Parts:
        """Those of the account's segments now."""
        if not self._compiled.layers:
            return self.stated
        path = context.path
        found = self._by_path.get(path)
        if found is None:
            found = self._by_path[path] = Parts(self._parts_of(self._compiled.parameters(path)))
        return found


def _event(context: Context, at_ms: int, part: EventPart, key: str) -> Look:
    times = context.times(key)
    if not times:
        return _FAILS
    found = within(times, at_ms - part.within * DAY_MS + 1, at_ms + 1)
    return Look(bool(found), f"{part.event.type} within {part.within} days", {}, ((part.event.type, found),))


def with_looks(evidence: Evidence, looks: Iterable[Look]) -> Evidence:
    """The evidence, and beside it what the parts were: their facts, and the records of their events."""
    facts: dict[str, Scalar] = dict(evidence.facts)
    found: list[Found] = []
    for look in looks:
        facts |= look.facts
        found.extend(look.found)
    sources, left_out = records_of(found)
    sources = tuple({(one.topic, one.partition, one.offset): one for one in (*evidence.sources, *sources)}.values())
    return evidence.model_copy(update={"facts": {**facts, **left_out}, "sources": sources})


def _said(value: float | bool | str | None) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, int | float) else str(value)
