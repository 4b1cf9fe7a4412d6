"""Conformance vectors: business time that others can check themselves against. The form of `business-time.json`, version 1."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

Work = Annotated[int, Field(description="Working time in ms; may be negative.")]
HoursByDays = Annotated[
    Mapping[str, tuple[str, ...]],
    Field(description="Shifts by days (mon, mon-fri, daily): HH:MM-HH:MM on the wall; one that ends at or before its start, the next day."),
]


class _Stated(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class VectorCalendar(_Stated):
    """A calendar in full: holidays are dates, so that nothing else is needed. `special` days have hours of their own."""

    description: str
    timezone: Annotated[str, Field(description="An IANA timezone.")]
    hours: HoursByDays
    closed: Annotated[tuple[date, ...], Field(description="No shift begins on these dates.")] = ()
    special: Annotated[Mapping[date, tuple[str, ...]], Field(description="Shifts of these dates, whatever the rest says.")] = {}


class Source(_Stated):
    """`hand`: worked out by a person. `oracle`: by walking minute by minute. `published`: by somebody else, who, in what page, where."""

    kind: Literal["hand", "oracle", "published"]
    by: str | None = None
    title: str | None = None
    url: str | None = None


class _Vector(_Stated):
    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
    calendar: Annotated[str, Field(description="One of `calendars`.")]
    source: Source
    note: str | None = None


class Start(_Stated):
    """Where working time is added."""

    start: AwareDatetime
    work_ms: Work


class End(_Stated):
    """Where working time is subtracted."""

    end: AwareDatetime
    work_ms: Work


class Days(_Stated):
    """Where business days are added."""

    start: AwareDatetime
    days: Annotated[int, Field(ge=0)]


class At(_Stated):
    """A moment."""

    at: AwareDatetime


class FromTo(_Stated):
    """Two moments."""

    from_: Annotated[AwareDatetime, Field(alias="from")]
    to: AwareDatetime


class Add(_Vector):
    """The earliest moment with so much working time between the start and it."""

    operation: Literal["add"]
    input: Start
    expected: AwareDatetime


class Subtract(_Vector):
    """The latest moment with so much working time between it and the end."""

    operation: Literal["subtract"]
    input: End
    expected: AwareDatetime


class AddDays(_Vector):
    """The same time so many business days later, as `docs/business-time.md` has it."""

    operation: Literal["add_days"]
    input: Days
    expected: AwareDatetime


class NextOpen(_Vector):
    """The moment itself if it is working time, else the next opening."""

    operation: Literal["next_open"]
    input: At
    expected: AwareDatetime


class IsOpen(_Vector):
    """Whether a moment is working time; closing time is not."""

    operation: Literal["is_open"]
    input: At
    expected: bool


class Between(_Vector):
    """Working time in ms; negative where `to` is before `from`."""

    operation: Literal["between"]
    input: FromTo
    expected: int


class Intervals(_Vector):
    """The working time within [from, to) as intervals that do not touch."""

    operation: Literal["intervals"]
    input: FromTo
    expected: tuple[tuple[AwareDatetime, AwareDatetime], ...]


Vector = Annotated[Add | Subtract | AddDays | NextOpen | IsOpen | Between | Intervals, Field(discriminator="operation")]


class VectorFile(_Stated):
    """The whole file. `version` rises when readers have to change; vectors may be added without."""

    schema_: Annotated[str | None, Field(alias="$schema")] = None
    version: Literal[1]
    documentation: str | None = None
    calendars: Mapping[str, VectorCalendar]
    vectors: Annotated[tuple[Vector, ...], Field(min_length=1)]
