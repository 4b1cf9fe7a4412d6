"""What must hold for the topics before a worker starts. Everything else is checked per partition, in recovery."""

from collections.abc import Iterable, Mapping
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from streams.kafka.fatal import Refused


async def check_topics(admin: AIOKafkaAdminClient, account_keyed: Iterable[str], single: Iterable[str], compacted: Iterable[str]) -> int:
    """Names as on the broker. Returns the partition count that all account-keyed topics share. Raises `Refused`."""
    keyed = sorted(account_keyed)
    counts = await _partitions(admin, [*keyed, *sorted(single)])
    missing = sorted(name for name, count in counts.items() if count is None)
    if missing:
        raise Refused(f"topics are missing: {', '.join(missing)}", "create them with `playcall topics apply` (same settings, same prefix)")
    found: dict[int, list[str]] = {}
    for name in keyed:
        found.setdefault(counts[name] or 0, []).append(name)
    if len(found) > 1:
        common = max(found, key=lambda count: len(found[count]))
        odd = "; ".join(f"{', '.join(names)} with {count}" for count, names in sorted(found.items()) if count != common)
        raise Refused(
            f"account-keyed topics differ in partition count: most have {common}, but {odd}",
            "one account would be spread over several partitions. Re-create the odd ones with the common count, or all with the larger "
            "one under another prefix and app_id",
        )
    for name, policy in (await _cleanup_policies(admin, sorted(compacted))).items():
        if policy != "compact":
            raise Refused(
                f"{name} has cleanup.policy={policy}",
                "state would be deleted by age. Set it: kafka-configs --alter --entity-type topics "
                f"--entity-name {name} --add-config cleanup.policy=compact",
            )
    return next(iter(found))


async def _partitions(admin: AIOKafkaAdminClient, names: list[str]) -> dict[str, int | None]:
    described: list[dict[str, Any]] = await admin.describe_topics(names)
    by_name = {entry["topic"]: len(entry["partitions"]) if not entry["error_code"] else None for entry in described}
    return {name: by_name.get(name) for name in names}


async def _cleanup_policies(admin: AIOKafkaAdminClient, names: list[str]) -> Mapping[str, str]:
    policies = {}
    for response in await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name) for name in names]):
        for resource in response.resources:
            name, entries = resource[3], resource[4]
            policies[name] = next((entry[1] for entry in entries if entry[0] == "cleanup.policy"), "unknown")
    return policies
