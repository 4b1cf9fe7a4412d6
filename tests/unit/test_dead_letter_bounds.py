"""A dead letter can always be published, whatever a compressed batch unpacked to."""

import pytest

from schemas.catalogue import topic
from schemas.decoding.limits import HEADERS_MAX, header_bytes
from schemas.decoding.outcome import Rejected, RejectReason
from schemas.decoding.record import FileRecord
from schemas.decoding.single import decode_one
from schemas.records.dead_letter import CUT, WHOLE_MAX, dead_letter

BIG = 5 << 20
GOOD = b'{"event_id":"1","type":"feature.used","account_id":"a","source":"s","occurred_at":"2026-03-02T09:15:00Z","feature":"f"}'


@pytest.mark.parametrize(
    "record",
    [
        FileRecord(b"a", b"x" * BIG, 7),
        FileRecord(b"k" * BIG, b"x", 7),
        FileRecord(None, None, 7, 0, (("h", b"y" * BIG),)),
        FileRecord(b"k" * BIG, b"x" * BIG, 7, 0, tuple((f"h{n}", b"") for n in range(300_000))),
    ],
    ids=["value", "key", "headers", "all"],
)
def test_what_is_too_large_to_publish_is_cut_and_says_so(record: FileRecord) -> None:
    letter = dead_letter(record, "tickets", 0, RejectReason.TOO_LARGE, "", "1")
    size = len(letter.key or b"") + len(letter.value or b"") + header_bytes(letter.headers)

    assert size <= WHOLE_MAX < topic("tickets.dlq").max_message_bytes
    assert letter.key == (None if record.key is None else record.key[:CUT])
    assert letter.value == (None if record.value is None else record.value[:CUT])
    assert str(len(record.value or b"")) in dict(letter.headers)["dlq.truncated"].decode()


def test_what_a_source_topic_accepts_unpacked_stays_whole() -> None:
    record = FileRecord(b"a", b"x" * topic("tickets").max_message_bytes, 7, 0, (("h", b"y" * HEADERS_MAX),))
    letter = dead_letter(record, "tickets", 0, RejectReason.TOO_LARGE, "", "1")

    assert (letter.key, letter.value, letter.headers[0]) == (record.key, record.value, record.headers[0])
    assert "dlq.truncated" not in dict(letter.headers)


def test_headers_have_a_bound_of_their_own() -> None:
    wide = FileRecord(b"a", GOOD, 1, 0, (("trace", b"z" * HEADERS_MAX),))
    outcome = decode_one("product-usage", 0, wide, 1)

    assert isinstance(outcome, Rejected)
    assert outcome.reason is RejectReason.TOO_LARGE
    assert not isinstance(decode_one("product-usage", 0, wide._replace(headers=(("trace", b"z" * 60_000),)), 1), Rejected)
