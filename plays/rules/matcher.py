"""Which events a rule speaks of."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Word = str | bool | int | float


class EventMatch(BaseModel):
    """Events of `type` whose fields equal `where` (one value, or any of a list). A field that is absent equals nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Annotated[str, Field(pattern=r"^[a-z_]+\.[a-z_]+$")]
    where: dict[str, Word | tuple[Word, ...]] = {}

    def holds(self, data: Mapping[str, Any]) -> bool:
        """Whether an event of this type with this data is meant."""
        for field, wanted in self.where.items():
            value = data.get(field)
            if value is None or (value not in wanted if isinstance(wanted, tuple) else value != wanted):
                return False
        return True
