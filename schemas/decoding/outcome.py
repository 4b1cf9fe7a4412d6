"""What decoding makes of a record that is no event here: ignored, rejected with a reason from a closed set, or a stray."""

from enum import StrEnum
from typing import NamedTuple

DETAIL_MAX = 300


class IgnoredReason(StrEnum):
    """Why a well-formed record is counted and passed over."""

    UNKNOWN_TYPE = "unknown_type"
    HEARTBEAT = "heartbeat"


class RejectReason(StrEnum):
    """Why a record goes to the dead letters. Closed set: dashboards, alerts and docs list it."""

    TOMBSTONE = "tombstone"
    TOO_LARGE = "too_large"
    TOO_DEEP = "too_deep"
    NOT_UTF8 = "not_utf8"
    NOT_JSON = "not_json"
    NOT_OBJECT = "not_object"
    UNSUPPORTED_CONTENT = "unsupported_content"
    UNKNOWN_VERSION = "unknown_version"
    WRONG_TOPIC = "wrong_topic"
    MISSING_FIELD = "missing_field"
    INVALID_FIELD = "invalid_field"
    BAD_NUMBER = "bad_number"
    BAD_TIME = "bad_time"
    MISSING_KEY = "missing_key"
    BAD_KEY = "bad_key"
    ACCOUNT_MISMATCH = "account_mismatch"
    WRONG_PARTITION = "wrong_partition"
    NO_ORIGIN = "no_origin"
    TOO_LATE = "too_late"
    FAR_FUTURE = "far_future"
    UNKNOWN_RUN = "unknown_run"
    WRONG_STATE = "wrong_state"
    INVALID_UPDATE = "invalid_update"
    UNKNOWN_PLAY = "unknown_play"
    BAD_REQUEST = "bad_request"
    BAD_PERSON = "bad_person"
    QUARANTINED = "quarantined"

    @property
    def sentence(self) -> str:
        """What happened and what the publisher should do."""
        return _SENTENCES[self]


_SENTENCES: dict[RejectReason, str] = {
    RejectReason.TOMBSTONE: "The record has no value; sources are not compacted topics, so publish an event instead.",
    RejectReason.TOO_LARGE: "The value is larger than 256 KiB, or the headers than 64 KiB; publish facts, not documents.",
    RejectReason.TOO_DEEP: "The JSON is nested deeper than 32 levels; events are flat.",
    RejectReason.NOT_UTF8: "The value is not UTF-8; encode JSON as UTF-8.",
    RejectReason.NOT_JSON: "The value is not JSON.",
    RejectReason.NOT_OBJECT: "The value is JSON but not an object, or a CloudEvent whose data is not one.",
    RejectReason.UNSUPPORTED_CONTENT: "The content type is neither JSON nor a single structured CloudEvent in JSON.",
    RejectReason.UNKNOWN_VERSION: "The CloudEvents specversion is not 1.0.",
    RejectReason.WRONG_TOPIC: "The type is known but belongs on another topic.",
    RejectReason.MISSING_FIELD: "A field that the type cannot do without is missing.",
    RejectReason.INVALID_FIELD: "A field has the wrong type, is too long, or is outside its closed set.",
    RejectReason.BAD_NUMBER: "A number is NaN, infinite, or out of range.",
    RejectReason.BAD_TIME: "occurred_at is not RFC 3339 with an offset, or lies outside the years 1970 to 9998.",
    RejectReason.MISSING_KEY: "The record has no key; the key is the account id.",
    RejectReason.BAD_KEY: "The key is not an account id: UTF-8, 1 to 256 characters, no control characters.",
    RejectReason.ACCOUNT_MISMATCH: "Key and account_id name different accounts.",
    RejectReason.WRONG_PARTITION: "The record was forwarded once and is not on the partition of its key: the partition count changed.",
    RejectReason.NO_ORIGIN: "A record on rekeyed does not say where it came from; publish to the source topics, only Playcall writes here.",
    RejectReason.TOO_LATE: "The event is older than anything still kept.",
    RejectReason.FAR_FUTURE: "The event is dated too far ahead of the clock.",
    RejectReason.UNKNOWN_RUN: "No run of this account has that run_id.",
    RejectReason.WRONG_STATE: "The run is not in a state in which this update makes sense.",
    RejectReason.INVALID_UPDATE: "The update is well-formed but cannot be applied to its run.",
    RejectReason.UNKNOWN_PLAY: "The library has no play of the name that the trigger request asks for.",
    RejectReason.BAD_REQUEST: "A trigger request has an owner role, a service level or a subject that cannot be understood.",
    RejectReason.BAD_PERSON: "What is said of a person cannot be (unknown pool or timezone, bad absence); what was known of them goes on.",
    RejectReason.QUARANTINED: "The operator set the record or its account aside (--quarantine): applying it failed every time.",
}


class Ignored(NamedTuple):
    """Counted and passed over. For heartbeats `source` and `time_ms` say who is alive up to when."""

    reason: IgnoredReason
    type: str
    source: str = ""
    time_ms: int | None = None


class Rejected(NamedTuple):
    """To the dead letters. `detail` is at most 300 characters and quotes no value of the payload."""

    reason: RejectReason
    detail: str


class Stray(NamedTuple):
    """A good event of `account_id` that belongs on partition `home`: the publisher `source` does not place keys by murmur2."""

    home: int
    account_id: str
    source: str
    time_ms: int


def rejected(reason: RejectReason, detail: str = "") -> Rejected:
    """A rejection with its detail bounded; the reason's own sentence where there is nothing more to say."""
    text = detail or reason.sentence
    return Rejected(reason, text if len(text) <= DETAIL_MAX else text[: DETAIL_MAX - 3] + "...")
