"""From fetched records to outcomes: what is quarantined is not decoded, what cannot be decoded at all is named."""

from collections.abc import Sequence
from typing import NoReturn

from schemas.decoding.forwarded import decode_arrivals
from schemas.decoding.keys import account_of
from schemas.decoding.outcome import RejectReason, rejected
from schemas.decoding.record import RawRecord
from schemas.decoding.single import Outcome
from schemas.events.event import Event
from streams.engine.batch import Batch
from streams.engine.errors import ProcessingFailed
from streams.engine.quarantine import Quarantine

_RECORD = rejected(RejectReason.QUARANTINED)
_ACCOUNT = rejected(RejectReason.QUARANTINED, "the whole account is in quarantine")


def take_in(batch: Batch, partition: int, partitions: int, quarantine: Quarantine) -> list[Outcome]:
    """An outcome per record, in order. Raises ProcessingFailed naming the record on which decoding itself breaks."""
    records = batch.records
    if not records:
        return []
    aside = quarantine.offsets(batch.topic, partition)
    if aside and any(batch.start <= offset < batch.end for offset in aside):
        kept = iter(_decode(batch.topic, partition, [r for r in records if r.offset not in aside], partitions))
        outcomes = [_RECORD if record.offset in aside else next(kept) for record in records]
    else:
        outcomes = _decode(batch.topic, partition, records, partitions)
    if quarantine.accounts:
        accounts = quarantine.accounts
        outcomes = [_ACCOUNT if isinstance(item, Event) and item.account_id in accounts else item for item in outcomes]
    return outcomes


def _decode(topic: str, partition: int, records: Sequence[RawRecord], partitions: int) -> list[Outcome]:
    try:
        return decode_arrivals(topic, partition, records, partitions)
    except Exception as problem:  # noqa: BLE001 bad bytes are outcomes; this is a fault of ours, and one record brings it out
        _name(topic, partition, records, partitions, problem)


def _name(topic: str, partition: int, records: Sequence[RawRecord], partitions: int, problem: Exception) -> NoReturn:
    for record in records:
        try:
            decode_arrivals(topic, partition, [record], partitions)
        except Exception as alone:
            raise ProcessingFailed.on_record(topic, partition, record.offset, account_of(record.key or b""), alone) from alone
    raise problem  # only together: no single record is to blame
