"""Events on another partition than that of their key: told apart from bad records, forwarded untouched, read as what they were."""

import pytest

from schemas.decoding.batch import decode_batch
from schemas.decoding.forwarded import decode_forwarded
from schemas.decoding.outcome import Ignored, Rejected, RejectReason, Stray
from schemas.decoding.partitioning import partition_of
from schemas.decoding.record import FileRecord
from schemas.decoding.single import Outcome
from schemas.events.event import Event
from schemas.records.rekeyed import Origin, as_it_came, forwarded, origin_of
from tests.wire_records import payload, record

PARTITIONS = 4
HOME = partition_of(b"acme", PARTITIONS)
AWAY = (HOME + 1) % PARTITIONS
LOGIN = payload("product-usage", "user.login", account_id="acme", source="shop", occurred_at="2026-03-02T09:15:00.250Z")
TRACE = ("traceparent", b"00-1")


def met(partition: int, *records: FileRecord, topic: str = "product-usage") -> list[Outcome]:
    """What a task of that partition makes of records."""
    return decode_batch(topic, partition, records, PARTITIONS)


def sent_on(raw: FileRecord, topic: str = "product-usage", partition: int = AWAY, home: int = HOME) -> FileRecord:
    """The record as it then stands on `rekeyed`, at another offset and a later time."""
    out = forwarded(raw, topic, partition, home)
    return FileRecord(out.key, out.value, 900, raw.timestamp + 5, out.headers)


def test_a_good_event_is_a_stray_on_every_partition_but_its_home() -> None:
    outcomes = [met(partition, record(LOGIN))[0] for partition in range(PARTITIONS)]
    stray = Stray(HOME, "acme", "shop", 1_772_442_900_250)

    assert [Event if isinstance(outcome, Event) else outcome for outcome in outcomes] == [
        Event if partition == HOME else stray for partition in range(PARTITIONS)
    ]


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (record(b"junk"), RejectReason.NOT_JSON),
        (record(None), RejectReason.TOMBSTONE),
        (record(LOGIN, key=None), RejectReason.MISSING_KEY),
        (record({**LOGIN, "account_id": "umbra"}), RejectReason.ACCOUNT_MISMATCH),
        (record({**LOGIN, "occurred_at": "yesterday"}), RejectReason.BAD_TIME),
        (record({**LOGIN, "account_id": "a\nb"}, key=b"a\nb"), RejectReason.BAD_KEY),
    ],
    ids=lambda value: value.value if isinstance(value, RejectReason) else "",
)
def test_a_bad_record_is_rejected_where_it_stands_wherever_that_is(raw: FileRecord, reason: RejectReason) -> None:
    outcomes = [met(partition, raw)[0] for partition in range(PARTITIONS)]
    assert [outcome.reason for outcome in outcomes if isinstance(outcome, Rejected)] == [reason] * PARTITIONS


def test_what_is_ignored_is_ignored_on_any_partition() -> None:
    strange = record({**LOGIN, "type": "thing.never_heard_of"})
    heartbeat = record(payload("product-usage", "feed.heartbeat"), key=None)
    assert all(isinstance(outcome, Ignored) for partition in range(PARTITIONS) for outcome in met(partition, strange, heartbeat))


def test_a_forwarded_record_is_untouched_but_for_the_headers_that_name_its_origin() -> None:
    raw = FileRecord(b"acme", b"value", 41, 1_772_442_901_000, (TRACE,))
    out = forwarded(raw, "tickets", AWAY, HOME)

    assert (out.topic, out.partition, out.key, out.value) == ("rekeyed", HOME, b"acme", b"value")
    assert out.headers == (
        TRACE,
        ("playcall.origin.topic", b"tickets"),
        ("playcall.origin.partition", b"%d" % AWAY),
        ("playcall.origin.offset", b"41"),
        ("playcall.origin.timestamp", b"1772442901000"),
    )
    assert origin_of(out.headers) == Origin("tickets", AWAY, 41, 1_772_442_901_000)
    assert as_it_came(FileRecord(out.key, out.value, 7, 9, out.headers), Origin("tickets", AWAY, 41, 1_772_442_901_000)) == raw


def test_a_forwarded_event_is_an_event_of_its_origin_with_the_origins_place_and_time() -> None:
    [event] = decode_forwarded(HOME, [sent_on(record(LOGIN))], PARTITIONS)

    assert isinstance(event, Event)
    assert (event.topic, event.partition, event.offset, event.appended_ms) == ("product-usage", AWAY, 7, 1_772_442_901_000)
    assert (event.type, event.account_id, event.source) == ("user.login", "acme", "shop")


def test_events_of_several_topics_stay_in_order() -> None:
    ticket = payload("tickets", "ticket.created", account_id="acme")
    records = [sent_on(record(LOGIN)), sent_on(record(ticket), "tickets"), record(LOGIN), sent_on(record(LOGIN)), sent_on(record(b"{"))]
    outcomes = decode_forwarded(HOME, records, PARTITIONS)

    assert [outcome.type if isinstance(outcome, Event) else outcome.reason for outcome in outcomes if not isinstance(outcome, Stray)] == [
        "user.login", "ticket.created", RejectReason.NO_ORIGIN, "user.login", RejectReason.NOT_JSON,
    ]  # fmt: skip


def test_what_is_on_the_wrong_partition_again_is_rejected_and_never_a_stray() -> None:
    outcomes = decode_forwarded(AWAY, [sent_on(record(LOGIN), home=AWAY)], PARTITIONS)
    detail = f"forwarded to partition {AWAY}, but murmur2 of the key gives {HOME} of {PARTITIONS}"

    assert outcomes == [Rejected(RejectReason.WRONG_PARTITION, detail)]


@pytest.mark.parametrize(
    "headers",
    [
        (),
        (TRACE,),
        forwarded(record(LOGIN), "no-such-topic", 1, 2).headers,
        forwarded(record(LOGIN), "tickets", 1, 2).headers[1:],
        (*forwarded(record(LOGIN), "tickets", 1, 2).headers, TRACE),
        (*forwarded(record(LOGIN), "tickets", 1, 2).headers[:3], ("playcall.origin.timestamp", b"-1")),
        (*forwarded(record(LOGIN), "tickets", 1, 2).headers[:3], ("playcall.origin.timestamp", "٣".encode())),
        (*forwarded(record(LOGIN), "tickets", 1, 2).headers[:3], ("playcall.origin.timestamp", b"9" * 40)),
    ],
)
def test_headers_that_do_not_end_in_a_whole_origin_name_none(headers: tuple[tuple[str, bytes], ...]) -> None:
    assert origin_of(headers) is None


def test_headers_a_publisher_wrote_under_our_names_do_not_count() -> None:
    forged = forwarded(record(LOGIN), "billing", 0, 0).headers
    raw = FileRecord(b"acme", record(LOGIN).value, 7, 5, forged)
    [outcome] = met(AWAY, raw)
    on = sent_on(raw)

    assert isinstance(outcome, Stray)
    assert origin_of(on.headers) == Origin("product-usage", AWAY, 7, 5)
    assert as_it_came(on, Origin("product-usage", AWAY, 7, 5)).headers == forged
