"""What the cluster says of topics: how many partitions, and which log it is. A topic created anew has another id (KIP-516).

aiokafka 0.14 stops at version 5 of the metadata request; ids came with version 10. This is that request, in its own words.
"""

import uuid
from collections.abc import Iterable
from io import BytesIO
from typing import Any, NamedTuple

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import IncompatibleBrokerVersion, UnknownTopicOrPartitionError, for_code
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.metadata import MetadataRequest
from aiokafka.protocol.types import AbstractType, Boolean, CompactArray, CompactString, Int16, Int32, Schema, TaggedFields

_METADATA = 3
_NO_ID = uuid.UUID(int=0)


class _Uuid(AbstractType[uuid.UUID]):
    @classmethod
    def encode(cls, value: uuid.UUID) -> bytes:
        return value.bytes

    @classmethod
    def decode(cls, data: BytesIO) -> uuid.UUID:
        return uuid.UUID(bytes=data.read(16))


class _MetadataResponseV10(Response):
    API_KEY = _METADATA
    API_VERSION = 10
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "brokers",
            CompactArray(("node_id", Int32), ("host", CompactString()), ("port", Int32), ("rack", CompactString()), ("tags", TaggedFields)),
        ),
        ("cluster_id", CompactString()),
        ("controller_id", Int32),
        (
            "topics",
            CompactArray(
                ("error_code", Int16),
                ("name", CompactString()),
                ("topic_id", _Uuid),
                ("is_internal", Boolean),
                (
                    "partitions",
                    CompactArray(
                        ("error_code", Int16),
                        ("partition", Int32),
                        ("leader", Int32),
                        ("leader_epoch", Int32),
                        ("replicas", CompactArray(Int32)),
                        ("isr", CompactArray(Int32)),
                        ("offline_replicas", CompactArray(Int32)),
                        ("tags", TaggedFields),
                    ),
                ),
                ("authorized_operations", Int32),
                ("tags", TaggedFields),
            ),
        ),
        ("cluster_authorized_operations", Int32),
        ("tags", TaggedFields),
    )


class _MetadataRequestV10(RequestStruct):
    FLEXIBLE_VERSION = True
    API_KEY = _METADATA
    API_VERSION = 10
    RESPONSE_TYPE = _MetadataResponseV10
    SCHEMA = Schema(
        ("topics", CompactArray(("topic_id", _Uuid), ("name", CompactString()), ("tags", TaggedFields))),
        ("allow_auto_topic_creation", Boolean),
        ("include_cluster_authorized_operations", Boolean),
        ("include_topic_authorized_operations", Boolean),
        ("tags", TaggedFields),
    )


class _MetadataRequest(Request[_MetadataRequestV10]):
    API_KEY = _METADATA

    def __init__(self, names: Iterable[str]) -> None:
        self._names = names

    def build(self, request_struct_class: type[_MetadataRequestV10]) -> _MetadataRequestV10:
        return request_struct_class([(_NO_ID, name, {}) for name in self._names], False, False, False, {})


class Described(NamedTuple):
    """One topic: its partition count, and the id of its log where the cluster gives ids (Kafka 2.8)."""

    partitions: int
    id: str | None


async def describe(admin: AIOKafkaAdminClient, names: Iterable[str]) -> dict[str, Described]:
    """By name on the broker; a topic that is not there is left out, and asking creates none. Raises KafkaError."""
    wanted = sorted(names)
    try:
        answer: Any = (await admin._send_request(_MetadataRequest(wanted))).to_object()["topics"]
    except (NotImplementedError, IncompatibleBrokerVersion):  # older than 2.8
        older = await admin._send_request(MetadataRequest(wanted, allow_auto_topic_creation=False))
        answer = [{"name": topic.pop("topic"), "topic_id": _NO_ID, **topic} for topic in older.to_object()["topics"]]
    found = {}
    for topic in answer:
        code, name, topic_id = topic["error_code"], topic["name"], topic["topic_id"]
        if topic["partitions"]:
            found[name] = Described(len(topic["partitions"]), None if topic_id == _NO_ID else str(topic_id))
        elif for_code(code) is not UnknownTopicOrPartitionError:
            raise for_code(code)(name)
    return found
