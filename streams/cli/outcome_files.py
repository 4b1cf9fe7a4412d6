"""Outcomes and messages of plays out of files: what a topic dump, the demo or `playcall replay --json` writes, one JSON object a line."""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from pydantic import ValidationError

from plays.outcomes.runs import Outcomes
from schemas.records.play_message import PlayMessage
from schemas.records.play_outcome import PlayOutcome

_CHURNED = "account.churned"


@dataclass(slots=True)
class Read:
    """What was in the files. `others` are records of other topics; `unreadable` names the first few lines that are no record."""

    outcomes: Outcomes = field(default_factory=Outcomes)
    messages: int = 0
    concluded: int = 0
    churned: int = 0
    others: int = 0
    bad: int = 0
    unreadable: list[str] = field(default_factory=list)


def read_outcomes(paths: list[Path]) -> Read:
    """Every line of every file, plain or gzip. A line may be an outcome, a play message, `{"topic", "record"}` around one, or an event.

    Of events only `account.churned` is looked at, besides their time. Raises `OSError` for a file that cannot be read.
    """
    read = Read()
    by_run: dict[str, dict[int, PlayMessage]] = {}
    for path in paths:
        for number, line in enumerate(lines_of(path), start=1):
            try:
                _take(read, by_run, line)
            except (ValueError, ValidationError, TypeError, KeyError) as error:
                read.bad += 1
                if len(read.unreadable) < 5:
                    read.unreadable.append(f"{path}:{number}: {str(error).splitlines()[0]}")
    for messages in by_run.values():  # files may come in any order, and two of them may overlap
        read.outcomes.take_all(messages[sequence] for sequence in sorted(messages))
    return read


def _take(read: Read, by_run: dict[str, dict[int, PlayMessage]], line: bytes) -> None:
    record: dict[str, Any] = orjson.loads(line)
    if not isinstance(record, dict):
        raise TypeError("no JSON object")
    if "record" in record and "topic" in record:
        record = record["record"]
    if "run_id" in record and "sequence" in record:
        message = PlayMessage.model_validate_json(orjson.dumps(record))
        by_run.setdefault(message.run_id, {})[message.sequence] = message
        read.messages += 1
    elif "outcome_id" in record:
        read.outcomes.conclude(PlayOutcome.model_validate_json(orjson.dumps(record)))
        read.concluded += 1
    elif "occurred_at" in record and "type" in record:
        moment = datetime.fromisoformat(record["occurred_at"])
        if record["type"] == _CHURNED:
            read.outcomes.churn(record["account_id"], moment)
            read.churned += 1
        else:
            read.outcomes.saw(moment)
            read.others += 1
    else:
        read.others += 1


def lines_of(path: Path) -> Iterator[bytes]:
    with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
        for line in file:
            if line.strip():
                yield line
