"""The numbers by which the engine keeps time and bounds."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from schemas.catalogue import ASKS, ASSIGNMENTS, roster_topics
from streams.engine.feeds import NO_DOUBT, QuietRules
from streams.engine.quarantine import Quarantine

MINUTE_MS = 60_000
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class EnginePolicy:
    """All times in milliseconds. Defaults are the documented ones; settings may change them."""

    partitions: int
    topics: tuple[str, ...]  # account-keyed inputs; their order breaks ties of equal event time
    app_version: str = "0"
    go_live_ms: int = 0
    until_ms: int | None = None  # finite run: stop time here once everything is read
    lookahead: int = 1000
    grace_ms: int = 10 * MINUTE_MS  # how long after its moment an absence is judged
    stale_ms: int = 5 * MINUTE_MS  # reading older than this means catching up
    ahead_ms: int = 10 * MINUTE_MS  # an event further ahead of the wall clock is refused
    lateness_ms: int = 400 * DAY_MS  # an event older than this before task time is refused
    poison_share: float = 0.5  # of a full window of records as dead letters pauses the topic; 0 never
    duplicates_ms: int = 30 * DAY_MS  # how long an event id is remembered
    allow_rollback: bool = False  # accept state that a newer library has planned, and plan it anew by this older one
    activation_rate: int = 50  # accounts per second and partition that rules activated at a pace look at
    quarantine: Quarantine = field(default_factory=Quarantine)
    usage_topics: frozenset[str] = frozenset({"product-usage"})  # whose ids the partition remembers as hashes, not the account
    usage_duplicates_ms: int = 60 * MINUTE_MS  # for so long, in append time; 0: not at all
    usage_duplicates_max: int = 1_000_000  # hashes of a partition
    quiet: QuietRules = NO_DOUBT  # when silence of a feed says something
    answers: str | None = None  # the topic whose silence a clock asserts: nobody has answered
    answer_wait_ms: int = MINUTE_MS  # a clock waits so long for that topic to be read, then fires unproven
    open_transaction_ms: int = 2 * MINUTE_MS  # catching up waits so long for a transaction that a publisher keeps open
    elsewhere: Mapping[str, int] = field(default_factory=lambda: {ASKS: 1})  # partition counts of outputs that differ from `partitions`
    answer_patience_ms: int = 0  # catching up stands still at a question for so long of the wall clock; 0: answers are in the log
    stops_at_asks: bool = False  # a finite run whose asks are heard by its driver, who calls `hear_asks` before it goes on
    leap_ms: int = DAY_MS  # time goes on by more than this only if several accounts say so
    leap_accounts: int = 3

    def of_roster(self) -> "EnginePolicy":
        """The same for the roster beside tasks of this policy: one partition; what it says goes to the partition of the account."""
        return replace(
            self,
            partitions=1,
            topics=roster_topics(),
            elsewhere={ASSIGNMENTS: self.partitions, "decisions": self.partitions},
            answer_patience_ms=0,
            stops_at_asks=False,
            usage_duplicates_ms=0,
            answers=None,
        )
