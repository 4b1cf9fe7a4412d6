"""What must hold for the topics before a worker starts. Everything else is checked per partition, in recovery."""

from collections.abc import Iterator, Mapping, Sequence

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import for_code

from schemas.catalogue import Topic
from streams.kafka.fatal import Refused
from streams.kafka.topic_metadata import describe

POLICY, TIMESTAMPS, LARGEST = "cleanup.policy", "message.timestamp.type", "max.message.bytes"

Configs = Mapping[str, str | None]


def afresh(state: str) -> str:
    """The remedy that always works, and what it costs."""
    return (
        f"begin afresh: stop all workers, delete the topic {state}, run `playcall topics apply`, start with another app_id; "
        "accounts are then built anew from the events that are still retained"
    )


async def check_topics(admin: AIOKafkaAdminClient, read: Mapping[str, Topic], written: Mapping[str, Topic]) -> int:
    """Names as on the broker. Returns the partition count that all account-keyed topics share. Raises `Refused`."""
    topics = {**read, **written}
    found = await describe(admin, topics)
    missing = sorted(topics.keys() - found.keys())
    if missing:
        raise Refused(f"topics are missing: {', '.join(missing)}", "create them with `playcall topics apply` (same settings, same prefix)")
    by_count: dict[int, list[str]] = {}
    for name in sorted(name for name, topic in topics.items() if topic.partitions == "account"):
        by_count.setdefault(found[name].partitions, []).append(name)
    if len(by_count) > 1:
        common = max(by_count, key=lambda count: len(by_count[count]))
        odd = "; ".join(f"{', '.join(names)} with {count}" for count, names in sorted(by_count.items()) if count != common)
        raise Refused(
            f"account-keyed topics differ in partition count: most have {common}, but {odd}",
            "one account would be spread over several partitions. Re-create the odd ones with the common count, or all with the larger "
            "one under another prefix and app_id",
        )
    for name, topic in topics.items():
        if topic.partitions not in ("account", found[name].partitions):
            raise Refused(
                f"{name} has {found[name].partitions} partitions, and must have {topic.partitions}",
                "what is written there goes by that count: stop all workers, delete the topic, run `playcall topics apply`",
            )
    configs = await _configs(admin, sorted(topics))
    faults = [fault for name, topic in topics.items() for fault in misconfigured(name, topic, configs[name], written=name in written)]
    if faults:
        more = f" ({len(faults) - 1} more like it: see `playcall topics check`)" if len(faults) > 1 else ""
        raise Refused(faults[0].what, faults[0].remedy + more)
    return next(iter(by_count))


def misconfigured(name: str, topic: Topic, configs: Configs, *, written: bool) -> Iterator[Refused]:
    """What a worker cannot run on, why it matters, and how to mend it."""
    policy = configs.get(POLICY) or ""
    if topic.compacted and policy != "compact":
        yield Refused(f"{name} has {POLICY}={policy}", f"state would be deleted by age. {_set(name, POLICY, 'compact')}")
    if not topic.compacted and "compact" in policy:
        yield Refused(
            f"{name} has {POLICY}={policy}",
            f"its key is the account: of each only the last record would be left, the others lost unread. {_set(name, POLICY, 'delete')}",
        )
    stamps = configs.get(TIMESTAMPS)
    if topic.direction == "in" and stamps != "LogAppendTime":
        yield Refused(
            f"{name} has {TIMESTAMPS}={stamps}",
            "retention and the memory for duplicates go by the time a record was appended: with the publisher's own clock old events are "
            f"deleted before they are read, and one sent twice can count twice. {_set(name, TIMESTAMPS, 'LogAppendTime')}",
        )
    largest = int(configs.get(LARGEST) or topic.max_message_bytes)
    if written and largest < topic.max_message_bytes:
        yield Refused(
            f"{name} has {LARGEST}={largest}",
            f"a commit may need {topic.max_message_bytes}, and would fail at the same record at every start. "
            + _set(name, LARGEST, str(topic.max_message_bytes)),
        )


def _set(name: str, setting: str, value: str) -> str:
    return f"Set it: kafka-configs --alter --entity-type topics --entity-name {name} --add-config {setting}={value}"


async def _configs(admin: AIOKafkaAdminClient, names: Sequence[str]) -> dict[str, Configs]:
    configs: dict[str, Configs] = {}
    for response in await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name) for name in names]):
        for code, message, _kind, name, entries in response.resources:
            if code:
                raise Refused(
                    f"the configuration of {name} cannot be read ({for_code(code).__name__}: {message})",
                    "grant this user DescribeConfigs on the topics of the catalogue (`playcall acls` lists every permission)",
                )
            configs[name] = {entry[0]: entry[1] for entry in entries}
    return configs
