"""The cells signals keeps per account, cut by how often they change. Bounded: the oldest detail goes first."""

from typing import Any

import msgspec

from streams.processing.bounded import drop_first, drop_from_longest
from streams.processing.cell import Cell

NEVER = (1 << 31) - 1
"""A day number later than any day: `not yet`."""


class Today(msgspec.Struct, array_like=True, gc=False):
    """The newest day with usage, in full until it is rolled into `Weeks`. `[start_ms, end_ms)` are the day's own bounds.

    Users and features are dicts for their order: encoded state must not depend on how strings hash.
    """

    day: int = -1
    start_ms: int = 0
    end_ms: int = 0
    count: int = 0
    users: dict[str, int] = {}
    features: dict[str, int] = {}
    since_day: int = NEVER  # first day with usage
    active_day: int = NEVER  # first day with usage or a login
    closing: bool = False  # a day close is set
    approximate: bool = False  # users beyond the bound were not counted
    zone: str | None = None  # timezone of the profile, so that a close need not read it


class Weeks(msgspec.Struct, array_like=True, gc=False):
    """Days that are complete: totals as little-endian uint32 from `base_day` on, per user one bit a day from `bits_day` on,
    the first day each feature was used or activated, and, in the same order as int32, the last day it was used.
    """

    base_day: int = NEVER
    totals: bytes = b""
    bits_day: int = NEVER
    users: dict[str, int] = {}
    features: dict[str, int] = {}
    approximate: bool = False
    months: dict[int, int] = {}  # usage events by number of the 28 days they fell into, for what a term has brought
    used: bytes = b""  # shorter than `features` where state is older than this field: see `weeks.last_used`


class Spell(msgspec.Struct, array_like=True, gc=False):
    """What a rule remembers about a subject: its last firing, whether that episode is still open, what was said since."""

    open: bool = False
    episode_ms: int = 0
    fired_ms: int = 0  # event time, or task time, or a day number: what the rule's cooldown counts in
    level: int = 0  # what the rule froze when it fired
    run: int = 0  # closes running towards firing, or towards re-arming
    said: int = 0  # bits of decisions already made


class Episodes(msgspec.Struct, array_like=True, gc=False):
    """Spells by rule, then subject id."""

    spells: dict[str, dict[str, Spell]] = {}


class Fired(msgspec.Struct, array_like=True, gc=False):
    """The newest trigger ids of the account (first 64 bits), so that an episode is one trigger whatever arrives again."""

    ids: list[int] = []


class Occurrence(msgspec.Struct, array_like=True, gc=False, order=True):
    """An event of a series: its time, its subject where a rule needs it, and the record it came in (-1: from before records
    were noted). The record may be of another partition than the account's: a stray.
    """

    time_ms: int
    subject: str = ""
    partition: int = -1
    offset: int = -1


class Series(msgspec.Struct, array_like=True, gc=False):
    """Occurrences in the order of time, by series key."""

    times: dict[str, list[Occurrence]] = {}
    dropped: int = 0


class Pending(msgspec.Struct, array_like=True, gc=False):
    """Deadlines that are set, by name."""

    at: dict[str, int] = {}


class Contract(msgspec.Struct, array_like=True, gc=False):
    """What is known of a contract."""

    renewal_day: int | None = None
    dated_ms: int = -1  # event time of what stated the renewal day
    renewed_ms: int = -1
    stated_ms: int = -1
    stated: str | None = None
    start_day: int | None = None  # of the term that ends with the renewal day, where it was told
    acv: float | None = None


class Contracts(msgspec.Struct, array_like=True, gc=False):
    """Contracts by id; the statement about the account as a whole."""

    by_id: dict[str, Contract] = {}
    stated_ms: int = -1
    stated: str | None = None


class Milestone(msgspec.Struct, array_like=True, gc=False):
    """A milestone: since when it is open, or when it was completed."""

    kind: str | None = None
    open: bool = False
    began_ms: int = -1  # time of the event that set the deadline: the episode
    deadline_day: int = 0
    completed_ms: int = -1
    started_day: int | None = None  # where the deadline follows from the start; None: it is the due day it was moved to
    due_day: int | None = None  # as stated at the start


class Milestones(msgspec.Struct, array_like=True, gc=False):
    """Milestones by rule, then id; when an integration was last connected."""

    by_rule: dict[str, dict[str, Milestone]] = {}
    connected_ms: int = -1


class Item(msgspec.Struct, array_like=True, gc=False):
    """A dated item of a rule: its day, and when it was last ended."""

    day: int | None = None
    opened_ms: int = -1
    ended_ms: int = -1


class Items(msgspec.Struct, array_like=True, gc=False):
    """Items by rule, then id."""

    by_rule: dict[str, dict[str, Item]] = {}


class Activating(msgspec.Struct, array_like=True, gc=False):
    """Rules, by id, that were added or edited and have not looked yet at what is true already."""

    silent: list[str] = []
    paced: list[str] = []


class Recorded(msgspec.Struct, array_like=True, gc=False):
    """Series that do not reach back to the beginning of the account: since when they are recorded."""

    since: dict[str, int] = {}


def _trim_today(today: Today) -> int:
    today.approximate = True
    return drop_first(max(today.users, today.features, key=len))


def _trim_weeks(weeks: Weeks) -> int:
    weeks.approximate = True
    if len(weeks.users) >= len(weeks.features):
        return drop_first(weeks.users)
    gone = drop_first(weeks.features)
    weeks.used = weeks.used[4 * gone :]
    return gone


def _trim_series(series: Series) -> int:
    gone = drop_from_longest(series.times)
    series.dropped += gone
    return gone


TODAY: Cell[Today] = Cell("today", Today, version=1, trim=_trim_today)
WEEKS: Cell[Weeks] = Cell("weeks", Weeks, version=1, trim=_trim_weeks)
EPISODES: Cell[Episodes] = Cell("episodes", Episodes, version=1, trim=lambda cell: drop_from_longest(cell.spells))
FIRED: Cell[Fired] = Cell("fired", Fired, version=1)  # 300 numbers
SERIES: Cell[Series] = Cell("series", Series, version=2, trim=_trim_series)
PENDING: Cell[Pending] = Cell("pending", Pending, version=1, trim=lambda cell: drop_first(cell.at))
CONTRACTS: Cell[Contracts] = Cell("contracts", Contracts, version=1, trim=lambda cell: drop_first(cell.by_id))
MILESTONES: Cell[Milestones] = Cell("milestones", Milestones, version=2, trim=lambda cell: drop_from_longest(cell.by_rule))
ITEMS: Cell[Items] = Cell("items", Items, version=1, trim=lambda cell: drop_from_longest(cell.by_rule))
ACTIVATING: Cell[Activating] = Cell("activating", Activating, version=1)  # ids of rules
RECORDED: Cell[Recorded] = Cell("recorded", Recorded, version=1)  # as many as rules ask for

OF_RULES: tuple[Cell[Any], ...] = (
    TODAY, WEEKS, EPISODES, SERIES, PENDING, MILESTONES, ITEMS, ACTIVATING, RECORDED,
)  # fmt: skip
"""What rules remember ends when the account churns, as the facts of the relation do (`facts.registry.CELLS`); what the account is,
who works there and which triggers it had stays."""
