"""Where `playcall runs` reads from: the topics of a broker, or files as `replay --json` and topic dumps write them."""

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import orjson
from pydantic import ValidationError

from plays.runs.chronicle import Chronicle
from schemas.records.decision import Decision
from schemas.records.play_message import PlayMessage
from schemas.records.play_outcome import PlayOutcome
from streams.cli.outcome_files import lines_of
from streams.cli.run_history import History
from streams.kafka.run_log import read_values
from streams.settings import Settings

LAUNCHES, DECISIONS, OUTCOMES = PlayMessage.TOPIC, Decision.TOPIC, PlayOutcome.TOPIC

Record = PlayMessage | Decision | PlayOutcome


class _Reader:
    """Reads records; of those that are none it keeps the number, and what is wrong with the first."""

    def __init__(self) -> None:
        self.unreadable = 0
        self.first_problem = ""

    def read(self, topic: str, value: bytes) -> Record | None:
        """The record of a topic; None where it is none, or one of a later release."""
        try:
            if topic == LAUNCHES:
                return PlayMessage.model_validate_json(value)
            return Decision.model_validate_json(value) if topic == DECISIONS else PlayOutcome.model_validate_json(value)
        except ValidationError as error:
            if not self.unreadable:
                first = error.errors(include_url=False)[0]
                self.first_problem = f"{topic}: {'.'.join(map(str, first['loc']))}: {first['msg']}"
            self.unreadable += 1
            return None

    def note(self, found: dict[str, History], beginning: str, topic: str, value: bytes) -> None:
        """Put a record into the history of its run, if the run's id begins so."""
        record = self.read(topic, value)
        if record is not None and record.run_id is not None and record.run_id.startswith(beginning):
            found.setdefault(record.run_id, History()).take(record)

    def note_decision(self, found: dict[str, History], answered: Mapping[str, History], beginning: str, value: bytes) -> None:
        """The same of a decision: one about a trigger is of the run that answers it, as `answered` says."""
        record = self.read(DECISIONS, value)
        if not isinstance(record, Decision):
            return
        if record.run_id is None:
            if record.trigger_id is not None and record.trigger_id in answered:
                answered[record.trigger_id].take(record)
        elif record.run_id.startswith(beginning):
            found.setdefault(record.run_id, History()).take(record)


class TopicRuns(_Reader):
    """The topics of a running Playcall."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings

    def chronicle(self, account: str | None, *, closed: bool) -> Chronicle:
        """All runs that `play-launches` tells of; of one account only its partition is read."""

        async def read() -> Chronicle:
            found = Chronicle(closed=closed)
            async for value in read_values(self._settings, LAUNCHES, account):
                message = self.read(LAUNCHES, value)
                if isinstance(message, PlayMessage):
                    found.take(message)
            return found

        return asyncio.run(read())

    def histories(self, beginning: str) -> dict[str, History]:
        """Every run whose id begins so."""

        async def read() -> dict[str, History]:
            found: dict[str, History] = {}
            mark = b'"run_id":"' + beginning.encode()
            for topic in (LAUNCHES, OUTCOMES):
                async for value in read_values(self._settings, topic):
                    if mark in value:
                        self.note(found, beginning, topic, value)
            answered = _answered(found)
            async for value in read_values(self._settings, DECISIONS):
                if mark in value or ((about := _TRIGGER.search(value)) is not None and about[1].decode() in answered):
                    self.note_decision(found, answered, beginning, value)
            return found

        return asyncio.run(read())


class FileRuns(_Reader):
    """Files of JSON lines, plain or gzip, in any order; two of them may overlap."""

    def __init__(self, paths: Sequence[Path]) -> None:
        super().__init__()
        self._paths = paths

    def chronicle(self, account: str | None, *, closed: bool) -> Chronicle:
        """All runs the files tell of."""
        found = Chronicle(closed=closed)
        for messages in self.messages(account):
            for message in messages:
                found.take(message)
        return found

    def messages(self, account: str | None = None) -> list[list[PlayMessage]]:
        """Those of each run, in order and each once."""
        by_run: dict[str, dict[int, PlayMessage]] = {}
        for topic, value in self._records():
            message = self.read(topic, value) if topic == LAUNCHES else None
            if isinstance(message, PlayMessage) and account in (None, message.account_id):
                by_run.setdefault(message.run_id, {})[message.sequence] = message
        return [[messages[sequence] for sequence in sorted(messages)] for messages in by_run.values()]

    def histories(self, beginning: str) -> dict[str, History]:
        """Every run whose id begins so."""
        found: dict[str, History] = {}
        decisions: list[bytes] = []  # lines come in any order
        for topic, value in self._records():
            if topic == DECISIONS:
                decisions.append(value)
            else:
                self.note(found, beginning, topic, value)
        answered = _answered(found)
        for value in decisions:
            self.note_decision(found, answered, beginning, value)
        return found

    def _records(self) -> Iterator[tuple[str, bytes]]:
        """Topic and value of every line that is a record of a run; other records are passed over."""
        for path in self._paths:
            for line in lines_of(path):
                try:
                    record = orjson.loads(line)
                    record = record.get("record", record)
                    named = isinstance(record.get("run_id") or record.get("trigger_id"), str)
                except (orjson.JSONDecodeError, AttributeError):
                    self.unreadable += 1
                    self.first_problem = self.first_problem or f"{path}: a line is no JSON object"
                    continue
                topic = next((topic for name, topic in _MARKS if name in record), None)
                if named and topic is not None:
                    yield topic, orjson.dumps(record)


def _answered(found: Mapping[str, History]) -> dict[str, History]:
    """By trigger, the run that answers it."""
    return {trigger: history for history in found.values() for trigger in history.triggers}


_TRIGGER = re.compile(rb'"trigger_id":"([^"]*)"')
_MARKS = (("sequence", LAUNCHES), ("decision_id", DECISIONS), ("outcome_id", OUTCOMES))
