"""Times at which somebody is away."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, field_validator, model_validator

_ONE_DAY = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class Span(NamedTuple):
    """`[start_ms, end_ms)`, ms since the epoch, UTC."""

    start_ms: int
    end_ms: int


class Absence(BaseModel):
    """Days from `first` to `last`, both included, in the person's own timezone; or moments with an offset, up to but not at `last`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    first: date | datetime
    last: date | datetime

    @field_validator("first", "last", mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value  # YAML has read the date already
        try:
            return date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
        except ValueError:
            raise ValueError(f"{value[:40]!r} is no date: write 2026-08-03, or 2026-08-03T10:00:00Z for a moment") from None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if isinstance(self.first, datetime) != isinstance(self.last, datetime):
            raise ValueError("one end is a day and the other a moment: write two days, or two moments")
        for end in (self.first, self.last):
            if isinstance(end, datetime) and end.tzinfo is None:
                raise ValueError("a moment needs an offset: write 2026-08-03T10:00:00Z, or 2026-08-03T10:00:00+02:00")
            if not 1970 <= end.year <= 9000:
                raise ValueError("the year lies outside 1970 to 9000")
        if self.last < self.first:
            raise ValueError("the absence ends before it begins: exchange `first` and `last`")
        return self

    @classmethod
    def parse(cls, text: str) -> Self:
        """`2026-08-03/2026-08-14`, or one day, or two moments. Raises ValueError (pydantic's) with the form that is expected."""
        first, slash, last = text.partition("/")
        return cls.model_validate({"first": first.strip(), "last": last.strip() if slash else first.strip()})

    def span(self, zone: ZoneInfo) -> Span:
        """When that is. A midnight that the clocks skip is the moment they do."""
        if isinstance(self.first, datetime) and isinstance(self.last, datetime):
            return Span(_ms(self.first), _ms(self.last))
        return Span(_ms(datetime.combine(self.first, time(), zone)), _ms(datetime.combine(self.last + _ONE_DAY, time(), zone)))


def _ms(moment: datetime) -> int:
    return (moment - _EPOCH) // _MILLISECOND
