"""The conformance vectors: our arithmetic and the walk minute by minute both come to them, and their form is the one documented."""

import itertools
import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from plays.sla.conformance import checking
from plays.sla.conformance.vectors import VectorFile
from tests.oracle.minutes import MINUTE, Walked

FOLDER = Path(checking.__file__).parent
TEXT = (FOLDER / "business-time.json").read_text(encoding="utf-8")
STATED: dict[str, Any] = json.loads(TEXT)
VECTORS = {vector["id"]: vector for vector in STATED["vectors"]}
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def test_all_vectors_hold() -> None:
    assert list(checking.differences(VectorFile.model_validate_json(TEXT))) == []


def test_a_vector_that_does_not_hold_is_told_in_local_time() -> None:
    document = json.loads(TEXT)
    document["vectors"] = [dict(VECTORS["night-add-over-the-fold"], expected="2026-10-25T03:00:00+01:00")]

    assert list(checking.differences(VectorFile.model_validate(document))) == [
        ("night-add-over-the-fold", "2026-10-25T03:00:00+01:00", "2026-10-25T02:00:00+01:00")
    ]


def test_there_are_enough_of_each_origin_and_every_published_one_says_where() -> None:
    origins = Counter(vector["source"]["kind"] for vector in VECTORS.values())

    assert len(VECTORS) == len(STATED["vectors"]) >= 150
    assert origins["published"] >= 30
    assert all(
        vector["source"]["by"] and vector["source"]["title"] and vector["source"]["url"].startswith("https://")
        for vector in VECTORS.values()
        if vector["source"]["kind"] == "published"
    )
    assert {vector["operation"] for vector in VECTORS.values()} == {
        "add", "subtract", "between", "add_days", "next_open", "is_open", "intervals",
    }  # fmt: skip


def test_the_two_published_mistakes_are_among_them() -> None:
    afternoon, closing = VECTORS["mistake-friday-afternoon"], VECTORS["mistake-friday-closing"]

    assert (STATED["calendars"][afternoon["calendar"]]["hours"], STATED["calendars"][closing["calendar"]]["hours"]) == (
        {"mon-fri": ["08:00-17:00"]}, {"mon-fri": ["09:00-17:00"]},
    )  # fmt: skip
    assert (afternoon["input"]["start"][:16], afternoon["expected"][:16]) == ("2026-11-20T16:00", "2026-11-23T11:00")
    assert (closing["input"]["start"][:16], closing["expected"][:16]) == ("2026-11-20T17:00", "2026-11-23T17:00")


def test_the_schema_beside_them_is_that_of_the_model_and_the_file_keeps_it() -> None:
    schema = json.loads((FOLDER / "business-time.schema.json").read_text(encoding="utf-8"))

    assert schema == VectorFile.model_json_schema()
    jsonschema.validate(STATED, schema)


@pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS.keys())
def test_the_walk_minute_by_minute_comes_to_the_same(vector: dict[str, Any]) -> None:
    """Seconds are walked as the minutes they lie in: none of them stands within a minute of an opening or a closing."""
    walked, given, expected = _walked(STATED["calendars"][vector["calendar"]]), vector["input"], vector["expected"]
    operation = vector["operation"]
    if operation == "between":
        assert walked.between(_at(given["from"]), _at(given["to"])) * 60_000 == expected
    elif operation == "is_open":
        assert walked.open(_at(given["at"])) is expected
    elif operation == "next_open":
        assert walked.next_open(_at(given["at"])) == _at(expected)
    elif operation == "intervals":
        assert _intervals(walked, _at(given["from"]), _at(given["to"])) == [(_at(a), _at(b)) for a, b in expected]
    elif operation == "add_days":
        start = _at(given["start"])
        assert walked.add_days(_minute(start), given["days"]) == _minute(_at(expected))
    else:
        _moves(walked, vector)


def _moves(walked: Walked, vector: dict[str, Any]) -> None:
    """Adding and subtracting: the result has so much work between, and a minute less has less."""
    given, result = vector["input"], _at(vector["expected"])
    back = vector["operation"] == "subtract" or given["work_ms"] < 0
    minutes, rest = divmod(abs(given["work_ms"]), 60_000)
    begun = _at(given["end" if vector["operation"] == "subtract" else "start"])
    if not rest and begun == _minute(begun):
        assert (walked.subtract(begun, minutes) if back else walked.add(begun, minutes)) == result
        return
    first, last = sorted((begun, result))
    steps = [first, *list(_minutes(first, last)), last]
    worked = sum((end - start for start, end in itertools.pairwise(steps) if walked.open(_minute(start))), timedelta())
    assert worked == timedelta(milliseconds=abs(given["work_ms"]))
    assert walked.open(_minute(result)) if back else walked.open(_minute(result - timedelta(milliseconds=1)))


def _minutes(first: datetime, last: datetime) -> list[datetime]:
    begin = _minute(first) + MINUTE
    return [begin + step * MINUTE for step in range(max(0, -((begin - last) // MINUTE)))]


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _intervals(walked: Walked, first: datetime, last: datetime) -> list[tuple[datetime, datetime]]:
    found: list[tuple[datetime, datetime]] = []
    at = first
    while at < last:
        if walked.open(at):
            begun = found.pop()[0] if found and found[-1][1] == at else at
            found.append((begun, at + MINUTE))
        at += MINUTE
    return found


def _walked(stated: dict[str, Any]) -> Walked:
    """The file read again, by other code than the product's."""
    week: list[list[tuple[int, int]]] = [[] for _ in DAYS]
    for key, shifts in stated["hours"].items():
        first, _, last = ("mon-sun" if key == "daily" else key).partition("-")
        begin, length = DAYS.index(first), (DAYS.index(last or first) - DAYS.index(first)) % 7 + 1
        for step in range(length):
            week[(begin + step) % 7] = [_shift(text) for text in shifts]
    special = {date.fromisoformat(day): [_shift(text) for text in shifts] for day, shifts in stated["special"].items()}
    return Walked(stated["timezone"], week, {date.fromisoformat(day) for day in stated["closed"]}, special)


def _shift(text: str) -> tuple[int, int]:
    start, end = (int(part[:2]) * 60 + int(part[3:]) for part in text.split("-"))
    return start, end if end > start else end + 1440
