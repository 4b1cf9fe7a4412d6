"""What is done about a trigger: the part of a rule, besides its detector's figures, that may differ by segment."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from plays.runs.roles import parse_role
from schemas.records.trigger import Priority


def _owner(text: str) -> str:
    parse_role(text)
    return text


PlayId = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+$")]
Sla = Annotated[str, Field(pattern=r"^(-|\d{1,5}(m|h|d)|\d{1,3}(bh|bd)|until day \d{1,4})$")]


class Answer(BaseModel):
    """What an override may set of it; None leaves it as it is. Raises `ValueError` for an owner role that is not understood."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    play: PlayId | None = None
    owner: Annotated[str, AfterValidator(_owner)] | None = None
    sla: Sla | None = None
    priority: Priority | None = None


ANSWERS = frozenset(Answer.model_fields)
