"""Sets the stage on a Kafka: topics, two workers, the desk; lets the fleet live; reads what came out."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass, field
from typing import Any

import orjson

from schemas.catalogue import ASSIGNMENTS, catalogue
from schemas.records.dead_letter import SUFFIX
from streams.broker.errors import BrokerError
from streams.clock import write_clock_file
from streams.demo.children import Child, Children
from streams.demo.cursors import Cursors
from streams.demo.errors import DemoError
from streams.demo.feeding import Fed, Feeder
from streams.demo.letters import Letter, Letters, event_id_of, sort_out
from streams.demo.plan import DemoPlan
from streams.demo.slices import Slice, cut
from streams.fleet.files import open_lines
from streams.fleet.fleet import Fleet
from streams.kafka.admin import apply_topics, connected, existing_topics
from streams.kafka.clients import Clients
from streams.kafka.dead_letters import newest
from streams.kafka.log_reading import started
from streams.kafka.publisher import Publisher
from streams.kafka.tail import Tail
from streams.settings import Settings, load_settings

WORKER = ("-m", "streams.cli.main", "worker")
OUTPUTS = ("triggers", "play-launches", "play-outcomes", "decisions", "health")

_COMMIT_INTERVAL_MS = "20"  # time flies here: nobody waits for a fifth of a second
_READY_S = 60.0
_READABLE_S = 60.0


@dataclass(slots=True)
class Shown:
    """What went in and what came out. Records are the JSON as published, in order per account."""

    fed: Fed = field(default_factory=Fed)
    outputs: dict[str, list[bytes]] = field(default_factory=dict)
    letters: Letters = field(default_factory=Letters)
    restarts: int = 0


def settings_for(plan: DemoPlan, bootstrap: str) -> Settings:
    """The driver's own settings: those of the connection as configured, topics and group of this run."""
    flags = {"bootstrap": bootstrap, "app_id": f"{plan.run_id}-driver", "topic_prefix": plan.prefix, "partitions": plan.partitions}
    return load_settings(flags)


async def perform(plan: DemoPlan, bootstrap: str, progress: Callable[[Slice, Fed], None]) -> Shown:
    """Run the whole history through Kafka. Raises DemoError or BrokerError; leaves no process behind."""
    settings = settings_for(plan, bootstrap)
    plan.out.mkdir(parents=True, exist_ok=True)
    fleet = Fleet(plan.spec)
    write_clock_file(plan.clock_file, fleet.span.start_ms)
    _, differences = await apply_topics(settings)
    if differences:
        raise DemoError("topics are not as the catalogue says: " + "; ".join(map(str, differences)))
    clients = Clients(settings)
    async with Children(plan.out) as children, AsyncExitStack() as stack:
        desk = await _desk(plan, bootstrap, children)
        workers = [await _worker(plan, bootstrap, children, number) for number in range(1, plan.workers + 1)]
        publisher = Publisher(clients, f"{plan.run_id}-feeder", plan.partitions)
        state = Tail(clients, [settings.topic("state")], plan.partitions)
        for part in (publisher, state):
            await part.start()
            stack.push_async_callback(part.stop)
        cursors = Cursors(state, plan.partitions)
        await asyncio.gather(desk.hear(), cursors.reach(fleet.span.start_ms, children.check, _READY_S))
        with closing(open_lines(plan.events_file)) as lines:
            feeder = Feeder(publisher, desk, cursors, plan.clock_file, settings.topic, lines)
            fed = await feeder.feed(cut(fleet.events(), fleet.span, plan.coarse_days), children.check, progress)
        await children.stop(desk, *workers)
        for worker in workers:
            if worker.process.returncode != 0:
                worker.check()
        outputs = {topic: await read_values(clients, settings.topic(topic), plan.partitions) for topic in OUTPUTS}
        letters = sort_out(await _dead_letters(plan, settings), fed.crossed)
        with closing(open_lines(plan.assignments_file)) as lines:
            lines.writelines(value + b"\n" for value in await read_values(clients, settings.topic(ASSIGNMENTS), plan.partitions))
    return Shown(fed, outputs, letters, sum(worker.restarts for worker in workers))


async def sweep(plan: DemoPlan, bootstrap: str) -> None:
    """Delete the topics of this run, so that a broker that was lent is left as it was found. Best effort."""
    settings = settings_for(plan, bootstrap).model_copy(update={"topic_prefix": f"demo-{plan.run_id}"})
    try:
        async with connected(settings) as client:
            await client.delete_topics(list(await existing_topics(client, settings)))
    except (BrokerError, OSError):
        return


async def read_values(clients: Clients, topic: str, partitions: int) -> list[bytes]:
    """The values of a whole topic (its name on the broker) that nobody writes to any more, in log order per partition.

    A commit is answered before its markers are in every partition: the end is where the log ends, not what is readable yet.
    """
    tail = Tail(clients, [topic], partitions)
    async with started(clients.reader(committed=False)) as consumer:
        ends = await consumer.end_offsets(tail.parts)
    await tail.start()
    try:
        async with asyncio.timeout(_READABLE_S):
            return [record.value for record in await tail.read_to_end(ends)]
    except TimeoutError:
        raise DemoError(f"the end of {topic} cannot be read: a transaction stays open there") from None
    finally:
        await tail.stop()


async def _dead_letters(plan: DemoPlan, settings: Settings) -> list[Letter]:
    found: list[Letter] = []
    for topic in catalogue():
        if topic.name.endswith(SUFFIX):
            count = len(await read_values(Clients(settings), settings.topic(topic.name), topic.partition_count(plan.partitions)))
            if count:
                read = await newest(settings, [topic.name], count)
                found += [Letter(one.source.topic, one.reason, one.error, event_id_of(one.value)) for one in read]
    return found


async def _desk(plan: DemoPlan, bootstrap: str, children: Children) -> Child:
    given: dict[str, Any] = {"settings": {}, "seed": plan.spec.seed, "record": str(plan.answers_file)}
    return await children.start(
        "desk", ["-m", "streams.demo.desk", orjson.dumps(given).decode()], plan.environment(bootstrap, f"{plan.run_id}-desk"), talks=True
    )


async def _worker(plan: DemoPlan, bootstrap: str, children: Children, number: int) -> Child:
    environment = plan.environment(
        bootstrap, plan.run_id, clock_file=str(plan.clock_file), commit_interval_ms=_COMMIT_INTERVAL_MS, log_level="warning"
    )
    return await children.start(f"worker-{number}", WORKER, environment, keep=True)
