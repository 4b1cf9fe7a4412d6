"""What every test can ask for: a Kafka, started at most once per session, and a prefix of its own on it."""

import os
import re
import socket
import uuid
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers

from streams.broker.docker import why_no_docker
from streams.broker.ladder import Kafka, running_kafka

# The same examples at every run, so that a change is judged by the change. HYPOTHESIS_PROFILE=explore looks for new ones.
# A busy machine makes the drawing of an example slow: that says nothing about the law.
settings.register_profile("fixed", derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("explore", derandomize=False, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "fixed")
settings.load_profile(PROFILE)
if PROFILE == "fixed":
    # Hypothesis draws constants of whatever modules of ours are imported: then examples would depend on which tests ran before.
    providers._get_local_constants = lambda: providers._local_constants


@pytest.fixture(scope="session")
def kafka(pytestconfig: pytest.Config) -> Iterator[Kafka]:
    """A real Kafka by the ladder (PLAYCALL_BOOTSTRAP, Docker, local node). Absent, it is an error and never a skip."""
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")

    def say(text: str) -> None:
        with capture.global_and_fixture_disabled():
            print(f"\n[{text}]", flush=True)

    with running_kafka(say) as running:
        say(str(running))
        yield running


@pytest.fixture
def prefix(request: pytest.FixtureRequest) -> str:
    """Unique per test, for topics, groups and transactional ids: tests share a broker and never each other's records."""
    name = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower())[:24].strip("-")
    return f"{name}-{uuid.uuid4().hex[:8]}."


@pytest.fixture(scope="session")
def docker_engine() -> None:
    """Skips where no Docker engine answers: for the tests of containers themselves."""
    reason = why_no_docker()
    if reason is not None:
        pytest.skip(f"container test: {reason}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever asks for `kafka` carries the marker `broker`, so `-m 'not broker'` is always true to its word."""
    for item in items:
        if "kafka" in getattr(item, "fixturenames", ()):
            item.add_marker("broker")


@pytest.fixture
def unused_port() -> int:
    """A TCP port of this machine where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
