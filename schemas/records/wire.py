"""What every record that leaves has in common: strict models, one canonical JSON, CloudEvents headers."""

from datetime import UTC, datetime, timedelta
from typing import ClassVar, NamedTuple

import orjson
from pydantic import BaseModel, ConfigDict

SOURCE = "playcall"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class OutRecord(NamedTuple):
    """One record ready to be published: logical topic (no prefix), key, value, headers in order.

    `partition` None is that of the task that publishes it.
    """

    topic: str
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    partition: int | None = None


class Wire(BaseModel):
    """A strict, immutable output model. Unknown or missing fields are errors: what we publish, we mean."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    TOPIC: ClassVar[str]
    CE_TYPE: ClassVar[str]

    def to_record(self) -> OutRecord:
        """The record as published: keyed by account, CloudEvents 1.0 binary mode (CloudEvents Kafka binding 3.2)."""
        account, identity, time = self._envelope()
        headers = (
            ("ce_specversion", b"1.0"),
            ("ce_id", identity.encode()),
            ("ce_source", SOURCE.encode()),
            ("ce_type", self._ce_type().encode()),
            ("ce_time", rfc3339(time).encode()),
            ("ce_subject", account.encode()),
            ("content-type", b"application/json"),
        )
        return OutRecord(self.TOPIC, account.encode(), self.to_json(), headers)

    def to_json(self) -> bytes:
        """Canonical JSON: sorted keys, RFC 3339 times in UTC with milliseconds, so that equal means equal bytes."""
        return orjson.dumps(
            self.model_dump(mode="python"), default=encode_times, option=orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME
        )

    def _ce_type(self) -> str:
        return self.CE_TYPE

    def _envelope(self) -> tuple[str, str, datetime]:
        """(account id, record id, time) for key and headers."""
        raise NotImplementedError


def rfc3339(moment: datetime) -> str:
    """UTC with millisecond precision and a Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def utc(ms: int) -> datetime:
    """Aware UTC datetime of integer milliseconds since the epoch."""
    return datetime.fromtimestamp(ms // 1000, UTC).replace(microsecond=ms % 1000 * 1000)


def epoch_ms(moment: datetime) -> int:
    """Integer milliseconds since the epoch of an aware datetime, rounded down; the inverse of `utc`."""
    return (moment - _EPOCH) // _MILLISECOND


def encode_times(value: object) -> object:
    """For orjson: times as everywhere on the wire. Raises TypeError for anything else."""
    if isinstance(value, datetime):
        return rfc3339(value)
    raise TypeError(f"cannot encode {type(value).__name__}")
