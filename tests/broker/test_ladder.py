"""The ladder to a Kafka, on the real thing: what is started answers, and nothing of it stays."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from streams.broker.errors import BrokerError
from streams.broker.jars import KAFKA_VERSION
from streams.broker.ladder import Kafka, running_kafka
from streams.broker.local import local_node
from streams.broker.probe import probe

OWNER = """
import sys
from streams.broker.local import local_node
with local_node(lambda text: None) as node:
    print(node.bootstrap, node.pid, node.folder, flush=True)
    sys.stdin.read()
"""


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def gone_within(pid: int, folder: Path, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while alive(pid) or folder.exists():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_the_session_kafka_answers(kafka: Kafka) -> None:
    assert probe(kafka.bootstrap).brokers >= 1


def test_a_given_broker_is_used_and_named(kafka: Kafka, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYCALL_BOOTSTRAP", kafka.bootstrap)

    with running_kafka() as given:
        assert (given.bootstrap, given.kind) == (kafka.bootstrap, "given")
        assert given.version.endswith("or newer")


def test_the_release_of_our_own_version_is_told_right(kafka: Kafka) -> None:
    if kafka.version != KAFKA_VERSION:
        pytest.skip("another Kafka than our own is in use")

    assert probe(kafka.bootstrap).release == "4.1 or newer"


@pytest.mark.broker
@pytest.mark.usefixtures("own_node")
def test_a_local_node_leaves_no_process_and_no_folder() -> None:
    with local_node(lambda _: None) as node:
        assert probe(node.bootstrap).brokers == 1
        assert alive(node.pid)

    assert gone_within(node.pid, node.folder, 0)


@pytest.mark.broker
@pytest.mark.usefixtures("own_node")
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_local_node_dies_with_its_owner(how: signal.Signals) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert owner.stdout is not None
    bootstrap, pid, folder = owner.stdout.readline().split()
    assert probe(bootstrap).brokers == 1

    owner.send_signal(how)
    owner.communicate()

    assert gone_within(int(pid), Path(folder), 10)


@pytest.mark.broker
@pytest.mark.usefixtures("own_node")
def test_two_local_nodes_live_side_by_side() -> None:
    with local_node(lambda _: None) as one, local_node(lambda _: None) as two:
        assert one.bootstrap != two.bootstrap
        assert (probe(one.bootstrap).brokers, probe(two.bootstrap).brokers) == (1, 1)


def test_without_any_kafka_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("PLAYCALL_BOOTSTRAP", raising=False)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(BrokerError) as caught, running_kafka():
        pass

    assert str(caught.value) == (
        "No Kafka to work with. PLAYCALL_BOOTSTRAP is not set; no Docker engine answers; and for a local node: no java on PATH: "
        "install a JDK 17 or newer (Debian: openjdk-17-jdk-headless), or set JAVA_HOME\n"
        "Any one of the three is enough: set PLAYCALL_BOOTSTRAP=host:port, start Docker, or install JDK 17 and Maven."
    )


@pytest.mark.usefixtures("docker_engine")
def test_docker_serves_a_kafka(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PLAYCALL_BOOTSTRAP", raising=False)

    with running_kafka() as kafka:
        assert kafka.kind == "docker"
        assert probe(kafka.bootstrap).brokers == 1
