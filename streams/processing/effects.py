"""What a processor may ask for: a closed union of frozen dataclasses."""

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.records.decision import Decision
from schemas.records.health_changed import HealthChanged
from schemas.records.play_message import PlayMessage
from schemas.records.play_outcome import PlayOutcome
from schemas.records.trigger import Subject, Trigger


@dataclass(frozen=True, slots=True)
class Raise:
    """A rule fired: published on `triggers` and handed to the router in the same step and transaction."""

    trigger: Trigger


@dataclass(frozen=True, slots=True)
class Cleared:
    """An episode that had fired is over: handed to the router in the same step and transaction, once for each episode.

    `at_ms` is the event time of what ended it, `since_ms` when it began. `expired`: nothing got better, but the rule holds no
    episode for longer. When the account churns nothing is said of its episodes: the churn itself says all.
    """

    rule: str
    subject: Subject
    episode: str
    trigger_id: str
    since_ms: int
    at_ms: int
    how: str
    expired: bool = False


@dataclass(frozen=True, slots=True)
class Say:
    """Publish one message of a run."""

    message: PlayMessage


@dataclass(frozen=True, slots=True)
class Conclude:
    """Publish what became of a run."""

    outcome: PlayOutcome


@dataclass(frozen=True, slots=True)
class Decide:
    """Publish a choice not to act."""

    decision: Decision


@dataclass(frozen=True, slots=True)
class Tell:
    """Publish a change of the account's health."""

    change: HealthChanged


@dataclass(frozen=True, slots=True)
class Ask:
    """Tell the roster on `assignment-requests`: an ask, a release, a confirmation. `event` is whole, in the form of the topic's events."""

    event: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Answer:
    """The roster's word on `assignments`, on the partition of the event's account. `event` is whole, in the form of the topic's events."""

    event: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class SetDeadline:
    """Call me at `at_ms`; replaces an earlier deadline of the same name.

    With `silence` the deadline means "nothing arrived until then": it is due only when every source of the partition
    has been read past `at_ms` plus the grace, and the call's task time is that moment. Without, the clock is enough.
    """

    name: str
    at_ms: int
    silence: bool = False


@dataclass(frozen=True, slots=True)
class CancelDeadline:
    """Forget the deadline of this name, if there is one."""

    name: str


@dataclass(frozen=True, slots=True)
class Reject:
    """The event is well-formed but cannot be applied (unknown run, wrong state): to the dead letters, with the reason."""

    reason: str
    detail: str


Effect = Raise | Cleared | Say | Conclude | Decide | Tell | Ask | Answer | SetDeadline | CancelDeadline | Reject
