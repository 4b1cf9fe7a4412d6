"""The group's consumer as a member with a name of its own (static membership, KIP-345).

aiokafka 0.14 joins and syncs with the name and does not leave the group on closing, which is what static membership is about.
But its heartbeats do not carry the name: a member whose name another process has taken would hear only that it is unknown, join
again under the same name, and throw the other out in turn, for ever. So heartbeats carry it here, and who is told that the name
is taken ends.
"""

from collections.abc import Callable
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.protocol.api import Request, RequestStruct
from aiokafka.protocol.group import HeartbeatRequest, HeartbeatResponse_v1
from aiokafka.protocol.types import Int32, Schema, String

_FENCED_INSTANCE_ID = 82  # unknown to aiokafka's list of errors


class NamedMember(AIOKafkaConsumer):
    """A group consumer with `group_instance_id`. `on_taken` is called in the consumer's thread when the name went to another."""

    def __init__(self, *, instance_id: str, on_taken: Callable[[], None], **options: Any) -> None:
        super().__init__(group_instance_id=instance_id, **options)
        self._instance_id = instance_id
        self._on_taken = on_taken

    async def start(self) -> None:
        """Join. Everything said to the coordinator afterwards is looked at."""
        await super().start()
        coordinator = self._coordinator
        send = coordinator._send_req

        async def send_named(request: Any) -> Any:
            if isinstance(request, HeartbeatRequest):
                request = NamedHeartbeat(request._group, request._generation_id, request._member_id, self._instance_id)
            response = await send(request)
            if getattr(response, "error_code", 0) == _FENCED_INSTANCE_ID:
                self._on_taken()
            return response

        coordinator._send_req = send_named


class HeartbeatResponse_v3(HeartbeatResponse_v1):  # noqa: N801 aiokafka's way of naming versions
    """As before."""

    API_VERSION = 3


class HeartbeatRequest_v3(RequestStruct):  # noqa: N801 see above
    """The first version that carries the name."""

    API_KEY = 12
    API_VERSION = 3
    RESPONSE_TYPE = HeartbeatResponse_v3
    SCHEMA = Schema(
        ("group", String("utf-8")), ("generation_id", Int32), ("member_id", String("utf-8")), ("group_instance_id", String("utf-8"))
    )


class NamedHeartbeat(Request[HeartbeatRequest_v3]):
    """One heartbeat of a member with a name."""

    API_KEY = 12

    def __init__(self, group: str, generation_id: int, member_id: str, instance_id: str) -> None:
        self._fields = (group, generation_id, member_id, instance_id)

    def build(self, request_struct_class: type[HeartbeatRequest_v3]) -> HeartbeatRequest_v3:
        """Kafka 2.3 and later speak it."""
        return request_struct_class(*self._fields)
