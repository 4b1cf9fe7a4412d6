"""Which Kafka: the one that was given, else one in Docker, else a local node. For demo, tests and `playcall kafka up`."""

import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from streams.broker.docker import VERSION as DOCKER_VERSION
from streams.broker.docker import docker_kafka, why_no_docker
from streams.broker.errors import BrokerError
from streams.broker.jars import KAFKA_VERSION
from streams.broker.local import local_node
from streams.broker.probe import probe
from streams.kafka.credentials import client_options
from streams.settings import load_settings

Kind = Literal["given", "docker", "local"]


@dataclass(frozen=True, slots=True)
class Kafka:
    """A Kafka that answered. `bootstrap` is host:port, comma separated."""

    bootstrap: str
    kind: Kind
    version: str

    def __str__(self) -> str:
        where = {"given": "given by PLAYCALL_BOOTSTRAP", "docker": "in Docker", "local": "local node"}[self.kind]
        return f"Apache Kafka {self.version} at {self.bootstrap} ({where})"


def _silent(_text: str) -> None:
    pass


@contextlib.contextmanager
def running_kafka(progress: Callable[[str], None] = _silent) -> Iterator[Kafka]:
    """Yield a Kafka that answers; what was started for it is stopped at the end, also when the process dies.

    `progress` gets short lines about what takes time. Raises BrokerError (or SettingsError for a given broker's settings) with
    what to install, start or set.
    """
    if os.environ.get("PLAYCALL_BOOTSTRAP"):
        settings = load_settings()
        answer = probe(settings.bootstrap, client_options=client_options(settings))
        yield Kafka(settings.bootstrap, "given", answer.release)
        return
    no_docker = why_no_docker()
    if no_docker is None:
        with docker_kafka(progress) as bootstrap:
            probe(bootstrap, timeout_s=30)
            yield Kafka(bootstrap, "docker", DOCKER_VERSION)
        return
    with contextlib.ExitStack() as stack:
        try:
            node = stack.enter_context(local_node(progress))
        except BrokerError as error:
            raise BrokerError(
                f"No Kafka to work with. PLAYCALL_BOOTSTRAP is not set; {no_docker}; and for a local node: {error}\n"
                "Any one of the three is enough: set PLAYCALL_BOOTSTRAP=host:port, start Docker, or install JDK 17 and Maven."
            ) from error
        yield Kafka(node.bootstrap, "local", KAFKA_VERSION)
