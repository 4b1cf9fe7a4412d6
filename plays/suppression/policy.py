"""What keeps a play from beginning or a message from going out for a while. `docs/suppression.md` explains it to authors."""

from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from plays.policy.segments import SegmentName
from plays.problem import Problem
from plays.rules.amounts import Days
from plays.rules.rule import Concern
from plays.suppression.moments import At, TimeOfDay, zone_of
from schemas.records.trigger import Priority

Name = Annotated[str, Field(min_length=3, max_length=80)]
Why = Annotated[str, Field(min_length=5, max_length=300)]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

LIMIT_MAX = 20
"""Largest contact budget: state remembers so many touches of a contact and of an account, whatever the policy says."""
WINDOW_MAX_DAYS = 90

_CONFIG = ConfigDict(extra="forbid", frozen=True)


class Kinds(BaseModel):
    """Plays by what they are about: all that are given must hold."""

    model_config = _CONFIG

    concerns: tuple[Concern, ...] = ()
    priorities: tuple[Priority, ...] = ()

    def holds(self, concern: str, priority: str) -> bool:
        """Whether it is one of them."""
        return (not self.concerns or concern in self.concerns) and (not self.priorities or priority in self.priorities)


class Inhibition(BaseModel):
    """While the account has an open run that is as `while_open` says, nothing that is as one of `mute` says begins or is sent."""

    model_config = _CONFIG

    name: Name
    reason: Why
    while_open: Kinds
    mute: Annotated[tuple[Kinds, ...], Field(min_length=1)]


class Silence(BaseModel):
    """Muted by hand until `expires`: what matches all that is given of accounts, rules, plays and segments.

    What it held is judged again when it is over, unless `drop` says that it is not to be kept at all.
    """

    model_config = _CONFIG

    name: Name
    author: Annotated[str, Field(min_length=2, max_length=100)]
    reason: Why
    starts: At | None = None
    expires: At
    accounts: tuple[Annotated[str, Field(min_length=1, max_length=200)], ...] = ()
    rules: tuple[Annotated[str, Field(min_length=1, max_length=60)], ...] = ()
    plays: tuple[Annotated[str, Field(min_length=1, max_length=60)], ...] = ()
    segments: tuple[SegmentName, ...] = ()
    drop: bool = False


class ContactBudget(BaseModel):
    """At most so many touches of one contact and of one account in any `window`, but for P1 and priorities that are `exempt`."""

    model_config = _CONFIG

    window: Annotated[Days, Field(le=WINDOW_MAX_DAYS)]
    per_contact: Annotated[int, Field(ge=1, le=LIMIT_MAX)]
    per_account: Annotated[int, Field(ge=1, le=LIMIT_MAX)]
    exempt: tuple[Priority, ...] = ()


class QuietHours(BaseModel):
    """From `starts` to `ends` (which may be the next day) and on `days_off` no customer is written to, by their own clocks.

    `zone` stands in for accounts whose timezone is not known. P1 and what is `exempt` does not wait.
    """

    model_config = _CONFIG

    starts: TimeOfDay
    ends: TimeOfDay
    days_off: tuple[Weekday, ...] = ()
    zone: str = "UTC"
    exempt: tuple[Priority, ...] = ()


class Maintenance(BaseModel):
    """From `starts` to `ends` nothing begins and nothing is sent, of no priority; narrowed down to segments or regions."""

    model_config = _CONFIG

    name: Name
    reason: Why
    starts: At
    ends: At
    segments: tuple[SegmentName, ...] = ()
    regions: tuple[Annotated[str, Field(min_length=1, max_length=60)], ...] = ()


class SuppressionPolicy(BaseModel):
    """`suppression.yaml`. `requests_max_hold`: how long a trigger raised by others is held at most; our own rules say it themselves."""

    model_config = _CONFIG

    inhibitions: tuple[Inhibition, ...] = ()
    silences: tuple[Silence, ...] = ()
    contact_budget: ContactBudget | None = None
    quiet_hours: QuietHours | None = None
    maintenance: tuple[Maintenance, ...] = ()
    requests_max_hold: Days = 14

    def problems(self) -> Iterator[Problem]:
        """What is wrong although each field by itself is right."""
        for group in ("inhibitions", "silences", "maintenance"):
            yield from _names_twice(group, [one.name for one in getattr(self, group)])
        for index, inhibition in enumerate(self.inhibitions):
            yield from _inhibition_problems(("inhibitions", index), inhibition)
        for index, silence in enumerate(self.silences):
            yield from _silence_problems(("silences", index), silence)
        for index, window in enumerate(self.maintenance):
            if window.ends <= window.starts:
                what = f"maintenance {window.name!r} ends before it begins"
                yield Problem(("maintenance", index, "ends"), what, "exchange `starts` and `ends`")
        budget, quiet = self.contact_budget, self.quiet_hours
        if budget is not None and budget.per_account < budget.per_contact:
            what = f"an account gets {budget.per_account} touches, one contact of it {budget.per_contact}: that many never come"
            yield Problem(("contact_budget", "per_account"), what, "let `per_account` be at least `per_contact`")
        if quiet is not None:
            if quiet.starts == quiet.ends:
                yield Problem(
                    ("quiet_hours", "ends"), "quiet hours begin and end at the same time of day", "let them differ, or remove them"
                )
            if zone_of(quiet.zone) is None:
                yield Problem(
                    ("quiet_hours", "zone"), f"no timezone {quiet.zone!r}", "name one of the IANA database, such as Europe/Berlin"
                )
            if len(set(quiet.days_off)) == 7:
                yield Problem(("quiet_hours", "days_off"), "every day is off: nothing would ever be sent", "leave a day")

    def names_problems(self, segments: frozenset[str], rules: frozenset[str], plays: frozenset[str]) -> Iterator[Problem]:
        """Segments, rules and plays that there are not: a silence with a misspelt name would mute nothing.

        Names that look like no rule of a library may be those that other systems give to the triggers they ask for.
        """
        for index, silence in enumerate(self.silences):
            loc = ("silences", index)
            yield from _unknown((*loc, "segments"), "segment", silence.segments, segments)
            ours = tuple(name for name in silence.rules if _looks_like_a_rule(name))
            yield from _unknown((*loc, "rules"), "rule", ours, rules)
            yield from _unknown((*loc, "plays"), "play", silence.plays, plays)
        for index, window in enumerate(self.maintenance):
            yield from _unknown(("maintenance", index, "segments"), "segment", window.segments, segments)


NOTHING = SuppressionPolicy()
"""Nothing is ever suppressed."""


def _names_twice(group: str, names: list[str]) -> Iterator[Problem]:
    counts = Counter(names)
    for index, name in enumerate(names):
        if counts[name] > 1:
            what = f"{name!r} is there {counts[name]} times"
            yield Problem((group, index, "name"), what, "give each its own name: decisions say it")


def _inhibition_problems(loc: tuple[str | int, ...], one: Inhibition) -> Iterator[Problem]:
    if not (one.while_open.concerns or one.while_open.priorities):
        what = f"inhibition {one.name!r} is on while anything at all is open"
        yield Problem((*loc, "while_open"), what, "name priorities or concerns")
    for index, kinds in enumerate(one.mute):
        if "P1" in kinds.priorities:
            yield Problem((*loc, "mute", index, "priorities"), "a P1 is never inhibited", "take P1 out; to stop one, write a silence")
        if not (kinds.concerns or kinds.priorities):
            yield Problem((*loc, "mute", index), f"inhibition {one.name!r} mutes everything", "name concerns or priorities")


def _silence_problems(loc: tuple[str | int, ...], one: Silence) -> Iterator[Problem]:
    if not (one.accounts or one.rules or one.plays or one.segments):
        fix = "name accounts, rules, plays or segments; to stop everything, write a maintenance window"
        yield Problem(loc, f"silence {one.name!r} mutes everything", fix)
    if one.starts is not None and one.expires <= one.starts:
        yield Problem((*loc, "expires"), f"silence {one.name!r} expires before it starts", "exchange `starts` and `expires`")


def _unknown(loc: tuple[str | int, ...], what: str, names: tuple[str, ...], known: frozenset[str]) -> Iterator[Problem]:
    for index, name in enumerate(names):
        if name not in known:
            yield Problem((*loc, index), f"no {what} {name!r}", f"use one of {', '.join(sorted(known))}")


def _looks_like_a_rule(name: str) -> bool:
    return name[:1].isupper() and name[-1:].isdigit() and name.isalnum() and len(name) <= 6
