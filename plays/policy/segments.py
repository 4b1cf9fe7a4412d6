"""The segment tree: every account has one path through it, and rules speak of its names."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Annotated, Any, NamedTuple, get_args

from pydantic import BaseModel, ConfigDict, Field

from plays.policy.closures import NEVER_CLOSED, ClosedDays
from plays.policy.touch import TouchBands, TouchModel
from plays.problem import Problem

SegmentName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=60)]


_TOUCH_MODELS = frozenset(get_args(TouchModel))


class Facts(NamedTuple):
    """What a segment may ask about an account; None is unknown and matches nothing."""

    touch_model: str = "tech"
    tier: str | None = None
    industry: str | None = None
    region: str | None = None
    plan_type: str | None = None
    strategic: bool = False
    acv: float | None = None
    seats: int | None = None
    age_days: int | None = None


class Range(BaseModel):
    """Half-open range [at_least, below)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    at_least: float | None = None
    below: float | None = None

    def possible(self) -> bool:
        """Whether any value lies in it."""
        return self.at_least is None or self.below is None or self.at_least < self.below

    def holds(self, value: float) -> bool:
        """Whether the value lies in the range."""
        return (self.at_least is None or value >= self.at_least) and (self.below is None or value < self.below)


class Condition(BaseModel):
    """All that are given must hold. Words: one of the list. Figures: in the range."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    touch_model: tuple[str, ...] | None = None
    tier: tuple[str, ...] | None = None
    industry: tuple[str, ...] | None = None
    region: tuple[str, ...] | None = None
    plan_type: tuple[str, ...] | None = None
    strategic: bool | None = None
    acv: Range | None = None
    seats: Range | None = None
    age_days: Range | None = None

    def nobody(self) -> str | None:
        """The field that no account can be like: a list of nothing or of unknown touch models, a range without a value; None: none is."""
        for name, wanted in self:
            never = not wanted.possible() if isinstance(wanted, Range) else wanted == ()
            if never or (name == "touch_model" and wanted and not _TOUCH_MODELS.intersection(wanted)):
                return name
        return None

    def holds(self, facts: Facts) -> bool:
        """Whether the account belongs here."""
        return all(_matches(wanted, getattr(facts, name)) for name, wanted in self if wanted is not None)


def _matches(wanted: Any, value: Any) -> bool:
    if value is None:
        return False
    if isinstance(wanted, Range):
        return wanted.holds(value)
    if isinstance(wanted, tuple):
        return value in wanted
    return bool(wanted == value)


class Segment(BaseModel):
    """A node: accounts of the parent for which `when` holds. Among siblings the first that holds takes the account."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: SegmentName
    when: Condition = Condition()
    children: tuple["Segment", ...] = ()

    def path(self, facts: Facts) -> tuple[str, ...]:
        """Names from this node down to the most specific one that holds."""
        for child in self.children:
            if child.when.holds(facts):
                return (self.name, *child.path(facts))
        return (self.name,)

    def names(self) -> Iterator[str]:
        """This name and all below it."""
        yield self.name
        for child in self.children:
            yield from child.names()

    def paths(self) -> Iterator[tuple[str, ...]]:
        """Every way from this node down to a node: to itself, and to all below it."""
        yield (self.name,)
        for child in self.children:
            yield from ((self.name, *path) for path in child.paths())

    def asks(self, field: str) -> bool:
        """Whether this node or one below asks for the field."""
        return getattr(self.when, field) is not None or any(child.asks(field) for child in self.children)


class Segments(BaseModel):
    """The segments file: the bands that make a touch model of an ACV, and the tree. The root takes every account."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    touch_bands: TouchBands
    tree: Segment

    def problems(self) -> Iterator[Problem]:
        """What is wrong although each field by itself is right."""
        if self.touch_bands.mid >= self.touch_bands.high:
            yield Problem(("touch_bands", "mid"), "the mid band begins at or above the high band", "make `mid` smaller than `high`")
        if self.tree.when != Condition():
            yield Problem(("tree", "when"), "the root must take every account", "remove `when` from the root")
        seen: set[str] = set()
        for name in self.tree.names():
            if name in seen:
                yield Problem(("tree",), f"segment {name!r} is there twice", "give each segment its own name")
            seen.add(name)


class SegmentIndex:
    """The tree ready for use: paths are computed once per distinct facts."""

    def __init__(self, segments: Segments, closed: ClosedDays = NEVER_CLOSED) -> None:
        self.segments = segments
        self.closed = closed
        self.bands = segments.touch_bands
        self.names = tuple(segments.tree.names())
        self.paths = tuple(segments.tree.paths())
        self.asks_age = segments.tree.asks("age_days")
        self.path = lru_cache(maxsize=65_536)(segments.tree.path)

    def with_bands(self, bands: TouchBands) -> "SegmentIndex":
        """The same tree over other touch bands."""
        return SegmentIndex(self.segments.model_copy(update={"touch_bands": bands}), self.closed)
