"""The fleet lived through without faults, slice by slice, so that people can answer what they are asked: what is written meanwhile."""

from collections.abc import Iterable
from typing import Any

import orjson

from schemas.catalogue import ASSIGNMENTS, input_topics
from schemas.decoding.record import FileRecord
from schemas.records.wire import OutRecord
from streams.cli.compose import Configuration
from streams.demo.beats import Beats, Line
from streams.demo.slices import Slice, cut
from streams.engine.batch import Batch
from streams.engine.commit import Commit
from streams.engine.policy import EnginePolicy
from streams.engine.task import PartitionTask
from streams.fleet.fleet import Fleet, FleetSpec
from streams.replay.partition_run import PartitionRun
from streams.replay.roster_run import RosterRun
from streams.replay.run import together
from tests.faults.whole.office import Office
from tests.faults.workload import partition_of

_BATCH = 5000


class _Act(PartitionRun):
    """A partition whose logs grow, and whose end moves on."""

    def go_on(self, lines: Iterable[Line], until_ms: int) -> None:
        """These records have come, and nothing else until then."""
        new: dict[str, list[FileRecord]] = {}
        for line in lines:
            log = new.setdefault(line.topic, [])
            key = None if line.account_id is None else line.account_id.encode()
            log.append(FileRecord(key, line.value, self.task.expected(line.topic) + len(log), until_ms))
        for topic, log in new.items():
            start = self.task.expected(topic)
            assert self.task.offer(Batch(topic, start, start + len(log), log))
        self.task.catch_up({topic: self.task.expected(topic) for topic in self.task.topics})
        self.task.extend(until_ms)


class Rehearsal:
    """Everything that is published while the fleet lives, in order: `lines`. `said` is what was decided meanwhile."""

    def __init__(self, spec: FleetSpec, configuration: Configuration, go_live_ms: int, partitions: int) -> None:
        self.lines: list[Line] = []
        self.said: list[OutRecord] = []
        span = spec.span
        policy = EnginePolicy(
            partitions=partitions,
            topics=(*input_topics(), ASSIGNMENTS),
            until_ms=span.start_ms,
            go_live_ms=go_live_ms,
            quiet=configuration.quiet(),
            stops_at_asks=True,
            answer_patience_ms=1,
        )
        self._end_ms = span.end_ms
        self._office = Office(spec.seed, configuration.run_policy.team)
        self._heard = 0
        self._runs = {
            p: _Act(PartitionTask(p, configuration.pipeline(roster=True), policy), {}, policy.lookahead, _BATCH, self._landed)
            for p in range(partitions)
        }
        roster = PartitionTask(0, configuration.roster_pipeline(), policy.of_roster())
        self._roster = RosterRun(roster, (), lambda _commit: None)
        beats, coarse = Beats(), max(0, (go_live_ms - span.start_ms) // 86_400_000)
        for piece in cut(Fleet(spec).events(), span, coarse):
            self._live(piece, beats)

    def _landed(self, _partition: int, commit: Commit) -> None:
        self.said += commit.outputs

    def _live(self, piece: Slice, beats: Beats) -> None:
        answers = [Line(topic, account, orjson.dumps(event)) for topic, account, event in self._office.due(piece.start_ms, piece.end_ms)]
        lines = [*beats.firsts(piece), *beats.around(piece), *answers]
        self.lines += sorted(lines, key=_time) if answers else lines
        homes: dict[int, list[Line]] = {p: [] for p in self._runs}
        for line in self.lines[-len(lines) :]:
            for p in homes if line.account_id is None else (partition_of(line.account_id.encode(), len(homes)),):
                homes[p].append(line)
        for p, run in self._runs.items():
            run.go_on(homes[p], piece.end_ms)
        together(self._runs, self._roster, piece.end_ms, self._end_ms)
        self._roster.commit()
        for record in self.said[self._heard :]:
            if record.topic == "play-launches":
                self._office.read(orjson.loads(record.value or b""))
        self._heard = len(self.said)


def _time(line: Line) -> Any:
    return orjson.loads(line.value)["occurred_at"]
