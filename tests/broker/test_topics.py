"""`topics apply` and `topics check` on a real broker: every kind of difference is found, named, and only reported."""

import asyncio
import json
from collections.abc import Callable

import pytest
from aiokafka.admin import NewTopic

from schemas.catalogue import catalogue, topic
from streams.broker.errors import BrokerError
from streams.kafka.admin import Difference, apply_topics, check_topics, connected
from streams.settings import Settings


async def create(settings: Settings, name: str, partitions: int = 4, **otherwise: str) -> None:
    """A topic as someone else made it: as the catalogue says but for `otherwise` (dots written as underscores)."""
    configs = {**topic(name).settings, **{key.replace("_", "."): value for key, value in otherwise.items()}}
    async with connected(settings) as client:
        await client.create_topics([NewTopic(settings.topic(name), partitions, 1, topic_configs=configs)])


async def test_apply_creates_the_whole_catalogue_and_check_agrees(settings: Settings) -> None:
    created, remaining = await apply_topics(settings)

    assert sorted(created) == sorted(settings.topic(each.name) for each in catalogue())
    assert remaining == ()
    assert await check_topics(settings) == ()


async def test_apply_twice_creates_nothing_more(settings: Settings) -> None:
    await apply_topics(settings)

    assert await apply_topics(settings) == ((), ())


async def test_two_applies_at_once_create_each_topic_once(settings: Settings) -> None:
    (one, _), (two, _) = await asyncio.gather(apply_topics(settings), apply_topics(settings))

    assert sorted(one + two) == sorted(settings.topic(each.name) for each in catalogue())


async def test_without_topics_every_one_is_missing(settings: Settings) -> None:
    names = [settings.topic(each.name) for each in catalogue()]

    assert await check_topics(settings) == tuple(Difference(name, "missing", "topic", name, "-", "playcall topics apply") for name in names)


async def test_a_wrong_partition_count_is_named_with_its_fix(settings: Settings) -> None:
    await create(settings, "tickets", partitions=6)

    _, remaining = await apply_topics(settings)

    (difference,) = remaining
    assert str(difference) == (
        f"{settings.topic('tickets')}: partitions is 6, expected 4. Fix: create it anew with 4 partitions: altering the count would move "
        "accounts away from their state; or set PLAYCALL_PARTITIONS=6, if every account-keyed topic has as many"
    )


async def test_a_one_partition_topic_with_more_is_told_to_be_created_anew(settings: Settings) -> None:
    await create(settings, "assignment-requests")

    _, remaining = await apply_topics(settings)

    assert [(each.kind, each.expected, each.actual) for each in remaining] == [("partitions", "1", "4")]
    assert "PLAYCALL_PARTITIONS" not in remaining[0].fix


async def test_wrong_configuration_is_named_setting_by_setting(settings: Settings) -> None:
    await create(settings, "state", cleanup_policy="delete", max_message_bytes="1000")

    _, remaining = await apply_topics(settings)

    assert [(each.setting, each.expected, each.actual) for each in remaining] == [
        ("cleanup.policy", "compact", "delete"),
        ("max.message.bytes", topic("state").settings["max.message.bytes"], "1000"),
    ]
    assert remaining[0].fix == (
        f"kafka-configs.sh --bootstrap-server {settings.bootstrap} --alter --entity-type topics "
        f"--entity-name {settings.topic('state')} --add-config cleanup.policy=compact"
    )


async def test_fewer_replicas_than_asked_for_are_named(settings: Settings) -> None:
    await apply_topics(settings)
    three = settings.model_copy(update={"replication_factor": 3})

    found = await check_topics(three)

    assert {each.kind for each in found} == {"replication"}
    assert len(found) == len(catalogue())
    assert str(found[0]) == (
        f"{settings.topic('product-usage')}: replication factor is 1, expected 3. Fix: kafka-reassign-partitions.sh to 3 replicas, "
        "or set PLAYCALL_REPLICATION_FACTOR=1 if that is what you mean"
    )


async def test_more_replicas_than_brokers_cannot_be_created_and_says_so(settings: Settings) -> None:
    with pytest.raises(BrokerError, match=r"topic .*product-usage could not be created: InvalidReplicationFactorError: "):
        await apply_topics(settings.model_copy(update={"replication_factor": 30}))


def test_the_command_answers_with_exit_codes_and_json(
    playcall: Callable[..., int], settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--bootstrap", settings.bootstrap, "--topic-prefix", settings.topic_prefix, "--json")

    assert playcall("topics", "check", *options) == 1
    before = json.loads(capsys.readouterr().out)
    assert playcall("topics", "apply", *options) == 0
    applied = capsys.readouterr()
    assert playcall("topics", "check", *options) == 0
    after = json.loads(capsys.readouterr().out)

    names = sorted(settings.topic(each.name) for each in catalogue())
    assert sorted(each["topic"] for each in before["differences"]) == names
    assert sorted(json.loads(applied.out)["created"]) == names
    assert after == {"differences": []}
    assert applied.err == ""  # progress is for terminals


def test_an_unreachable_broker_ends_with_what_to_do(
    playcall: Callable[..., int], capsys: pytest.CaptureFixture[str], unused_port: int
) -> None:
    assert playcall("topics", "check", "--bootstrap", f"127.0.0.1:{unused_port}") == 2

    said = capsys.readouterr().err
    assert said.startswith(f"playcall: Kafka at 127.0.0.1:{unused_port} does not answer (KafkaConnectionError")
    assert said.endswith("is the address reachable from here, is security_protocol (PLAINTEXT) the listener's?\n")
