"""A Kafka node of our own: one KRaft process in a temp folder on free ports, gone when its owner is, however that ends."""

import base64
import contextlib
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from string import Template

from streams.broker.errors import BrokerError
from streams.broker.jars import find_java, kafka_jars
from streams.broker.probe import probe

START_TIMEOUT_S = 90.0
PORT_ATTEMPTS = 3
# Small heap, one collector thread, no optimising compiler: on two cores the broker must not eat what the workers need.
JVM = ("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto")
# Reads until its owner is gone, which closes the pipe even after kill -9; then ends the node and clears up behind it.
LIFELINE = 'cat >/dev/null; kill -9 "$1" 2>/dev/null; rm -rf "$2"'


@dataclass(frozen=True, slots=True)
class Node:
    """A running node. `pid` is the JVM's, `folder` holds its data and `server.log`."""

    bootstrap: str
    pid: int
    folder: Path


@contextlib.contextmanager
def local_node(progress: Callable[[str], None], *, properties: str = "", format_options: Sequence[str] = ()) -> Iterator[Node]:
    """Start a node, yield it once it answers, stop it and delete its data at the end.

    `properties` are more lines for its configuration, where a later line wins ($port and $controller_port stand for the ports);
    `format_options` go to Kafka's storage tool (users for SCRAM). Raises BrokerError with what to install or read.
    """
    java = find_java()
    jars = kafka_jars(progress)
    progress("starting a local Kafka node")
    with contextlib.ExitStack() as stack:
        for attempt in range(1, PORT_ATTEMPTS + 1):
            try:
                node = stack.enter_context(_started(java, jars, properties, format_options))
                break
            except _PortTakenError:
                if attempt == PORT_ATTEMPTS:
                    raise
        yield node


class _PortTakenError(BrokerError):
    """Someone else took the port between our looking and the node's binding."""


@contextlib.contextmanager
def _started(java: Path, jars: Path, properties: str, format_options: Sequence[str]) -> Iterator[Node]:
    folder = Path(tempfile.mkdtemp(prefix="playcall-kafka-"))
    try:
        port = _configure(folder, properties)
        run = [str(java), *JVM, "-cp", f"{jars}/*"]
        _format(run, folder, format_options)
        log = folder / "server.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*run, "kafka.Kafka", str(folder / "server.properties")],
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        try:
            with _lifeline(process.pid, folder):
                bootstrap = f"127.0.0.1:{port}"
                _await_answer(process, bootstrap, log)
                yield Node(bootstrap, process.pid, folder)
        finally:
            process.kill()  # an orderly end would flush what the next line deletes
            process.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _configure(folder: Path, properties: str) -> int:
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        port, controller_port = one.getsockname()[1], two.getsockname()[1]
    packaged = resources.files("streams.broker").joinpath("server.properties").read_text(encoding="utf-8")
    text = Template(f"{packaged}\n{properties}\n").substitute(port=port, controller_port=controller_port, data=folder / "data")
    (folder / "server.properties").write_text(text, encoding="utf-8")
    return int(port)


def _format(run: list[str], folder: Path, options: Sequence[str]) -> None:
    cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "a")  # a leading dash would be an option
    command = [*run, "kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(folder / "server.properties"), *options]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=START_TIMEOUT_S, check=False)
    if done.returncode != 0:
        raise BrokerError(f"the local Kafka node could not prepare {folder}:\n{_tail(done.stdout + done.stderr)}")


@contextlib.contextmanager
def _lifeline(pid: int, folder: Path) -> Iterator[None]:
    guard = subprocess.Popen(
        ["sh", "-c", LIFELINE, "playcall-kafka-lifeline", str(pid), str(folder)],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        yield
    finally:
        guard.kill()  # before the pipe closes: the node is ours to stop, and its pid could be another's later
        guard.wait()
        assert guard.stdin is not None
        guard.stdin.close()


def _await_answer(process: subprocess.Popen[bytes], bootstrap: str, log: Path) -> None:
    host, _, port = bootstrap.rpartition(":")
    deadline = time.monotonic() + START_TIMEOUT_S
    while process.poll() is None:
        with contextlib.suppress(OSError, BrokerError):
            socket.create_connection((host, int(port)), timeout=1).close()
            if probe(bootstrap, timeout_s=5).brokers > 0:
                return
        if time.monotonic() > deadline:
            raise BrokerError(f"the local Kafka node did not answer within {START_TIMEOUT_S:g} s; its log ends:\n{_tail(log.read_text())}")
        time.sleep(0.05)
    said = log.read_text()
    kind = _PortTakenError if "Address already in use" in said else BrokerError
    raise kind(f"the local Kafka node ended at once (exit code {process.returncode}); its log ends:\n{_tail(said)}")


def _tail(text: str) -> str:
    return "\n".join(text.strip().splitlines()[-8:])
