"""Least-privilege access, generated from the catalogue: who may do what with which topic, group and transactional id."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from schemas.catalogue import Topic, catalogue, outside_topics, read_topics
from streams.settings import Settings

ResourceType = Literal["topic", "group", "transactional-id", "cluster"]
Operation = Literal["Read", "Write", "Describe", "DescribeConfigs", "Create"]

WORKER = "playcall"
"""The principal of every worker: the processors of the catalogue run in one process."""
PROCESSORS = frozenset({"signals", "router", "roster"})
OPERATORS = "operators"
"""People who look at dead letters, put them back, and have paused topics read on."""
TOPICS_ROLE = "playcall-topics"
"""The principal that runs `playcall topics apply`; workers create nothing."""


class Acl(NamedTuple):
    """One permission to allow. `prefixed` means every resource whose name begins so."""

    principal: str
    operation: Operation
    resource: ResourceType
    name: str
    prefixed: bool = False

    def command(self, bootstrap: str) -> str:
        """The call of Kafka's own tool that grants it."""
        target = "--cluster" if self.resource == "cluster" else f"--{self.resource} {self.name}"
        pattern = " --resource-pattern-type prefixed" if self.prefixed else ""
        return (
            f"kafka-acls.sh --bootstrap-server {bootstrap} --add --allow-principal User:{self.principal} "
            f"--operation {self.operation} {target}{pattern}"
        )


def acls(settings: Settings) -> tuple[Acl, ...]:
    """Every permission that is needed, none that is not; ordered, without repetition.

    Publishers and subscribers get principals named after the catalogue's words (`crm-and-email-systems`); rename them to yours.
    A transactional producer needs no cluster-wide IdempotentWrite (Kafka 2.8, KIP-679): writing its topics implies it.
    """
    return tuple(dict.fromkeys((*_topics(settings), *_worker(settings), *_operators(settings), *_topics_role(settings))))


def _topics(settings: Settings) -> Iterator[Acl]:
    for topic in catalogue():
        name = settings.topic(topic.name)
        for principal in _principals(topic.producers):
            yield Acl(principal, "Write", "topic", name)
            yield Acl(principal, "Describe", "topic", name)
        for principal in _principals(topic.consumers):
            yield Acl(principal, "Read", "topic", name)
            yield Acl(principal, "Describe", "topic", name)
        if _is_ours(topic):  # a worker refuses to start on a wrong cleanup policy, so it must see it
            yield Acl(WORKER, "DescribeConfigs", "topic", name)


def _worker(settings: Settings) -> Iterator[Acl]:
    yield Acl(WORKER, "Read", "group", settings.app_id)
    yield Acl(WORKER, "Describe", "group", settings.app_id)
    yield Acl(WORKER, "Write", "transactional-id", f"{settings.app_id}.", prefixed=True)
    yield Acl(WORKER, "Describe", "transactional-id", f"{settings.app_id}.", prefixed=True)


def _operators(settings: Settings) -> Iterator[Acl]:
    """Beside reading the dead letters: put them back on the topics they came from, and ask for a paused topic to be read on."""
    for name in read_topics():
        yield Acl(OPERATORS, "Describe", "topic", settings.topic(name))
    for name in outside_topics():
        yield Acl(OPERATORS, "Write", "topic", settings.topic(name))
    yield Acl(OPERATORS, "Read", "topic", settings.topic("feeds"))
    yield Acl(OPERATORS, "Write", "topic", settings.topic("feeds"))
    yield Acl(OPERATORS, "Describe", "topic", settings.topic("feeds"))
    yield Acl(OPERATORS, "Write", "transactional-id", f"{settings.app_id}.redrive")
    yield Acl(OPERATORS, "Describe", "transactional-id", f"{settings.app_id}.redrive")


def _topics_role(settings: Settings) -> Iterator[Acl]:
    for topic in catalogue():
        for operation in ("Create", "Describe", "DescribeConfigs"):
            yield Acl(TOPICS_ROLE, operation, "topic", settings.topic(topic.name))


def _is_ours(topic: Topic) -> bool:
    return WORKER in _principals((*topic.producers, *topic.consumers))


def _principals(words: tuple[str, ...]) -> list[str]:
    return list(dict.fromkeys(WORKER if word in PROCESSORS else word.replace(" ", "-") for word in words))
