"""A Kafka cluster that can be hurt: KRaft nodes as processes that are killed, frozen and started again on their own data.

Each node has a second listener for workers, advertised at a proxy of ours: so a network cut takes the workers' traffic and
nothing else, and the harness goes on seeing what the broker has.
"""

import base64
import contextlib
import shutil
import signal
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from string import Template

from streams.broker import local
from streams.broker.errors import BrokerError
from streams.broker.jars import find_java, kafka_jars
from streams.broker.probe import probe
from tests.faults.proxy import Proxy
from tests.faults.waiting import until

START_S = 120.0
ORDERLY_S = 60.0
PROPERTIES = """
node.id=$node
controller.quorum.voters=$voters
listeners=PLAINTEXT://127.0.0.1:$port,WORKERS://127.0.0.1:$worker_port,CONTROLLER://127.0.0.1:$controller_port
advertised.listeners=PLAINTEXT://127.0.0.1:$port,WORKERS://127.0.0.1:$proxy_port
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,WORKERS:PLAINTEXT,CONTROLLER:PLAINTEXT
offsets.topic.replication.factor=$replicas
transaction.state.log.replication.factor=$replicas
transaction.state.log.min.isr=$in_sync
min.insync.replicas=$in_sync
controlled.shutdown.enable=true
broker.session.timeout.ms=6000
replica.lag.time.max.ms=6000
"""


@dataclass
class Node:
    """One broker and controller. `process` is None while it is down."""

    number: int
    port: int
    proxy: Proxy
    folder: Path
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    guard: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def start(self) -> None:
        """Does not wait for it to answer: in a cluster it needs the others for that."""
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
        self.guard.enter_context(local._lifeline(self.process.pid, self.folder))

    def kill(self) -> None:
        """As by power loss of the process: nothing is flushed or handed over."""
        if self.process is not None:
            self.guard.close()
            self.process.kill()
            self.process.wait()
            self.process = None

    def stop(self) -> None:
        """In order: leaders and coordinators are handed over first, if somebody is there to take them."""
        assert self.process is not None
        self.guard.close()
        self.process.terminate()
        try:
            self.process.wait(ORDERLY_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def freeze(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def answers(self) -> bool:
        with contextlib.suppress(BrokerError):
            return probe(f"127.0.0.1:{self.port}", timeout_s=5).brokers > 0
        return False


@dataclass
class Cluster:
    """Its nodes, by number from 1."""

    nodes: dict[int, Node]

    @property
    def bootstrap(self) -> str:
        """For the harness."""
        return ",".join(f"127.0.0.1:{node.port}" for node in self.nodes.values())

    @property
    def workers_bootstrap(self) -> str:
        """For the workers, through the proxies."""
        return ",".join(f"127.0.0.1:{node.proxy.port}" for node in self.nodes.values())

    def settings(self) -> dict[str, str]:
        """What workers and topics need to know about it."""
        return {"PLAYCALL_BOOTSTRAP": self.workers_bootstrap, "PLAYCALL_REPLICATION_FACTOR": str(len(self.nodes))}

    def await_answers(self) -> None:
        """Until every node that runs answers."""
        for node in self.nodes.values():
            if node.process is not None:
                until(node.answers, START_S, f"node {node.number} answers; its log is {node.folder / 'server.log'}")


@contextlib.contextmanager
def running_cluster(count: int, say: Callable[[str], None]) -> Iterator[Cluster]:
    """So many nodes, started and answering; with three, everything is replicated and two must be in sync. Gone at the end."""
    java, jars = find_java(), kafka_jars(say)
    run = [str(java), *local.JVM, "-cp", f"{jars}/*"]
    folder = Path(tempfile.mkdtemp(prefix="playcall-faults-kafka-"))
    say(f"starting {count} Kafka nodes of our own")
    ports = _free_ports(3 * count)
    voters = ",".join(f"{n + 1}@127.0.0.1:{ports[3 * n + 2]}" for n in range(count))
    identity = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "a")
    packaged = resources.files("streams.broker").joinpath("server.properties").read_text(encoding="utf-8")
    cluster = Cluster({})
    try:
        for n in range(count):
            port, worker_port, controller_port = ports[3 * n : 3 * n + 3]
            home = folder / f"node-{n + 1}"
            home.mkdir()
            proxy = Proxy(worker_port)
            proxy.start()
            text = Template(packaged + PROPERTIES).substitute(
                node=n + 1, voters=voters, port=port, worker_port=worker_port, controller_port=controller_port, proxy_port=proxy.port,
                data=home / "data", replicas=count, in_sync=min(2, count),
            )  # fmt: skip
            (home / "server.properties").write_text(text, encoding="utf-8")
            _format(run, home, identity)
            cluster.nodes[n + 1] = Node(n + 1, port, proxy, home, [*run, "kafka.Kafka", str(home / "server.properties")])
        for node in cluster.nodes.values():
            node.start()
        cluster.await_answers()
        yield cluster
    finally:
        for node in cluster.nodes.values():
            node.kill()
            node.proxy.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _format(run: list[str], home: Path, identity: str) -> None:
    command = [*run, "kafka.tools.StorageTool", "format", "-t", identity, "-c", str(home / "server.properties")]
    subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True, timeout=START_S)


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]
