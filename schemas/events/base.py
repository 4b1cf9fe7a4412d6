"""Field types shared by all events, and the envelope every event has.

Constraints run inside the validator's own compiled code: no Python function is called per field, so they cost next to nothing.
"""

from datetime import date, datetime
from typing import Annotated, Any, Required

from pydantic import ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema
from typing_extensions import TypedDict

NAME_MAX = 256
TEXT_MAX = 4000
LIST_MAX = 500
NUMBER_MAX = 1e15

CONFIG = ConfigDict(extra="ignore", strict=True, allow_inf_nan=False)

OTHER = "other"

_DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"


class OpenEnum:
    """A set of known words that may grow at the publisher's side: an unknown word becomes `other`, a non-string is an error."""

    def __init__(self, *known: str) -> None:
        self.known = known

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        other = core_schema.with_default_schema(core_schema.literal_schema([OTHER]), default=OTHER, on_error="default")
        return core_schema.union_schema(
            [
                core_schema.literal_schema([*self.known, OTHER]),
                core_schema.chain_schema([core_schema.str_schema(strict=True, max_length=NAME_MAX), other]),
            ],
            mode="left_to_right",
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {
            "type": "string",
            "maxLength": NAME_MAX,
            "examples": list(self.known),
            "description": f"One of {', '.join(self.known)}; any other word is read as `{OTHER}`.",
        }


class Rfc3339:
    """A date and time as text, with offset. Digits alone ("1700000000") are refused: whether they count seconds is a guess."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        text = core_schema.str_schema(strict=True, max_length=40, pattern=f"^{_DATE}[Tt ][0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}")
        return core_schema.chain_schema([text, core_schema.datetime_schema(strict=False, tz_constraint="aware")])

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "format": "date-time"}


class CalendarDate:
    """A date as text: YYYY-MM-DD and nothing else."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        text = core_schema.str_schema(strict=True, pattern=f"^{_DATE}$")
        return core_schema.chain_schema([text, core_schema.date_schema(strict=False)])

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "format": "date"}


Name = Annotated[str, Field(min_length=1, max_length=NAME_MAX)]
"""An id or a name: 1 to 256 characters."""
Word = Annotated[str, Field(max_length=NAME_MAX)]
"""A short text that may be empty."""
Text = Annotated[str, Field(max_length=TEXT_MAX)]
"""A comment or note: at most 4,000 characters."""
Names = Annotated[list[Name], Field(max_length=LIST_MAX)]
"""At most 500 ids or names."""
Number = Annotated[float, Field(ge=-NUMBER_MAX, le=NUMBER_MAX)]
"""Any finite figure up to 10^15 in size."""
Amount = Annotated[float, Field(ge=0, le=NUMBER_MAX)]
"""A figure that cannot be negative: money, a cumulative counter, a quantity."""
Count = Annotated[int, Field(ge=0, le=10**9)]
"""A whole number of things."""
Term = Annotated[int, Field(ge=1, le=1200)]
"""Length of a contract in months."""
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]
"""ISO 4217 code; USD where it is left out."""
Scale = Annotated[str, Field(pattern=r"^-?\d{1,6}(\.\d{1,3})?-\d{1,6}(\.\d{1,3})?$")]
"""Range of a score, lowest-highest: `0-10`, `1-5`, `-1-1`."""
Timestamp = Annotated[datetime, Rfc3339()]
"""RFC 3339 with an offset."""
Day = Annotated[date, CalendarDate()]
"""YYYY-MM-DD."""

Priority = Annotated[str, OpenEnum("P1", "P2", "P3", "P4")]
Actor = Annotated[str, OpenEnum("human", "api", "staff")]
ContactRole = Annotated[str, OpenEnum("champion", "decision_maker", "executive_sponsor", "team_lead", "technical_admin", "user")]
Grade = Annotated[str, OpenEnum("low", "medium", "high")]
Sentiment = Annotated[str, OpenEnum("positive", "neutral", "negative")]
TouchModel = Annotated[str, OpenEnum("high", "mid", "tech")]
SurveyKind = Annotated[str, OpenEnum("nps", "csat", "ces")]
HealthRating = Annotated[str, OpenEnum("healthy", "at_risk", "critical")]


class Fact(TypedDict, total=False):
    """What every event has, heartbeats included."""

    event_id: Required[Name]
    occurred_at: Required[Timestamp]
    source: Required[Name]


class Envelope(Fact, total=False):
    """What every event about an account has."""

    account_id: Required[Name]
