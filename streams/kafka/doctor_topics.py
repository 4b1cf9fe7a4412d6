"""The doctor's look at topics: the catalogue's differences as findings."""

from collections.abc import Callable

from aiokafka.admin import AIOKafkaAdminClient

from schemas.catalogue import account_topics, catalogue
from streams.engine.finding import Finding, Severity
from streams.kafka.admin import Difference, differences, found_topics
from streams.kafka.refusals import LARGEST, POLICY, TIMESTAMPS
from streams.settings import Settings

_REFUSED = frozenset({POLICY, TIMESTAMPS, LARGEST})


async def examine_topics(admin: AIOKafkaAdminClient, settings: Settings, output: Callable[[str], str]) -> list[Finding]:
    """Every topic against the catalogue; the partition count is the one that most account-keyed topics have."""
    names = {topic.name: settings.topic(topic.name) if topic.direction == "in" else output(topic.name) for topic in catalogue()}
    found = await found_topics(admin, names.values())
    counts = [found[names[name]].partitions for name in account_topics() if names[name] in found]
    common = max(set(counts), key=counts.count) if counts else settings.partitions
    assumed = settings.model_copy(update={"partitions": common})
    return [
        _finding(difference)
        for topic in catalogue()
        for difference in differences(topic, found.get(names[topic.name]), assumed, names[topic.name])
    ]


def _finding(difference: Difference) -> Finding:
    severity: Severity = "error"
    if difference.kind == "replication":
        severity = "note"
    elif difference.kind == "config" and difference.setting not in _REFUSED:
        severity = "warning"
    what = "missing" if difference.kind == "missing" else f"{difference.setting} is {difference.actual}, expected {difference.expected}"
    return Finding(severity, difference.topic, what, difference.fix)
