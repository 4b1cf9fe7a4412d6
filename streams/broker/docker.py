"""Kafka in a container, where a Docker engine answers. Its libraries are development dependencies, imported only here and only then."""

import contextlib
import os
import socket
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any

from streams.broker.errors import BrokerError

PING_TIMEOUT_S = 2
# testcontainers' start script fits Confluent's images only; 7.6.0 is the one it is tested with (Apache Kafka 3.6).
IMAGE = "confluentinc/cp-kafka:7.6.0"
VERSION = "3.6"
ENVIRONMENT = {
    "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
    "KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS": "4",
    "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
    "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
    "KAFKA_TRANSACTION_STATE_LOG_NUM_PARTITIONS": "4",
    "KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS": "1000",
}


def why_no_docker() -> str | None:
    """None where a Docker engine answers and the libraries are here; else what is missing, in words. Takes two seconds at most."""
    if find_spec("docker") is None or find_spec("testcontainers") is None:
        return "testcontainers is not installed (pip install 'playcall[dev]')"
    if not _socket_answers():
        return "no Docker engine answers"
    import docker  # noqa: PLC0415 a development dependency
    from docker.errors import DockerException  # noqa: PLC0415

    try:
        client = docker.from_env(timeout=PING_TIMEOUT_S)
        try:
            client.ping()
        finally:
            client.close()
    except (DockerException, OSError) as error:
        return f"no Docker engine answers ({type(error).__name__})"
    return None


def _socket_answers() -> bool:
    """Whether anyone listens at the engine's Unix socket (True for other transports): docker-py leaks its socket where nobody does."""
    host = os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock"
    if not host.startswith("unix://"):
        return True
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(PING_TIMEOUT_S)
        return connection.connect_ex(host.removeprefix("unix://")) == 0


@contextlib.contextmanager
def docker_kafka(progress: Callable[[str], None]) -> Iterator[str]:
    """Start a container, yield its bootstrap address, remove it at the end. Raises BrokerError where it does not start."""
    progress(f"starting Kafka in Docker ({IMAGE})")
    container: Any = _container_class()(IMAGE).with_kraft()
    for name, value in ENVIRONMENT.items():
        container.with_env(name, value)
    try:
        container.start()
    except Exception as error:
        with contextlib.suppress(Exception):
            container.stop()
        raise BrokerError(f"Docker could not start {IMAGE} ({type(error).__name__}: {error}); try: docker pull {IMAGE}") from error
    try:
        yield container.get_bootstrap_server()
    finally:
        container.stop()


def _container_class() -> Any:
    try:
        from testcontainers.community.kafka import KafkaContainer  # noqa: PLC0415
    except ImportError:  # before testcontainers 4.15
        from testcontainers.kafka import KafkaContainer  # noqa: PLC0415
    return KafkaContainer
