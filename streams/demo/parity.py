"""The check at the end: a fresh application reading the finished topics decides what `playcall replay` decides on the files."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import orjson

from streams.demo.children import Child, Children
from streams.demo.errors import DemoError
from streams.demo.plan import DemoPlan
from streams.demo.stage import OUTPUTS, WORKER, read_values, settings_for
from streams.kafka.admin import apply_topics
from streams.kafka.clients import Clients

REPLAY = ("-m", "streams.cli.main", "replay")

_PATIENCE_S = 240.0


@dataclass(frozen=True, slots=True)
class ParityCheck:
    """How many records each side decided, by topic, and the first that only one side has (canonical JSON)."""

    worker: dict[str, int]
    replay: dict[str, int]
    only_worker: tuple[bytes, ...]
    only_replay: tuple[bytes, ...]

    @property
    def equal(self) -> bool:
        """Byte for byte, sorted, and not both empty."""
        return not self.only_worker and not self.only_replay and sum(self.worker.values()) > 0

    def __str__(self) -> str:
        counts = ", ".join(f"{count:,} {topic}" for topic, count in self.worker.items())
        if self.equal:
            return f"equal, byte for byte: {counts}"
        return f"different: {len(self.only_worker)} records only from the worker, {len(self.only_replay)} only from the replay"


async def check_parity(plan: DemoPlan, bootstrap: str) -> ParityCheck:
    """Run a fresh worker over the finished topics and the replay over the files at the same time; compare what they say.

    Owners are those that the roster named live: both read its answers.

    Raises DemoError when one of them fails.
    """
    fresh = f"{plan.run_id}-again"
    prefix = f"demo-{fresh}."
    settings = settings_for(plan, bootstrap)
    await apply_topics(settings.model_copy(update={"topic_prefix": prefix}))
    out = plan.out / "replay.jsonl"
    async with Children(plan.out) as children:
        worker = await children.start(
            "worker-again",
            [*WORKER, "--output-prefix", prefix],
            plan.environment(
                bootstrap, fresh, clock_file=str(plan.clock_file), until=plan.end, log_level="warning", http_port="none", roster="recorded"
            ),
        )
        replay = await children.start(
            "replay",
            [
                *REPLAY, str(plan.events_file), str(plan.answers_file),
                "--assignments", str(plan.assignments_file), "--partitions", str(plan.partitions), "--rules", ",".join(plan.rules),
                "--until", plan.end, "--go-live-at", plan.start, "--json",
            ],
            {},
            out=out,
        )  # fmt: skip
        await asyncio.gather(_finished(worker), _finished(replay))
    clients = Clients(settings)
    decided = {topic: await read_values(clients, prefix + topic, plan.partitions) for topic in OUTPUTS}
    return compare(decided, _replayed(out))


def compare(worker: dict[str, list[bytes]], replay: dict[str, list[bytes]]) -> ParityCheck:
    """Values by topic against values by topic."""
    only_worker: list[bytes] = []
    only_replay: list[bytes] = []
    for topic in OUTPUTS:
        ours, theirs = sorted(map(canonical, worker[topic])), sorted(map(canonical, replay[topic]))
        if ours != theirs:
            only_worker += _without(ours, theirs)
            only_replay += _without(theirs, ours)
    return ParityCheck(
        {topic: len(worker[topic]) for topic in OUTPUTS},
        {topic: len(replay[topic]) for topic in OUTPUTS},
        tuple(only_worker),
        tuple(only_replay),
    )


def canonical(value: bytes) -> bytes:
    """A record without the places in the logs that it points to: those differ between a log with markers and a file."""
    record = orjson.loads(value)
    if "evidence" in record:
        record["evidence"]["sources"] = len(record["evidence"]["sources"])
    return orjson.dumps(record, option=orjson.OPT_SORT_KEYS)


def _without(lines: list[bytes], others: list[bytes]) -> list[bytes]:
    """The lines that are not among the others, counting repetitions."""
    left: dict[bytes, int] = {}
    for line in others:
        left[line] = left.get(line, 0) + 1
    missing = []
    for line in lines:
        if left.get(line, 0):
            left[line] -= 1
        else:
            missing.append(line)
    return missing


def _replayed(path: Path) -> dict[str, list[bytes]]:
    found: dict[str, list[bytes]] = {topic: [] for topic in OUTPUTS}
    with path.open("rb") as lines:
        for line in lines:
            said = orjson.loads(line)
            if said["topic"] in found:
                found[said["topic"]].append(orjson.dumps(said["record"]))
    return found


async def _finished(child: Child) -> None:
    try:
        code = await asyncio.wait_for(child.process.wait(), _PATIENCE_S)
    except TimeoutError:
        raise DemoError(f"{child.name} did not finish within {_PATIENCE_S:g} s; its log is {child.log}") from None
    if code != 0:
        child.check()
