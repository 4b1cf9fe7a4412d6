"""Header names that are not UTF-8: read with replacement, whatever surrounds them."""

from collections.abc import Sequence

import pytest
from aiokafka import TopicPartition
from aiokafka.codec import gzip_encode, lz4_encode, snappy_encode, zstd_encode
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.util import calc_crc32c

from streams.kafka.header_names import LenientPartitionRecords, TrackedRecords

CODECS = {"none": 0, "gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}
Sent = tuple[bytes, list[tuple[str, bytes]]]
GOOD: list[Sent] = [(b"k%d" % n, [("trace", b"1")]) for n in range(3)]
BAD: Sent = (b"bad", [("zz", b"x"), ("other", b"y")])


def batch(records: Sequence[Sent], base: int, codec: int) -> bytes:
    """A record batch as a broker stores it; header name `zz` stands for two bytes that are not UTF-8."""
    builder = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, -1, 1 << 20)
    for index, (key, headers) in enumerate(records):
        builder.append(index, timestamp=1, key=key, value=b"v", headers=headers)
    plain = bytearray(builder.build().replace(b"zz", b"\xff\xfe"))
    if codec:
        encode = {1: gzip_encode, 2: snappy_encode, 3: lz4_encode, 4: zstd_encode}[codec]
        plain = plain[:61] + encode(bytes(plain[61:]))
        plain[21:23] = codec.to_bytes(2, "big")
    plain[0:8] = base.to_bytes(8, "big")
    plain[8:12] = (len(plain) - 12).to_bytes(4, "big")
    plain[17:21] = calc_crc32c(bytes(plain[21:])).to_bytes(4, "big")
    return bytes(plain)


def read(raw: bytes, start: int) -> list[tuple[int, bytes, tuple[tuple[str, bytes], ...]]]:
    place = TopicPartition("t", 0)
    found = LenientPartitionRecords(place, TrackedRecords(raw), [], start, None, None, True, 1)
    return [(record.offset, record.key, record.headers) for record in found]


@pytest.mark.parametrize("codec", CODECS.values(), ids=CODECS.keys())
def test_a_record_with_a_broken_header_name_is_read_among_its_neighbours(codec: int) -> None:
    raw = batch(GOOD, 10, codec) + batch([GOOD[0], BAD, GOOD[1], BAD], 13, codec) + batch(GOOD[:1], 17, codec)

    assert read(raw, 11) == [
        (11, b"k1", (("trace", b"1"),)),
        (12, b"k2", (("trace", b"1"),)),
        (13, b"k0", (("trace", b"1"),)),
        (14, b"bad", (("\ufffd\ufffd", b"x"), ("other", b"y"))),
        (15, b"k1", (("trace", b"1"),)),
        (16, b"bad", (("\ufffd\ufffd", b"x"), ("other", b"y"))),
        (17, b"k0", (("trace", b"1"),)),
    ]


def test_a_batch_whose_first_record_is_broken_is_read() -> None:
    assert [offset for offset, _, _ in read(batch([BAD, *GOOD], 5, 0), 5)] == [5, 6, 7, 8]


def test_a_position_within_a_broken_batch_is_kept() -> None:
    assert [offset for offset, _, _ in read(batch([BAD, *GOOD, BAD], 5, 0), 7)] == [7, 8, 9]
