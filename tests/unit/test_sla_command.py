"""`playcall sla check`: what holds, what differs, what is no file of vectors."""

import json
from pathlib import Path
from typing import Any

import pytest

from streams.cli.main import main
from streams.cli.sla import SHIPPED


def check(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["sla", "check", *arguments])
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


def written(folder: Path, **changes: Any) -> str:
    document = json.loads(SHIPPED.read_text())
    document["vectors"] = [next(one for one in document["vectors"] if one["id"] == "mistake-friday-closing") | changes]
    (folder / "vectors.json").write_text(json.dumps(document))
    return str(folder / "vectors.json")


def test_the_shipped_vectors_hold(capsys: pytest.CaptureFixture[str]) -> None:
    code, said, _ = check(capsys)

    total = len(json.loads(SHIPPED.read_text())["vectors"])
    assert (code, said) == (0, f"{total} of {total} vectors hold\n")


def test_one_that_differs_is_shown_and_the_answer_is_no(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = written(tmp_path, expected="2026-11-24T09:00:00+00:00")
    expected, found = "2026-11-24T09:00:00+00:00", "2026-11-23T17:00:00+00:00"

    assert check(capsys, file)[:2] == (1, f"mistake-friday-closing: expected {expected}, found {found}\n0 of 1 vectors hold\n")
    code, said, _ = check(capsys, file, "--json")
    assert (code, json.loads(said)) == (
        1, {"vectors": 1, "differences": [{"id": "mistake-friday-closing", "expected": expected, "found": found}]},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"calendar": "nowhere"}, "a vector names calendar 'nowhere', which is not among `calendars`"),
        ({"operation": "multiply"}, "vectors.0: Input tag 'multiply'"),
        ({"input": {"start": "2026-11-20T17:00:00", "work_ms": 1}}, "vectors.0.add.input.start: Input should have timezone info"),
    ],
)
def test_what_is_no_vector_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path, changes: dict[str, Any], complaint: str) -> None:
    code, _, told = check(capsys, written(tmp_path, **changes))

    assert code == 2
    assert complaint in told


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"timezone": "Mars/Base"}, "'No time zone found with key Mars/Base': write the name of an IANA timezone"),
        (
            {"hours": {"sun": ["22:00-06:00"], "mon": ["05:00-09:00"]}},
            "the shifts sun 22:00-06:00 and mon 05:00-09:00 of office-utc overlap",
        ),
        ({"hours": {}}, "nobody works for more than 406 days on end"),
    ],
)
def test_what_is_no_calendar_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, changes: dict[str, Any], complaint: str
) -> None:
    file = Path(written(tmp_path))
    document = json.loads(file.read_text())
    document["calendars"]["office-utc"] |= changes
    file.write_text(json.dumps(document))
    code, _, told = check(capsys, str(file))

    assert code == 2
    assert complaint.replace("'", "") in told.replace("'", "")


def test_a_moment_that_no_calendar_has_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, _, told = check(capsys, written(tmp_path, input={"start": "9999-12-31T23:00:00+00:00", "work_ms": 3_600_000}))

    assert (code, "a moment lies outside the years" in told) == (2, True)


def test_a_file_without_vectors_holds_nothing(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = Path(written(tmp_path))
    file.write_text(json.dumps(json.loads(file.read_text()) | {"vectors": []}))

    assert check(capsys, str(file))[0] == 2
