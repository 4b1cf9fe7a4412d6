"""`playcall doctor`: looks at topics, state, positions, and what comes next. Reads only; joins no group, writes nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from streams.broker.errors import BrokerError
from streams.clock import Clock
from streams.engine.batch import Batch
from streams.engine.checkup import Checkup, Sizes
from streams.engine.cursor import Cursor
from streams.engine.dry_run import Ahead, DryRun, dry_run
from streams.engine.finding import Finding
from streams.engine.logs import Logs
from streams.engine.quarantine import Quarantine
from streams.engine.task import PartitionTask
from streams.kafka.admin import connected
from streams.kafka.clients import Clients
from streams.kafka.doctor_positions import Positions
from streams.kafka.doctor_topics import examine_topics
from streams.kafka.going_live import known_go_live_ms
from streams.kafka.kinds import ACCOUNT, TaskId, TaskKind
from streams.kafka.log_reading import Bounds, read_range, read_to_end, started
from streams.kafka.topic_metadata import describe
from streams.processing.cell import Cell
from streams.settings import Settings

_STEP = 2_000  # offsets read at once for the dry run


@dataclass(frozen=True, slots=True)
class Product:
    """What the composing command hands over for each kind of task: how tasks are built, and what they keep."""

    kind: TaskKind
    cells: Mapping[str, Cell]  # every cell by name
    revision: str  # of the library here
    build: Callable[[int, int, int, Quarantine], PartitionTask]  # (partition, partitions, go-live ms, quarantine)
    names: Mapping[str, str]  # logical -> name on the broker, of what these tasks read
    state: str  # on the broker


@dataclass(slots=True)
class PartitionReport:
    """Figures of one partition, and how the dry run went; `ahead` are the records between cursor and end by topic."""

    task: TaskId
    sizes: Sizes
    cursor: Cursor | None = None
    ahead: dict[str, int] = field(default_factory=dict)
    run: DryRun | None = None


@dataclass(slots=True)
class Report:
    """Everything that was found, and the figures."""

    findings: list[Finding] = field(default_factory=list)
    partitions: list[PartitionReport] = field(default_factory=list)


async def examine(
    settings: Settings, products: Sequence[Product], output: Callable[[str], str], clock: Clock, records: int, only: int | None = None
) -> Report:
    """Look at everything, at `records` records of each topic-partition in the dry run. Raises BrokerError when it cannot look.

    `output` names what workers write. With `only` nothing but that partition of the accounts is looked at.
    """
    report = Report()
    clients = Clients(settings)
    bounds = Bounds(clients)
    async with connected(settings) as admin:
        report.findings += await examine_topics(admin, settings, output)
        await bounds.start()
        try:
            for product in products:
                if only is None or product.kind.name == ACCOUNT:
                    await _examine_kind(settings, product, _Means(clients, bounds, admin, clock, output("feeds")), report, records, only)
        finally:
            await bounds.stop()
    return report


class _Means(NamedTuple):
    clients: Clients
    bounds: Bounds
    admin: AIOKafkaAdminClient
    clock: Clock
    feeds: str


async def _examine_kind(settings: Settings, product: Product, means: _Means, report: Report, records: int, only: int | None) -> None:
    names, state, feeds = product.names, product.state, means.feeds
    described = await describe(means.admin, [*names.values(), state, feeds])
    if len(described) < len({*names.values(), state, feeds}):
        return  # missing topics are findings already, and there is nothing more to look at
    partitions = described[state].partitions
    if only is not None and only >= partitions:
        raise BrokerError(f"partitions are 0 to {partitions - 1}, not {only}")
    found = Logs(partitions, {t: i for t, name in {**names, "feeds": feeds}.items() if (i := described[name].id) is not None})
    go_live_ms = await known_go_live_ms(settings, means.clients, feeds)
    positions = Positions(settings, means.admin, means.clients, means.bounds, names, state, found, product.revision)
    for partition in range(partitions) if only is None else [only]:
        look = _Look(means.clients, product, positions, means.clock, partition, partitions, names)
        begun_ms = means.clock.now_ms() if go_live_ms is None else go_live_ms
        await look.at(state, report, records, begun_ms, Quarantine.parse(settings.quarantine))


class _Look:
    def __init__(
        self, clients: Clients, product: Product, positions: Positions, clock: Clock, partition: int, partitions: int,
        names: Mapping[str, str],
    ) -> None:  # fmt: skip
        self._clients = clients
        self._product = product
        self._positions = positions
        self._clock = clock
        self._partition = partition
        self._partitions = partitions
        self._names = names

    async def at(self, state: str, report: Report, records: int, go_live_ms: int, quarantine: Quarantine) -> None:
        checkup = Checkup(state, self._partition, self._partitions, self._product.cells)
        async with started(self._clients.reader(committed=True)) as consumer:
            async for chunk in read_to_end(consumer, TopicPartition(state, self._partition)):
                for record in chunk:
                    checkup.take(record.offset, record.key, record.value)
            findings = checkup.findings()
            known = PartitionReport(TaskId(self._product.kind.name, self._partition), checkup.sizes(), checkup.cursor)
            placed = await self._positions.examine(self._partition, checkup.cursor)
            findings += placed.findings
            known.ahead = placed.ahead
            if records and placed.readable and not any(finding.severity == "error" and _of_state(finding, state) for finding in findings):
                ahead = await self._ahead(consumer, checkup, placed.begins, records)

                def build(aside: Quarantine) -> PartitionTask:
                    return self._product.build(self._partition, self._partitions, go_live_ms, aside)

                known.run = dry_run(build, ahead, quarantine, self._clock.now_ms())
                findings += self._failures(known.run, f"{state}:{self._partition}")
        report.findings += findings
        report.partitions.append(known)

    async def _ahead(self, consumer: AIOKafkaConsumer, checkup: Checkup, begins: Mapping[str, int], records: int) -> Ahead:
        batches = []
        ends = {}
        offsets = checkup.cursor.offsets if checkup.cursor else {}
        for topic, name in self._names.items():
            tp = TopicPartition(name, self._partition)
            start = offsets.get(topic, begins[topic])
            consumer.assign([tp])
            last = (await consumer.end_offsets([tp]))[tp]
            taken: list[object] = []
            at = start
            while at < last and len(taken) < records:
                upto = min(last, at + _STEP)
                taken += await read_range(consumer, tp, at, upto)
                at = upto
            complete = at >= self._positions.highwater[topic, self._partition]
            batches.append(Batch(topic, start, at, taken, self._clock.now_ms() if complete else None))  # type: ignore[arg-type]
            ends[topic] = at
        return Ahead(checkup.state, {t: b for t, b in begins.items() if t not in offsets}, ends, batches)

    def _failures(self, run: DryRun, place: str) -> list[Finding]:
        found = []
        for problem in run.failures:
            where = problem.place if ":" in problem.place else place
            remedy = f"to go on without it: `playcall worker --quarantine {problem.quoted_flag}`"
            found.append(Finding("error", where, f"would stop the worker: {problem}", remedy))
        if run.refused is not None:
            found.append(Finding("error", place, run.refused, "see the runbook `a worker ends again and again`"))
        return found


def _of_state(finding: Finding, state: str) -> bool:
    """Whether a worker would refuse the state because of it; cells that do not decode are found by the dry run, too."""
    return finding.where.startswith(f"{state}:") and "--quarantine" not in finding.remedy
