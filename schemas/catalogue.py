"""Every topic: direction, partitions, retention, key, content, who writes and who reads. The one source for broker, docs, deploy."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from schemas.events import assignments
from schemas.events.feed import SOURCE_TOPICS
from schemas.records.dead_letter import SUFFIX
from schemas.records.rekeyed import REKEYED

Direction = Literal["in", "out", "internal"]
Partitions = Literal["account"] | int

DAY_MS = 86_400_000
MEBIBYTE = 1 << 20
MESSAGE_MAX = MEBIBYTE
"""max.message.bytes of a topic: four times the bound on a value, so that headers, keys and compression never matter."""
SEGMENT = 64 * MEBIBYTE

UPDATES = "play-updates"
REQUESTS = "trigger-requests"
ASSIGNMENTS = assignments.ASSIGNMENTS
ASKS = assignments.REQUESTS
PEOPLE = "roster"
STATE = "state"
ROSTER_STATE = "roster.state"
BETWEEN_TASKS = frozenset({REKEYED, ASSIGNMENTS, ASKS})
"""Topics that one task writes and another reads."""

_COMPACTED = {"segment.bytes": str(SEGMENT), "min.cleanable.dirty.ratio": "0.1"}


class Topic(NamedTuple):
    """One topic by its logical name. `partitions` is "account" where it is the configured count of the account-keyed topics.

    `retention_ms` is None for compacted topics: they keep the last record of a key for ever.
    """

    name: str
    direction: Direction
    partitions: Partitions
    retention_ms: int | None
    key: str
    value: str
    producers: tuple[str, ...]
    consumers: tuple[str, ...]
    description: str
    compacted: bool = False
    max_message_bytes: int = MESSAGE_MAX

    @property
    def cleanup_policy(self) -> Literal["compact", "delete"]:
        """Kafka's `cleanup.policy`."""
        return "compact" if self.compacted else "delete"

    @property
    def settings(self) -> Mapping[str, str]:
        """The topic configuration that a broker must have, as Kafka spells it."""
        kept = _COMPACTED if self.retention_ms is None else {"retention.ms": str(self.retention_ms)}
        return {
            "cleanup.policy": self.cleanup_policy,
            "max.message.bytes": str(self.max_message_bytes),
            # Retention goes by the record's timestamp: with the publisher's own, a loaded history would be deleted at once.
            "message.timestamp.type": "LogAppendTime",
            **kept,
        }

    def partition_count(self, accounts: int) -> int:
        """Partitions of the topic where account-keyed topics have `accounts`."""
        return accounts if self.partitions == "account" else self.partitions


def catalogue() -> tuple[Topic, ...]:
    """All topics, in reading order."""
    return _CATALOGUE


def topic(name: str) -> Topic:
    """The topic of a logical name. Raises `KeyError`."""
    return _BY_NAME[name]


def source_topics() -> tuple[str, ...]:
    """The six topics publishers write events to."""
    return SOURCE_TOPICS


def input_topics() -> tuple[str, ...]:
    """Topics that the task of an accounts' partition reads from outside: the sources, then updates and requests."""
    return (*SOURCE_TOPICS, UPDATES, REQUESTS)


def task_topics() -> tuple[str, ...]:
    """All that such a task reads, in merge order: the inputs, then the roster's answers, then what was forwarded."""
    return (*input_topics(), ASSIGNMENTS, REKEYED)


def roster_topics() -> tuple[str, ...]:
    """All that the roster's task reads, in merge order: people as they are, then what is asked about them."""
    return (PEOPLE, ASKS)


def outside_topics() -> tuple[str, ...]:
    """All that is read and that others than workers write."""
    return (*input_topics(), PEOPLE)


def read_topics() -> tuple[str, ...]:
    """All that any task reads. Each has a dead letter topic."""
    return (*task_topics(), *roster_topics())


def account_topics() -> tuple[str, ...]:
    """Topics that share the account partition count."""
    return tuple(each.name for each in _CATALOGUE if each.partitions == "account")


def physical(prefix: str, name: str) -> str:
    """The name on the broker: prefix and logical name as they are (put a separator into the prefix)."""
    return prefix + name


def logical(prefix: str, name: str) -> str | None:
    """The logical name of a topic on the broker, None if it does not carry the prefix or is none of ours."""
    bare = name.removeprefix(prefix)
    return bare if prefix + bare == name and bare in _BY_NAME else None


def _source(name: str, producer: str, description: str) -> Topic:
    return Topic(name, "in", "account", 30 * DAY_MS, "account id", "event", (producer,), ("signals",), description)


def _dead_letters(name: str) -> Topic:
    of_roster = name in roster_topics()
    reader = "roster" if of_roster else "router" if name in {UPDATES, REQUESTS, ASSIGNMENTS} else "signals"
    return Topic(
        name + SUFFIX, "out", 1 if of_roster else "account", 14 * DAY_MS, "as it came", "as it came", (reader,), ("operators",),
        f"What arrived on {name} and could not be understood or applied; bytes untouched, reason in headers.",
        max_message_bytes=2 * MESSAGE_MAX,  # an over-sized record plus our headers must still fit
    )  # fmt: skip


_SOURCES = (
    _source("product-usage", "product", "What people and machines do in the product."),
    _source("tickets", "helpdesk", "Support tickets and chats."),
    _source("billing", "billing", "Subscriptions, contracts, invoices, renewals."),
    _source("accounts", "crm", "Profiles, people, onboarding, plans, risks."),
    _source("feedback", "survey tool", "Surveys, business reviews, stated health."),
    _source("engagement", "calendar and mail", "Meetings, mails, other touches."),
)

_CATALOGUE: tuple[Topic, ...] = (
    *_SOURCES,
    Topic(
        UPDATES, "in", "account", 30 * DAY_MS, "account id", "event", ("crm and email systems",), ("router",),
        "What CRM and email systems did with a run: acknowledged, step done, reassigned, closed.",
    ),
    Topic(
        REQUESTS, "in", "account", 30 * DAY_MS, "account id", "event", ("models and people",), ("router",),
        "Triggers raised outside, same contract as triggers.",
    ),
    Topic(
        PEOPLE, "in", 1, None, "person id", "event", ("people systems",), ("roster",),
        "Who is on the team: role, capacity, working hours, absences. The last record of a person is how it stands.",
        compacted=True,
    ),
    Topic(
        "triggers", "out", "account", 90 * DAY_MS, "account id", "Trigger", ("signals",), ("analytics",),
        "A fired rule with its evidence.",
    ),
    Topic(
        "play-launches", "out", "account", 90 * DAY_MS, "account id", "PlayMessage", ("router",), ("crm and email systems",),
        "The whole life of every run, in order.",
    ),
    Topic(
        "play-outcomes", "out", "account", 400 * DAY_MS, "account id", "PlayOutcome", ("router",), ("analytics",),
        "What became of every run: once, when it is closed.",
    ),
    Topic(
        "decisions", "out", "account", 30 * DAY_MS, "account id", "Decision", ("signals", "router"), ("analytics",),
        "Every choice not to act, with its reason.",
    ),
    Topic(
        "health", "out", "account", None, "account id", "HealthChanged", ("signals",), ("crm and email systems", "analytics"),
        "The health score of every account with its parts; the last record of an account is how it stands.",
        compacted=True,
    ),
    *(_dead_letters(name) for name in (*SOURCE_TOPICS, UPDATES, REQUESTS, ASSIGNMENTS, *roster_topics())),
    Topic(
        REKEYED + SUFFIX, "out", "account", 14 * DAY_MS, "as it came", "as it came", ("signals", "router"), ("operators",),
        "What stood on rekeyed without saying where it came from: somebody else wrote there.",
        max_message_bytes=3 * MESSAGE_MAX,
    ),
    Topic(
        STATE, "internal", "account", None, "account id, zero byte, cell name; or the cursor", "cell or cursor",
        ("signals", "router"), ("signals", "router"),
        "Cells of every account and the cursor of every partition; written in the transaction of the outputs.",
        compacted=True, max_message_bytes=2 * MESSAGE_MAX,
    ),
    Topic(
        ASKS, "internal", 1, 7 * DAY_MS, "account id", "event", ("router",), ("roster",),
        "The router asks who takes a run, and tells what became of it.",
    ),
    Topic(
        ASSIGNMENTS, "internal", "account", 7 * DAY_MS, "account id", "event", ("roster",), ("router",),
        "The roster answers.",
    ),
    Topic(
        ROSTER_STATE, "internal", 1, None, "person or account id, zero byte, cell name; or the cursor", "cell or cursor",
        ("roster",), ("roster",),
        "Who holds what, and the cursor of the roster; written in the transaction of its answers.",
        compacted=True, max_message_bytes=2 * MESSAGE_MAX,
    ),
    Topic(
        "feeds", "internal", 1, None, "feed and partition", "progress", ("signals", "router"), ("signals", "router"),
        "Liveness of every feed, and the go-live time.",
        compacted=True,
    ),
    Topic(
        REKEYED, "internal", "account", 7 * DAY_MS, "account id", "as it came", ("signals", "router"), ("signals", "router"),
        "Events that arrived on a partition other than that of their key, forwarded once; headers say where they arrived.",
        max_message_bytes=2 * MESSAGE_MAX,  # a record of the largest size, with our headers added
    ),
)  # fmt: skip

_BY_NAME: Mapping[str, Topic] = {each.name: each for each in _CATALOGUE}
