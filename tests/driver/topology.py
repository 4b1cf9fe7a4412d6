"""The topology driver: production rules, plays and engine in one task, a clock moved by hand, a crash whenever asked for.

Time moves only by `until`; each call of it is like a live worker that reads everything and then waits.
"""

from typing import Any

import orjson

from schemas.catalogue import ASKS, ASSIGNMENTS, roster_topics, task_topics
from schemas.decoding.record import FileRecord
from schemas.events.registry import TOPICS_OF
from schemas.records.rekeyed import REKEYED, forwarded
from schemas.records.wire import OutRecord, rfc3339, utc
from streams.cli.compose import load_configuration
from streams.engine.batch import Batch
from streams.engine.policy import EnginePolicy
from streams.engine.task import PartitionTask
from tests.desk import OF_STEPS

CONFIGURATION = load_configuration(only=("core",))


class Topology:
    """Pipe events in, move the clock, read what came out. `crash` loses everything that is not committed.

    With a `roster` owners are asked for over topics, as live; without, the owners file alone decides.
    """

    def __init__(self, start_ms: int, go_live_ms: int = 0, *, roster: bool = False) -> None:
        self.now_ms = start_ms
        self.records: list[tuple[str, dict[str, Any]]] = []  # (topic, value), as committed
        self.dead_letters: list[dict[str, str]] = []
        self._go_live_ms = go_live_ms
        self._logs: dict[str, list[FileRecord]] = {topic: [] for topic in task_topics()}
        self._state: dict[bytes, bytes] = {}
        self._events = 0
        self._logs |= {topic: [] for topic in roster_topics()}
        self._has_roster = roster
        self._roster = self._start_roster()
        self._task = self._recover()

    def pipe(self, event_type: str, account: str = "acme", *, stray: bool = False, **fields: Any) -> None:
        """One event on its topic, at the present time unless `occurred_at` says otherwise.

        A stray arrived on partition 3 of its topic, whose task has sent it here through `rekeyed`.
        """
        self._events += 1
        event = {
            "event_id": f"e{self._events}",
            "type": event_type,
            "account_id": account,
            "occurred_at": rfc3339(utc(self.now_ms)),
            "source": "driver",
        } | fields
        topic = TOPICS_OF[event_type][0]
        record = FileRecord(event["account_id"].encode(), orjson.dumps(event), self._events, self.now_ms)
        if stray:
            record = record._replace(headers=forwarded(record, topic, 3, 0).headers)
        log = self._logs[REKEYED if stray else topic]
        log.append(record._replace(offset=len(log)))

    def until(self, now_ms: int) -> list[dict[str, Any]]:
        """Read what was piped, let time pass to `now_ms`; the messages of runs (not of their steps) that came out meanwhile."""
        seen = len(self.records)
        self.now_ms = now_ms
        self._read()
        self._commit()
        while self._has_roster and self._converse():
            self._read()
            self._commit()
        return [value for topic, value in self.records[seen:] if topic == "play-launches" and value["kind"] not in OF_STEPS]

    def crash(self) -> None:
        """Read and apply what was piped, commit nothing, die, recover."""
        self._read()
        self._task = self._recover()

    @property
    def triggers(self) -> list[dict[str, Any]]:
        """All triggers so far."""
        return [value for topic, value in self.records if topic == "triggers"]

    @property
    def counts(self) -> dict[tuple[str, str], int]:
        """Inputs by topic and outcome, as far as there were any."""
        return {key: n for key, n in self._task.counts.items() if n}

    @property
    def decisions(self) -> list[dict[str, Any]]:
        """All decisions so far."""
        return [value for topic, value in self.records if topic == "decisions"]

    def _recover(self) -> PartitionTask:
        policy = self._policy()
        task = PartitionTask(0, CONFIGURATION.pipeline(roster=self._has_roster), policy)
        for key, value in self._state.items():
            task.restore(key, value)
        task.recovered()
        task.begin_at(dict.fromkeys(task_topics(), 0))
        self._catch_up(task)
        return task

    def _policy(self) -> EnginePolicy:
        patience_ms = 60_000 if self._has_roster else 0
        return EnginePolicy(partitions=1, topics=task_topics(), go_live_ms=self._go_live_ms, answer_patience_ms=patience_ms)

    def _start_roster(self) -> PartitionTask:
        task = PartitionTask(0, CONFIGURATION.roster_pipeline(), self._policy().of_roster())
        task.begin_at(dict.fromkeys(roster_topics(), 0))
        self._catch_up(task)
        return task

    def _converse(self) -> bool:
        """The roster hears what was asked, and answers; whether it said anything."""
        self._drain(self._roster)
        if self._roster.wants_ends:
            self._catch_up(self._roster)
            self._drain(self._roster)
        said = self._roster.prepare().outputs
        self._append(said)
        self.records += [(record.topic, orjson.loads(record.value or b"null")) for record in said]
        return bool(said)

    def _append(self, records: list[OutRecord]) -> None:
        for record in records:
            if record.topic in (ASKS, ASSIGNMENTS):
                log = self._logs[record.topic]
                log.append(FileRecord(record.key, record.value, len(log), self.now_ms, record.headers))

    def _catch_up(self, task: PartitionTask) -> None:
        task.catch_up({topic: len(self._logs[topic]) for topic in task.topics})

    def _read(self) -> None:
        self._drain(self._task)
        if self._task.wants_ends:
            self._catch_up(self._task)
            self._drain(self._task)

    def _drain(self, task: PartitionTask) -> None:
        for topic in task.topics:
            log, at = self._logs[topic], task.expected(topic)
            assert task.offer(Batch(topic, at, len(log), log[at:], self.now_ms))
        while task.work(self.now_ms):
            pass

    def _commit(self) -> None:
        commit = self._task.prepare()
        self._append(commit.outputs)
        for record in commit.outputs:
            if record.topic.endswith(".dlq"):
                self.dead_letters.append({name: value.decode() for name, value in record.headers})
            else:
                self.records.append((record.topic, orjson.loads(record.value or b"null")))
        for key, value in commit.cells:
            if value is None:
                self._state.pop(key, None)
            else:
                self._state[key] = value
