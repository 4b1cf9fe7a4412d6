"""The end of a transaction may be asked for twice: what a real coordinator answers, and what we make of it."""

from collections.abc import AsyncIterator
from types import SimpleNamespace

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.client import ConnectionGroup, CoordinationType
from aiokafka.errors import InvalidProducerEpoch, InvalidTxnState, UnknownError, for_code
from aiokafka.producer.transaction_manager import TransactionResult, TransactionState
from aiokafka.protocol.transaction import EndTxnRequest

from streams.broker.ladder import Kafka
from streams.kafka.end_of_transaction import _MOST, PatientEndTxn
from tests.broker.shell_rig import Rig, rig_on


@pytest.fixture
async def producer(kafka: Kafka, prefix: str, tmp_path: object) -> AsyncIterator[AIOKafkaProducer]:
    async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, transactional_id=f"{prefix}end") as producer:
        yield producer


async def end(producer: AIOKafkaProducer, result: TransactionResult) -> int:
    """Ask the coordinator, beside aiokafka, in the name of this producer; the answer's error code."""
    manager = producer._txn_manager
    node = await producer.client.coordinator_lookup(CoordinationType.TRANSACTION, manager.transactional_id)
    request = EndTxnRequest(manager.transactional_id, manager.producer_id, manager.producer_epoch, result)
    code = 51  # CONCURRENT_TRANSACTIONS: the markers are being written
    while code == 51:
        code = (await producer.client.send(node, request, group=ConnectionGroup.COORDINATION)).error_code
    return int(code)


async def test_a_commit_that_is_done_is_confirmed_again_and_never_turned_into_an_abort(
    kafka: Kafka, prefix: str, tmp_path: object, producer: AIOKafkaProducer
) -> None:
    with rig_on(kafka.bootstrap, prefix, tmp_path, partitions=1) as rig:  # type: ignore[arg-type] # a Path
        await rig.create_topics()
        await producer.begin_transaction()
        await producer.send_and_wait(rig.prefix + "tickets", b"once", partition=0)
        assert await end(producer, TransactionResult.COMMIT) == 0  # the answer that aiokafka never gets to see
        assert await end(producer, TransactionResult.COMMIT) == 0
        assert for_code(await end(producer, TransactionResult.ABORT)) is InvalidTxnState
        await producer.commit_transaction()  # what asking again amounts to
        assert await values(rig) == [b"once"]
        await producer.begin_transaction()
        await producer.send_and_wait(rig.prefix + "tickets", b"twice", partition=0)
        async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, transactional_id=f"{prefix}end"):  # a new owner aborts it
            assert for_code(await end(producer, TransactionResult.COMMIT)) is InvalidProducerEpoch
        assert await values(rig) == [b"once"]
        producer._txn_manager.state = TransactionState.READY  # let it stop


async def values(rig: Rig) -> list[bytes]:
    """What a reader of committed tickets sees."""
    return [record.value for record in await rig.read("tickets")]


class Manager:
    """What the handler sees of a transaction manager."""

    transactional_id = "t"

    def __init__(self, ended: list[bool]) -> None:
        self._ended = ended

    def complete_transaction(self) -> None:
        self._ended.append(True)


def handler(manager: Manager) -> PatientEndTxn:
    """As aiokafka makes one for each time it asks."""
    return PatientEndTxn(SimpleNamespace(_txn_manager=manager, _retry_backoff=0.01), TransactionResult.COMMIT)


def test_an_answer_that_says_nothing_is_asked_again_for_some_seconds_and_others_are_aiokafkas() -> None:
    ended: list[bool] = []
    manager = Manager(ended)
    unknown, good, strange = (SimpleNamespace(error_code=code) for code in (-1, 0, 9999))
    assert [handler(manager).handle_response(unknown) for _ in range(3)] == [0.1] * 3
    assert handler(manager).handle_response(good) is None
    assert ended == [True]
    for _ in range(_MOST):
        handler(manager).handle_response(unknown)
    with pytest.raises(UnknownError):
        handler(manager).handle_response(unknown)
    with pytest.raises(UnknownError, match="9999"):
        handler(manager).handle_response(strange)
