"""Which events a rule speaks of."""

import operator
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Annotated, Any, get_type_hints

from pydantic import BaseModel, ConfigDict, Field

from plays.problem import Problem
from plays.rules.scales import bounds, scale_of, scaled
from schemas.events.registry import KINDS

Word = str | bool | int | float


@cache
def fields_of(event_type: str) -> frozenset[str]:
    """Names of the fields an event of this type may have; none of a type nobody publishes."""
    return frozenset(name for kind in KINDS if kind.name == event_type for name in get_type_hints(kind.model))


class EventMatch(BaseModel):
    """Events of `type` whose fields equal `where` (one value, or any of a list). A field that is absent equals nothing.

    `at_most`, `at_least`, `above` bound figures; with `scaled` a survey's `score` is first brought onto that scale. `missing`: at
    least one of these fields is not there; `present`: all of these are.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Annotated[str, Field(pattern=r"^[a-z_]+\.[a-z_]+$")]
    where: dict[str, Word | tuple[Word, ...]] = {}
    at_most: dict[str, float] = {}
    at_least: dict[str, float] = {}
    above: dict[str, float] = {}
    scaled: str | None = None
    missing: tuple[str, ...] = ()
    present: tuple[str, ...] = ()

    def problems(self) -> Iterator[Problem]:
        """An event type or a field that nobody publishes."""
        kinds = [kind for kind in KINDS if kind.name == self.type]
        if not kinds:
            yield Problem(("type",), f"no event type {self.type!r}", "use a type of the event catalogue")
        for part in ("where", "at_most", "at_least", "above", "missing", "present"):
            for field in getattr(self, part):
                if kinds and field not in fields_of(self.type):
                    yield Problem((part, field), f"{self.type} has no field {field!r}", "use a field of the event")
        if self.scaled is not None:
            try:
                bounds(self.scaled)
            except ValueError as error:
                yield Problem(("scaled",), str(error), "write the scale that the bound is on")
            if "score" not in (*self.at_most, *self.at_least, *self.above):
                yield Problem(("scaled",), "`scaled` is about `score`, which is not bounded", "bound `score`, or remove `scaled`")

    @property
    def key(self) -> str:
        """A name for exactly the events that are meant."""
        where = ",".join(f"{name}={value}" for name, value in sorted(self.where.items()))
        more = [f"{name}<={bound:g}" for name, bound in sorted(self.at_most.items())]
        more += [f"{name}>={bound:g}" for name, bound in sorted(self.at_least.items())]
        more += [f"{name}>{bound:g}" for name, bound in sorted(self.above.items())]
        more += [f"@{self.scaled}"] if self.scaled is not None else []
        more += [f"!{name}" for name in self.missing] + [f"+{name}" for name in self.present]
        return f"{self.type}[{','.join([*([where] if where else []), *more])}]"

    def holds(self, data: Mapping[str, Any]) -> bool:
        """Whether an event of this type with this data is meant."""
        for field, wanted in self.where.items():
            value = data.get(field)
            if value is None or (value not in wanted if isinstance(wanted, tuple) else value != wanted):
                return False
        if self.missing and all(data.get(field) is not None for field in self.missing):
            return False
        if self.present and any(data.get(field) is None for field in self.present):
            return False
        return self._bounded(data) if self.at_most or self.at_least or self.above else True

    def figure(self, data: Mapping[str, Any]) -> tuple[float, float, str] | None:
        """Where one figure is bounded: what it is, the bound, and its unit, the field's name or the scale of a score."""
        bounded = [*self.at_most.items(), *self.at_least.items(), *self.above.items()]
        if len(bounded) != 1:
            return None
        field, bound = bounded[0]
        value = self._figure(data, field)
        unit = f"on {self.scaled}" if field == "score" and self.scaled is not None else field
        return None if value is None else (value, bound, unit)

    def _bounded(self, data: Mapping[str, Any]) -> bool:
        for bounds_of, fits in ((self.at_most, operator.le), (self.at_least, operator.ge), (self.above, operator.gt)):
            for field, bound in bounds_of.items():
                value = self._figure(data, field)
                if value is None or not fits(value, bound):
                    return False
        return True

    def _figure(self, data: Mapping[str, Any], field: str) -> float | None:
        value: float | None = data.get(field)
        if value is None or field != "score" or self.scaled is None:
            return value
        return scaled(value, scale_of(data), self.scaled)
