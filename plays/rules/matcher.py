"""Which events a rule speaks of."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, get_type_hints

from pydantic import BaseModel, ConfigDict, Field

from plays.problem import Problem
from schemas.events.registry import KINDS

Word = str | bool | int | float


class EventMatch(BaseModel):
    """Events of `type` whose fields equal `where` (one value, or any of a list). A field that is absent equals nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Annotated[str, Field(pattern=r"^[a-z_]+\.[a-z_]+$")]
    where: dict[str, Word | tuple[Word, ...]] = {}

    def problems(self) -> Iterator[Problem]:
        """An event type or a field that nobody publishes."""
        kinds = [kind for kind in KINDS if kind.name == self.type]
        if not kinds:
            yield Problem(("type",), f"no event type {self.type!r}", "use a type of the event catalogue")
        for field in self.where:
            if kinds and field not in get_type_hints(kinds[0].model):
                yield Problem(("where", field), f"{self.type} has no field {field!r}", "use a field of the event")

    def holds(self, data: Mapping[str, Any]) -> bool:
        """Whether an event of this type with this data is meant."""
        for field, wanted in self.where.items():
            value = data.get(field)
            if value is None or (value not in wanted if isinstance(wanted, tuple) else value != wanted):
                return False
        return True
