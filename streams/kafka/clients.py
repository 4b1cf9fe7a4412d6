"""How this worker's clients are made: one place for connection, isolation and sizes."""

from collections.abc import Callable
from functools import partial
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from streams.kafka.assignor import ByNumber
from streams.kafka.credentials import client_options
from streams.kafka.header_names import install as install_lenient_header_names
from streams.kafka.member import NamedMember
from streams.kafka.transactions import BATCH_BYTES
from streams.settings import Settings

FETCH_RECORDS = 4000  # most records of one fetch round: decoding them keeps the loop busy for some 20 ms
_FETCH_BYTES = 16 << 20
_PARTITION_FETCH_BYTES = 2 << 20
_MAX_POLL_INTERVAL_MS = 30 * 60_000  # recovery fetches nothing for the group; health watches progress
_REQUEST_TIMEOUT_MS = 30_000
# The broker answers "not enough replicas" while it still ends the transaction before (KIP-890): a matter of milliseconds.
# With aiokafka's 100 ms a commit took 120 to 140 ms at the 90th percentile, with this 23 to 47 ms.
_TRANSACTION_RETRY_MS = 10


class Clients:
    """Makes aiokafka clients for one set of settings. Nothing is connected until its `start`."""

    def __init__(self, settings: Settings) -> None:
        install_lenient_header_names()
        self._settings = settings

    @property
    def _common(self) -> dict[str, Any]:
        settings = self._settings
        return {**client_options(settings), "bootstrap_servers": settings.bootstrap.split(","), "client_id": f"{settings.app_id}-worker"}

    def group(self, assignor: ByNumber, on_taken: Callable[[], None]) -> AIOKafkaConsumer:
        """The group's consumer. Positions are always sought: a reset would skip events that retention ate, unseen.

        `on_taken` is called in the consumer's thread when another worker came with the same instance id.
        """
        settings = self._settings
        member: Callable[..., AIOKafkaConsumer] = AIOKafkaConsumer
        if settings.instance_id is not None:
            member = partial(NamedMember, instance_id=settings.instance_id, on_taken=on_taken)
        return member(
            **self._common,
            group_id=settings.app_id,
            partition_assignment_strategy=[assignor],
            enable_auto_commit=False,
            auto_offset_reset="none",
            isolation_level="read_committed",
            max_poll_records=FETCH_RECORDS,
            max_partition_fetch_bytes=_PARTITION_FETCH_BYTES,
            fetch_max_bytes=_FETCH_BYTES,
            fetch_max_wait_ms=100,
            request_timeout_ms=_REQUEST_TIMEOUT_MS,
            session_timeout_ms=settings.session_timeout_ms,
            heartbeat_interval_ms=settings.heartbeat_interval_ms,
            rebalance_timeout_ms=max(settings.session_timeout_ms, 10_000),
            max_poll_interval_ms=_MAX_POLL_INTERVAL_MS,
        )

    def reader(self, *, committed: bool) -> AIOKafkaConsumer:
        """A consumer outside any group: state, feeds, offsets. `committed=False` sees the high watermark as the end."""
        return AIOKafkaConsumer(
            **self._common,
            enable_auto_commit=False,
            auto_offset_reset="none",
            isolation_level="read_committed" if committed else "read_uncommitted",
            fetch_max_bytes=64 << 20,
            max_partition_fetch_bytes=_FETCH_BYTES,
            fetch_max_wait_ms=100,
            request_timeout_ms=_REQUEST_TIMEOUT_MS,
        )

    def transactional(self, transactional_id: str) -> AIOKafkaProducer:
        """The producer of one partition task."""
        return AIOKafkaProducer(
            **self._common,
            transactional_id=transactional_id,
            transaction_timeout_ms=self._settings.transaction_timeout_ms,
            max_batch_size=BATCH_BYTES,
            retry_backoff_ms=_TRANSACTION_RETRY_MS,
            request_timeout_ms=_REQUEST_TIMEOUT_MS,
        )

    def plain(self) -> AIOKafkaProducer:
        """A producer for single records outside transactions."""
        return AIOKafkaProducer(**self._common, acks="all", request_timeout_ms=_REQUEST_TIMEOUT_MS)

    def admin(self) -> AIOKafkaAdminClient:
        """For descriptions; nothing is ever created by a worker."""
        return AIOKafkaAdminClient(**self._common, request_timeout_ms=_REQUEST_TIMEOUT_MS)
