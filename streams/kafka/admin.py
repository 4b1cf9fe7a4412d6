"""The topics on a broker against the catalogue: what differs, how to mend it, and creating what is missing."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import TopicAlreadyExistsError, for_code

from schemas.catalogue import Topic, catalogue
from streams.broker.errors import BrokerError
from streams.broker.probe import ask
from streams.kafka.credentials import client_options
from streams.settings import Settings

PROBE_TIMEOUT_S = 10.0
VISIBLE_TIMEOUT_S = 15.0
"""Until a created topic stands in the metadata; brokers learn of it a moment after the controller."""

Kind = Literal["missing", "partitions", "replication", "config"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One way in which a topic is not as the catalogue says. `topic` is the name on the broker."""

    topic: str
    kind: Kind
    setting: str
    expected: str
    actual: str
    fix: str

    def __str__(self) -> str:
        if self.kind == "missing":
            return f"{self.topic}: missing. Fix: {self.fix}"
        return f"{self.topic}: {self.setting} is {self.actual}, expected {self.expected}. Fix: {self.fix}"


@dataclass(frozen=True, slots=True)
class Found:
    """A topic as the broker has it. `replicas` is the least over its partitions."""

    partitions: int
    replicas: int
    configs: Mapping[str, str | None]


@asynccontextmanager
async def connected(settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    """An admin client on a broker that answered and is new enough. Raises BrokerError with what to do."""
    await ask(settings.bootstrap, PROBE_TIMEOUT_S, client_options(settings))
    client = AIOKafkaAdminClient(bootstrap_servers=settings.bootstrap.split(","), **client_options(settings))
    try:
        await client.start()
        yield client
    finally:
        await client.close()


async def check_topics(settings: Settings) -> tuple[Difference, ...]:
    """Compare every topic of the catalogue with the broker, in the catalogue's order; empty means equal. Raises BrokerError."""
    async with connected(settings) as client:
        return await _compare(client, settings)


async def apply_topics(settings: Settings) -> tuple[tuple[str, ...], tuple[Difference, ...]]:
    """Create the missing topics; (names created, what still differs). What exists is never altered. Raises BrokerError.

    May be called again, and by two at once: a topic that another has just created is simply not in the first part.
    """
    async with connected(settings) as client:
        there = await existing_topics(client, settings)
        missing = [topic for topic in catalogue() if settings.topic(topic.name) not in there]
        created = await _create(client, settings, missing)
        await _await_visible(client, settings)
        return created, await _compare(client, settings)


async def _create(client: AIOKafkaAdminClient, settings: Settings, topics: Sequence[Topic]) -> tuple[str, ...]:
    if not topics:
        return ()
    response = await client.create_topics(
        [
            NewTopic(
                name=settings.topic(topic.name),
                num_partitions=topic.partition_count(settings.partitions),
                replication_factor=settings.replication_factor,
                topic_configs=dict(topic.settings),
            )
            for topic in topics
        ]
    )
    created = []
    for name, code, message in response.topic_errors:
        if not code:
            created.append(name)
        elif for_code(code) is not TopicAlreadyExistsError:
            raise BrokerError(f"topic {name} could not be created: {for_code(code).__name__}: {message}")
    return tuple(created)


async def _await_visible(client: AIOKafkaAdminClient, settings: Settings) -> None:
    wanted = {settings.topic(topic.name) for topic in catalogue()}
    try:
        async with asyncio.timeout(VISIBLE_TIMEOUT_S):
            while wanted - set(await existing_topics(client, settings)):  # noqa: ASYNC110 a broker tells no one
                await asyncio.sleep(0.05)
    except TimeoutError as error:
        raise BrokerError(
            f"created topics are not visible after {VISIBLE_TIMEOUT_S:g} s: run `playcall topics check` again later"
        ) from error


async def existing_topics(client: AIOKafkaAdminClient, settings: Settings | None = None) -> dict[str, tuple[int, int]]:
    """(partitions, least replicas) by name on the broker, of all topics (with the settings' prefix); asking for one might create it."""
    there: dict[str, tuple[int, int]] = {}
    for topic in await client.describe_topics(None):
        name, partitions = str(topic["topic"]), topic["partitions"]
        if (settings is None or name.startswith(settings.topic_prefix)) and not topic["error_code"] and partitions:
            there[name] = (len(partitions), min(len(partition["replicas"]) for partition in partitions))
    return there


async def partitions_of(settings: Settings, *topics: str) -> dict[str, int]:
    """Partition counts of topics (logical names). Raises BrokerError naming those that are not there."""
    async with connected(settings) as client:
        there = await existing_topics(client, settings)
    missing = [name for topic in topics if (name := settings.topic(topic)) not in there]
    if missing:
        raise BrokerError(
            f"topics are missing at {settings.bootstrap}: {', '.join(missing)}; "
            "check --bootstrap and --topic-prefix; `playcall topics check`"
        )
    return {topic: there[settings.topic(topic)][0] for topic in topics}


async def _configs(client: AIOKafkaAdminClient, names: Sequence[str]) -> dict[str, dict[str, str | None]]:
    if not names:
        return {}
    responses: list[Any] = await client.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name) for name in names])
    configs: dict[str, dict[str, str | None]] = {}
    for response in responses:
        for code, message, _kind, name, entries in response.resources:
            if code:
                raise BrokerError(f"the configuration of topic {name} cannot be read: {for_code(code).__name__}: {message}")
            configs[name] = {entry[0]: entry[1] for entry in entries}
    return configs


async def found_topics(client: AIOKafkaAdminClient, names: Iterable[str]) -> dict[str, Found]:
    """Those of the named topics that are there."""
    there = await existing_topics(client)
    wanted = [name for name in names if name in there]
    configs = await _configs(client, wanted)
    return {name: Found(*there[name], configs[name]) for name in wanted}


async def _compare(client: AIOKafkaAdminClient, settings: Settings) -> tuple[Difference, ...]:
    found = await found_topics(client, [settings.topic(topic.name) for topic in catalogue()])
    return tuple(difference for topic in catalogue() for difference in differences(topic, found.get(settings.topic(topic.name)), settings))


def differences(topic: Topic, found: Found | None, settings: Settings, name: str | None = None) -> list[Difference]:
    """What `found` (None: nothing) has otherwise than the catalogue says, each with its fix. `name` is its name on the broker."""
    name = settings.topic(topic.name) if name is None else name
    if found is None:
        return [Difference(name, "missing", "topic", name, "-", "playcall topics apply")]
    result = []
    partitions = topic.partition_count(settings.partitions)
    if found.partitions != partitions:
        fix = f"create it anew with {partitions} partitions: altering the count would move accounts away from their state"
        if topic.partitions == "account":
            fix += f"; or set PLAYCALL_PARTITIONS={found.partitions}, if every account-keyed topic has as many"
        result.append(Difference(name, "partitions", "partitions", str(partitions), str(found.partitions), fix))
    if found.replicas != settings.replication_factor:
        fix = (
            f"kafka-reassign-partitions.sh to {settings.replication_factor} replicas, or set PLAYCALL_REPLICATION_FACTOR={found.replicas} "
            "if that is what you mean"
        )
        result.append(Difference(name, "replication", "replication factor", str(settings.replication_factor), str(found.replicas), fix))
    for setting, expected in topic.settings.items():
        actual = found.configs.get(setting)
        if actual != expected:
            fix = (
                f"kafka-configs.sh --bootstrap-server {settings.bootstrap} --alter --entity-type topics --entity-name {name} "
                f"--add-config {setting}={expected}"
            )
            result.append(Difference(name, "config", setting, expected, str(actual), fix))
    return result
