"""Row 5: the broker stops, dies, freezes, stays away, is cut off; leaders and coordinators move between three nodes."""

import contextlib
from collections.abc import Iterator
from random import Random

from aiokafka.admin import AIOKafkaAdminClient

from tests.faults.asking import ask
from tests.faults.cluster import Cluster, running_cluster
from tests.faults.report import Report
from tests.faults.stage import Harness, Stage
from tests.faults.waiting import hold

LONG_S = 40.0  # longer than session (6 s), transaction (15 s) and request timeout (30 s) of the workers
MAY_EXIT = frozenset({0, 2, 3})  # who gave up on the broker, or found none at the start, is started again, as by a supervisor
NO_BROKER = "no broker answer"  # what one may refuse to start for, and nothing else
BACK_S = 180.0


def scenario(harness: Harness, report: Report) -> None:
    """One node that is hurt in itself and in its network; then three, whose leaders and coordinators move."""
    draw = Random(report.seed)
    with _on(harness, report, "one node", 1) as (stage, cluster):
        faults = [_stopped, _killed, _frozen, _away, _cut, _reset]
        for fault in draw.sample(faults, len(faults)):
            stage.progress(draw.randrange(100, 400), BACK_S)
            fault(stage, cluster)
        _finish(stage)
    with _on(harness, report, "three nodes", 3) as (stage, cluster):
        faults = [_leader_moves, _coordinator_moves, _leader_cut]
        for fault in draw.sample(faults, len(faults)):
            stage.progress(draw.randrange(100, 400), BACK_S)
            fault(stage, cluster)
        _finish(stage)


def _finish(stage: Stage) -> None:
    stage.finish(may_exit=MAY_EXIT)
    said = "\n".join(stage.fleet.log_of(number).read_text(errors="replace") for number in stage.fleet.workers).splitlines()
    refusals = [line for line in said if "refused to run" in line and NO_BROKER not in line]
    stage.must(f"nobody refuses to start for anything but a missing broker: {refusals[:3]}", holds=not refusals)


@contextlib.contextmanager
def _on(harness: Harness, report: Report, act: str, nodes: int) -> Iterator[tuple[Stage, Cluster]]:
    """Two supervised workers at work on a cluster of so many nodes."""
    with (
        running_cluster(nodes, harness.say) as cluster,
        harness.stage(report, act=act, seconds=60, bootstrap=cluster.bootstrap, settings=cluster.settings()) as stage,
    ):
        stage.supervised = True
        stage.fleet.start(0)
        stage.fleet.start(1)
        stage.progress(300, BACK_S)
        yield stage, cluster


def _stopped(stage: Stage, cluster: Cluster) -> None:
    node = cluster.nodes[1]
    node.stop()
    node.start()
    cluster.await_answers()
    _works_again(stage, "the broker was stopped in order and started")


def _killed(stage: Stage, cluster: Cluster) -> None:
    node = cluster.nodes[1]
    node.kill()
    node.start()
    cluster.await_answers()
    _works_again(stage, "the broker was killed (-9) and started")


def _frozen(stage: Stage, cluster: Cluster) -> None:
    cluster.nodes[1].freeze()
    before = stage.watch.progress()
    hold(LONG_S, stage.supervise)
    stage.must("nothing is committed on a frozen broker", holds=stage.watch.progress() == before)
    cluster.nodes[1].thaw()
    _works_again(stage, f"the broker was frozen for {LONG_S:.0f} s")


def _away(stage: Stage, cluster: Cluster) -> None:
    cluster.nodes[1].kill()
    before = stage.watch.progress()
    hold(LONG_S, stage.supervise)
    stage.must("nothing is committed without a broker", holds=stage.watch.progress() == before)
    cluster.nodes[1].start()
    cluster.await_answers()
    _works_again(stage, f"no broker at all for {LONG_S:.0f} s")


def _cut(stage: Stage, cluster: Cluster) -> None:
    proxy = cluster.nodes[1].proxy
    proxy.cut()
    before = proxy.forwarded
    hold(LONG_S, stage.supervise)
    stage.must("nothing gets through a cut network", holds=proxy.forwarded - before < 1 << 17)
    proxy.heal()
    _works_again(stage, f"the network between workers and broker was cut for {LONG_S:.0f} s")


def _reset(stage: Stage, cluster: Cluster) -> None:
    cluster.nodes[1].proxy.reset()
    _works_again(stage, "every connection of the workers was reset")


def _leader_moves(stage: Stage, cluster: Cluster) -> None:
    """The node leading partition 0 of `state` dies; the others take over while it is away."""
    leader = ask(cluster.bootstrap, lambda admin: _leader(admin, f"{stage.prefix}state", 0))
    cluster.nodes[leader].kill()
    stage.wait(lambda: ask(cluster.bootstrap, lambda a: _leader(a, f"{stage.prefix}state", 0)) != leader, "another node leads", BACK_S)
    _works_again(stage, f"node {leader}, which led state:0, was killed; others lead")
    cluster.nodes[leader].start()
    cluster.await_answers()


def _coordinator_moves(stage: Stage, cluster: Cluster) -> None:
    """The group's coordinator is stopped in order, so that group and transactions move to another node."""
    group = f"{stage.prefix}app"
    before = ask(cluster.bootstrap, lambda admin: _coordinator(admin, group))
    cluster.nodes[before].stop()
    stage.wait(lambda: ask(cluster.bootstrap, lambda a: _coordinator(a, group)) not in (before, -1), "another coordinator", BACK_S)
    _works_again(stage, f"node {before}, which coordinated the group, was stopped; another coordinates")
    cluster.nodes[before].start()
    cluster.await_answers()


def _leader_cut(stage: Stage, cluster: Cluster) -> None:
    """Workers lose sight of one leader only; the cluster sees nothing wrong with it."""
    leader = ask(cluster.bootstrap, lambda admin: _leader(admin, f"{stage.prefix}state", 0))
    cluster.nodes[leader].proxy.cut()
    hold(LONG_S, stage.supervise)
    cluster.nodes[leader].proxy.heal()
    _works_again(stage, f"workers were cut off from node {leader} alone, which leads state:0, for {LONG_S:.0f} s")


def _works_again(stage: Stage, what: str) -> None:
    stage.progress(200, BACK_S)
    stage.did(what)


async def _leader(admin: AIOKafkaAdminClient, topic: str, partition: int) -> int:
    described = await admin.describe_topics([topic])
    return next(int(p["leader"]) for p in described[0]["partitions"] if p["partition"] == partition)


async def _coordinator(admin: AIOKafkaAdminClient, group: str) -> int:
    return int(await admin.find_coordinator(group))
