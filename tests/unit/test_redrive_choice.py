"""Which letters are meant, which are done, and what the command refuses."""

from types import SimpleNamespace

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from schemas.decoding.record import FileRecord
from schemas.records.dead_letter import dead_letter
from streams.cli.main import main
from streams.cli.redriving import moment_ms, wanted_of
from streams.kafka.dead_letters import Wanted, _letter
from streams.kafka.redriven import Done, Marker, marker_of

NOW_MS = 1_760_000_000_000
offsets = st.sets(st.integers(0, 400), min_size=1).map(sorted)


@given(batches=st.lists(offsets, max_size=4))
def test_markers_name_exactly_the_offsets_they_were_made_of(batches: list[list[int]]) -> None:
    done = Done([marker_of(batch) for batch in batches])

    assert [offset for offset in range(402) if offset in done] == sorted({offset for batch in batches for offset in batch})


@given(batch=offsets)
def test_a_marker_ends_behind_its_last_offset_and_runs_say_as_much_as_offsets(batch: list[int]) -> None:
    marker = marker_of(batch)

    assert (marker.first, marker.end) == (batch[0], batch[-1] + 1)
    assert [offset for start, end in marker.ranges() for offset in range(start, end)] == batch


def test_a_run_of_letters_is_three_numbers_however_long() -> None:
    assert marker_of([*range(17, 1017), 1018]) == Marker(17, [1000, 1, 1])


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("24h", NOW_MS - 86_400_000),
        ("30m", NOW_MS - 1_800_000),
        ("7d", NOW_MS - 604_800_000),
        ("1970-01-01T00:00:01+00:00", 1000),
        (None, None),
    ],
)
def test_times_are_moments_or_ages(text: str | None, moment: int | None) -> None:
    assert moment_ms(text, NOW_MS) == moment


@pytest.mark.parametrize(
    ("text", "complaint"), [("yesterday", "is no time"), ("24 h", "is no time"), ("2026-03-01T08:00", "has no offset")]
)
def test_other_times_are_explained(text: str, complaint: str) -> None:
    with pytest.raises(typer.BadParameter, match=complaint):
        moment_ms(text, NOW_MS)


def test_reasons_are_those_of_dead_letters() -> None:
    assert wanted_of(["not_json", "unknown_run"], None, None, NOW_MS) == Wanted(frozenset({"not_json", "unknown_run"}))
    with pytest.raises(typer.BadParameter, match="not_jsno is no reason of a dead letter: did you mean not_json"):
        wanted_of(["not_jsno"], None, None, NOW_MS)


@pytest.mark.parametrize("arguments", [[], ["--limit", "3"], ["--reason", "odd"], ["--topic", "play-launches"], ["--since", "soon"]])
def test_a_redrive_of_everything_or_of_nothing_known_is_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["dlq", "redrive", *arguments])

    assert ended.value.code == 2
    assert capsys.readouterr().err


@pytest.mark.parametrize(("size", "cut"), [(1_000, False), (3 << 20, True)])
def test_a_letter_of_which_only_the_beginning_was_kept_is_known_as_such(size: int, cut: bool) -> None:
    letter = dead_letter(FileRecord(b"acme", b"x" * size, 7), "tickets", 0, "too_large", "", "1")
    record = SimpleNamespace(partition=0, offset=3, timestamp=NOW_MS, key=letter.key, value=letter.value, headers=letter.headers)

    assert (_letter("tickets.dlq", record).cut, len(letter.value or b"") < size) == (cut, cut)
