"""Timeline tests: what happens to one account, and what a rule must make of it. They stand beside the rules and are run with them."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from plays.problem import Problem

_WHEN = re.compile(r"d(\d+)(?:\.\.d?(\d+))?(?: (\d{1,2}):(\d\d)(?::(\d\d))?)?")
_SPACING = timedelta(minutes=1)


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _when(value: Any) -> Any:
    if isinstance(value, str) and _WHEN.fullmatch(value):
        return value
    if isinstance(value, str):
        try:
            if datetime.fromisoformat(value).tzinfo is not None:
                return value
        except ValueError:
            pass
    raise ValueError("write d3, d3 09:30, d0..d13 09:30 (local days and time) or an RFC 3339 time with offset")


When = Annotated[str, BeforeValidator(_when)]
"""`d3 09:30`: local time on the third day after the start; `d0..d13 09:30`: on each of those days; or an RFC 3339 time."""


class Happening(_Model):
    """Events of one type. `count` of them a day, a minute apart; `users` gives them user ids u1..un in turn."""

    at: When
    type: str
    data: dict[str, Any] = {}
    count: Annotated[int, Field(ge=0, le=5000)] = 1
    users: Annotated[int, Field(ge=1, le=5000)] | None = None


class ExpectedTrigger(_Model):
    """A trigger that must come; what is left out may be anything. `at` is the task time, `episode` and `act_by` local times too."""

    at: When | None = None
    subject: Annotated[str, Field(pattern=r"^[a-z_]+ .+$")] | None = None
    episode: When | None = None
    act_by: When | None = None
    observed: float | None = None
    baseline: float | None = None
    facts: dict[str, Any] = {}


class ExpectedClearing(_Model):
    """The end of an episode that must come; what is left out may be anything. `at` is the event time of what ended it."""

    at: When | None = None
    subject: Annotated[str, Field(pattern=r"^[a-z_]+ .+$")] | None = None
    episode: When | None = None
    expired: bool = False


class ExpectedDecision(_Model):
    """A decision that must come."""

    at: When | None = None
    reason: str


class Case(_Model):
    """One account's story. `fires` says which triggers come, in order, and none else; `decisions` and `clears` likewise, if given."""

    name: Annotated[str, Field(min_length=1)]
    kind: Literal["fires", "silent", "boundary"]
    start: date = date(2026, 3, 2)
    profile: dict[str, Any] = {}
    events: tuple[Happening, ...] = ()
    until: When | None = None
    fires: tuple[ExpectedTrigger, ...] = ()
    decisions: tuple[ExpectedDecision, ...] | None = None
    clears: tuple[ExpectedClearing, ...] | None = None

    @property
    def timezone(self) -> str:
        """The account's zone, in which relative times are meant."""
        return str(self.profile.get("timezone", "UTC"))

    def moments(self, when: str) -> Iterator[datetime]:
        """The instants a time of this case means, UTC."""
        match = _WHEN.fullmatch(when)
        if match is None:
            yield datetime.fromisoformat(when).astimezone(UTC)
            return
        first, last, hour, minute, second = (None if group is None else int(group) for group in match.groups())
        assert first is not None
        for day in range(first, (first if last is None else last) + 1):
            at = time(hour or 0, minute or 0, second or 0, tzinfo=ZoneInfo(self.timezone))
            yield datetime.combine(self.start + timedelta(days=day), at).astimezone(UTC)

    def moment(self, when: str) -> datetime:
        """The instant a time of this case means; the first of several."""
        return next(self.moments(when))

    def payloads(self) -> list[dict[str, Any]]:
        """All events as they would arrive, ordered by time: the profile first, at the start."""
        events: list[tuple[datetime, str, dict[str, Any]]] = []
        if self.profile:
            events.append((self.moment("d0"), "account.updated", self.profile))
        for happening in self.events:
            for at in self.moments(happening.at):
                for index in range(happening.count):
                    user = {} if happening.users is None else {"user_id": f"u{index % happening.users + 1}"}
                    events.append((at + index * _SPACING, happening.type, {**user, **self._data(happening.data)}))
        events.sort(key=lambda event: event[0])
        return [
            {"event_id": f"e{index}", "type": name, "account_id": "acme", "source": "timeline", "occurred_at": at.isoformat(), **data}
            for index, (at, name, data) in enumerate(events)
        ]

    def _data(self, data: dict[str, Any]) -> dict[str, Any]:
        # Dates may be written as days of the story, so that a case reads without a calendar.
        return {name: self._dated(value) for name, value in data.items()}

    def _dated(self, value: Any) -> Any:
        if isinstance(value, str) and (match := re.fullmatch(r"d(-?\d+)", value)):
            return (self.start + timedelta(days=int(match[1]))).isoformat()
        return value.isoformat() if isinstance(value, date) else value


class Timeline(_Model):
    """The cases of one rule: at least one that fires, one that stays silent, one at the boundary."""

    rule: str
    cases: Annotated[tuple[Case, ...], Field(min_length=3)]

    def problems(self) -> Iterator[Problem]:
        """What is wrong although each field by itself is right."""
        for index, case in enumerate(self.cases):
            if (case.kind == "silent" and case.fires) or (case.kind == "fires" and not case.fires):
                what = f"case {case.name!r} is of kind {case.kind} and expects {len(case.fires)} triggers"
                yield Problem(("cases", index, "kind"), what, "correct the kind, or what it expects")
        for kind in ("fires", "silent", "boundary"):
            if all(case.kind != kind for case in self.cases):
                yield Problem(("cases",), f"no case of kind {kind}", "add one")
