"""Decoding never raises, never loses count, and does not care how records are batched."""

import json
import re
from collections.abc import Sequence
from typing import Any

from aiokafka.partitioner import murmur2 as reference_murmur2
from hypothesis import given
from hypothesis import strategies as st

from schemas.decoding.batch import decode_batch
from schemas.decoding.forwarded import decode_forwarded
from schemas.decoding.limits import DEPTH_MAX, too_deep
from schemas.decoding.outcome import DETAIL_MAX, Rejected, Stray
from schemas.decoding.partitioning import murmur2, partition_of
from schemas.decoding.record import FileRecord
from schemas.decoding.single import Outcome, decode_one
from schemas.events.event import Event
from schemas.events.registry import BY_TOPIC, TOPICS
from schemas.records.rekeyed import forwarded

topics = st.sampled_from(TOPICS)
keys = st.one_of(st.none(), st.sampled_from([b"acme", b"umbra", b""]), st.binary(max_size=12))
header_values = st.one_of(
    st.binary(max_size=8), st.sampled_from([b"1.0", b"0.3", b"acme", b"application/cloudevents+json", b"application/json", b"user.login"])
)
headers = st.lists(
    st.tuples(
        st.sampled_from(["ce_specversion", "ce_id", "ce_type", "ce_time", "ce_subject", "content-type", "traceparent"]), header_values
    ),
    max_size=4,
)
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12), st.sampled_from(["P1", "other", "1e999"]))
values_of_fields = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3), max_leaves=6
)


@st.composite
def events(draw: st.DrawFn) -> bytes:
    """An example of some topic, often with a field changed or taken away, sometimes with bytes changed."""
    kind = draw(st.sampled_from(list(BY_TOPIC[draw(topics)].values())))
    body: dict[str, Any] = dict(kind.example)
    for field in draw(st.lists(st.sampled_from([*body, "extra"]), max_size=2)):
        body[field] = draw(values_of_fields)
    for field in draw(st.lists(st.sampled_from(sorted(body)), max_size=1)):
        del body[field]
    value = bytearray(json.dumps(body).encode())
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2]))):
        value[draw(st.integers(0, len(value) - 1))] = draw(st.sampled_from(list(b'{}[]",:\\\x00\xff1e')))
    return bytes(value)


fragments = st.lists(
    st.sampled_from([b"{", b"}", b"[", b"]", b'"', b",", b":", b'{"a":1}', b'{"type":', b"\\", b"null", b" "]), max_size=8
).map(b"".join)
raw_values = st.one_of(st.none(), events(), st.binary(max_size=30), fragments)
records = st.builds(FileRecord, keys, raw_values, st.integers(0, 2**40), st.integers(0, 2**40), headers | st.just([]))


origins = st.lists(
    st.tuples(
        st.sampled_from(["playcall.origin." + name for name in ("topic", "partition", "offset", "timestamp")]),
        st.sampled_from([b"tickets", b"product-usage", b"0", b"12", b"-1", b"nowhere"]),
    ),
    max_size=5,
) | st.builds(lambda topic, partition: forwarded(FileRecord(b"", b"", 3, 4), topic, partition, 0).headers, topics, st.integers(0, 2))


def essence(outcome: Outcome) -> Any:
    if isinstance(outcome, Event):
        return tuple(getattr(outcome, slot) for slot in Event.__slots__)
    return outcome


@given(topics, st.lists(records, max_size=12), st.integers(1, 5), st.data())
def test_a_batch_answers_record_by_record_what_each_record_alone_would_get(
    topic: str, batch: Sequence[FileRecord], partitions: int, data: st.DataObject
) -> None:
    partition = data.draw(st.integers(0, partitions - 1))
    together = decode_batch(topic, partition, batch, partitions)
    assert [essence(outcome) for outcome in together] == [essence(decode_one(topic, partition, record, partitions)) for record in batch]


@given(topics, st.lists(records, max_size=12), st.integers(2, 5), st.data())
def test_forwarded_strays_are_at_home_what_they_would_have_been_there_at_once(
    topic: str, batch: Sequence[FileRecord], partitions: int, data: st.DataObject
) -> None:
    away = data.draw(st.integers(0, partitions - 1))
    for raw, met in zip(batch, decode_batch(topic, away, batch, partitions), strict=True):
        if not isinstance(met, Stray):
            continue
        out = forwarded(raw, topic, away, met.home)
        [there] = decode_forwarded(met.home, [FileRecord(out.key, out.value, 0, 0, out.headers)], partitions)
        [direct] = decode_batch(topic, met.home, [raw], partitions)
        assert isinstance(there, Event)
        assert isinstance(direct, Event)
        assert met == Stray(partition_of(raw.key or b"", partitions), there.account_id, there.source, there.time_ms)
        direct.partition = away
        assert essence(there) == essence(direct)


@given(st.lists(st.builds(FileRecord, keys, raw_values, st.integers(0, 9), st.integers(0, 9), origins), max_size=3))
def test_nothing_on_rekeyed_is_a_stray_again_and_every_record_has_its_outcome(batch: Sequence[FileRecord]) -> None:
    outcomes = decode_forwarded(1, batch, 3)
    assert len(outcomes) == len(batch)
    assert not any(isinstance(outcome, Stray) for outcome in outcomes)
    assert [essence(outcome) for outcome in outcomes] == [essence(decode_forwarded(1, [record], 3)[0]) for record in batch]


@given(topics, st.lists(records, max_size=5))
def test_what_is_rejected_says_why_in_bounded_text(topic: str, batch: Sequence[FileRecord]) -> None:
    details = [outcome.detail for outcome in decode_batch(topic, 0, batch, 1) if isinstance(outcome, Rejected)]
    assert all(0 < len(detail) <= DETAIL_MAX for detail in details)


@given(topics, st.lists(fragments, max_size=6))
def test_fragments_that_fit_together_stay_apart(topic: str, values: Sequence[bytes]) -> None:
    batch = [FileRecord(b"acme", value, 0) for value in values]
    assert [essence(outcome) for outcome in decode_batch(topic, 0, batch, 1)] == [essence(decode_one(topic, 0, one, 1)) for one in batch]


@given(st.binary(max_size=300))
def test_murmur2_is_that_of_the_clients(data: bytes) -> None:
    assert murmur2(data) == reference_murmur2(data)


@given(st.recursive(st.just([]), lambda inner: st.lists(inner, max_size=4), max_leaves=30), st.integers(0, 2 * DEPTH_MAX))
def test_depth_is_judged_as_json_nests(inner: list[Any], wrapped: int) -> None:
    nested: list[Any] = inner
    for _ in range(wrapped):
        nested = [nested, "]]]]}}}}"]
    text = re.sub(r"\[\]", "{}", json.dumps(nested)).encode()  # the innermost brackets are of the other sort
    assert too_deep(text) == (depth_of(nested) > DEPTH_MAX)


def depth_of(value: Any) -> int:
    return 1 + max(map(depth_of, value), default=0) if isinstance(value, list) else 0
