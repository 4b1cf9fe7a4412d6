"""Contracts with the inside of Faust 0.15.3 and aiokafka 0.14.0: what the shell overrides must exist and mean what it did."""

import inspect
from importlib.metadata import entry_points

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.consumer import fetcher as aiokafka_fetcher
from aiokafka.consumer import group_coordinator
from aiokafka.consumer.subscription_state import SubscriptionState, TopicPartitionState
from faust.tables import recovery as faust_recovery
from faust.transport import consumer as faust_consumer
from faust.transport.drivers import aiokafka as driver
from faust.transport.drivers import by_name

from streams.kafka import seams
from streams.kafka.consumer_thread import RangeThread
from streams.kafka.transport import RangeConsumer, Transport


def _parameters(method: object) -> list[str]:
    return list(inspect.signature(method).parameters)  # type: ignore[arg-type]


def test_the_pinned_releases_and_their_compiled_parts_are_installed() -> None:
    seams.check_seams()


def test_another_release_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(seams.PINNED, "aiokafka", "0.13.0")
    with pytest.raises(seams.SeamError, match=r"aiokafka 0\.14\.0 is installed, this release needs 0\.13\.0"):
        seams.check_seams()


def test_a_missing_compiled_part_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seams, "_EXTENSIONS", ("faust._cython.gone",))
    with pytest.raises(seams.SeamError, match=r"the compiled part faust\._cython\.gone is missing"):
        seams.check_seams()


def test_the_transport_is_found_by_its_url_scheme() -> None:
    assert [entry.value for entry in entry_points(group="faust.transports", name="playcall")] == ["streams.kafka.transport:Transport"]
    assert by_name("playcall") is Transport
    assert Transport.Consumer is RangeConsumer


def test_faust_calls_what_the_shell_overrides() -> None:
    assert "self._new_consumer_thread()" in inspect.getsource(faust_consumer.ThreadDelegateConsumer.__init__)
    assert "self._create_worker_consumer(" in inspect.getsource(driver.AIOKafkaConsumerThread._create_consumer)
    assert "self._fetch_records" in inspect.getsource(driver.AIOKafkaConsumerThread.getmany)
    assert "self.seek_to_committed()" in inspect.getsource(faust_consumer.Consumer.perform_seek)
    assert "consumer._drain_messages(self)" in inspect.getsource(faust_consumer.Fetcher._fetcher.fun)
    assert _parameters(RangeThread._fetch_records) == _parameters(driver.AIOKafkaConsumerThread._fetch_records)


def test_faust_awaits_the_rebalance_signal_before_it_seeks_and_resumes() -> None:
    source = inspect.getsource(faust_recovery.Recovery._resume_streams)
    steps = ("await app.on_rebalance_complete.send()", "consumer.perform_seek()", "consumer.resume_flow()")
    positions = [source.index(step) for step in steps]
    assert positions == sorted(positions)


def test_drained_records_and_positions_are_one_step() -> None:
    # After the last record is taken there is no await before fetched_records returns them.
    source = inspect.getsource(aiokafka_fetcher.Fetcher.fetched_records)
    tail = source[source.index("records = res_or_error.getall(max_records)") : source.index("if drained or not timeout:")]
    assert "await" not in tail
    assert "_update_position" in inspect.getsource(aiokafka_fetcher.FetchResult.getall)


def test_one_response_sets_the_three_figures_of_a_partition_together() -> None:
    source = inspect.getsource(aiokafka_fetcher.Fetcher._proc_fetch_request)
    start = source.index("tp_state.highwater = highwater")
    following = [line.strip() for line in source[start:].splitlines()[:3]]
    assert following == ["tp_state.highwater = highwater", "tp_state.lso = lso", "tp_state.timestamp = now_ms"]
    # A response to another position than the present one is discarded before that.
    assert source.index("Discarding fetch response for partition") < start


async def test_the_fields_the_consumer_thread_reads_exist() -> None:
    subscription = SubscriptionState()
    subscription.assign_from_user([TopicPartition("t", 0)])
    assert subscription.subscription is not None
    assignment = subscription.subscription.assignment
    state = assignment.state_value(TopicPartition("t", 0))
    assert isinstance(state, TopicPartitionState)
    assert (state.highwater, state.lso, state.timestamp, state.has_valid_position) == (None, None, None, False)
    state.seek(7)
    assert (state.has_valid_position, state.position, assignment.active) == (True, 7, True)
    assert hasattr(group_coordinator.GroupCoordinator, "request_rejoin")


def test_batches_are_built_before_a_transaction_opens() -> None:
    assert "is_in_transaction" not in inspect.getsource(AIOKafkaProducer.create_batch)
    assert _parameters(AIOKafkaProducer.send_batch) == ["self", "batch", "topic", "partition"]
    assert "isolation_level" in _parameters(AIOKafkaConsumer.__init__)
