"""The clocks of a worker: never backwards, and a virtual one that others drive."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.clock import FileClock, SystemClock, write_clock_file

NOON_MS = 1_769_860_800_000  # 2026-01-31T12:00:00Z


def test_the_file_clock_stands_where_it_was_set(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    write_clock_file(file, NOON_MS + 250)
    clock = FileClock(file)

    assert [clock.now_ms(), clock.now_ms()] == [NOON_MS + 250] * 2
    assert file.read_text() == "2026-01-31T12:00:00.250+00:00\n"


def test_it_follows_whoever_drives_it_but_never_backwards(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    write_clock_file(file, NOON_MS)
    clock = FileClock(file)

    seen = []
    for moment in (NOON_MS + 5, NOON_MS - 5, NOON_MS + 3, NOON_MS + 9):
        write_clock_file(file, moment)
        seen.append(clock.now_ms())

    assert seen == [NOON_MS + 5, NOON_MS + 5, NOON_MS + 5, NOON_MS + 9]


def test_another_offset_is_the_same_instant(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    file.write_text("2026-01-31T13:00:00+01:00")

    assert FileClock(file).now_ms() == NOON_MS


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("noon", "expected an RFC 3339 time such as 2026-01-31T12:00:00Z"),
        ("2026-01-31T12:00:00", "a time without an offset: add Z for UTC"),
    ],
)
def test_a_file_without_a_time_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    file = tmp_path / "clock"
    file.write_text(text)

    with pytest.raises(ValueError, match=complaint):
        FileClock(file)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="does not exist: write a time into it before anything reads it"):
        FileClock(tmp_path / "clock")


@given(moment=st.integers(0, 4_102_444_800_000))
def test_every_millisecond_survives_the_file(tmp_path_factory: pytest.TempPathFactory, moment: int) -> None:
    file = tmp_path_factory.mktemp("clock") / "clock"
    write_clock_file(file, moment)

    assert FileClock(file).now_ms() == moment


def test_the_system_clock_does_not_step_back(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SystemClock()
    before = clock.now_ms()
    monkeypatch.setattr("time.time_ns", lambda: (before - 3_600_000) * 1_000_000)

    assert clock.now_ms() == before
