"""Event files: what is written is what `playcall replay` reads, and equal fleets give equal bytes."""

import gzip
from datetime import date
from pathlib import Path

import orjson

from streams.fleet.files import topic_of, write_lines
from streams.fleet.fleet import Fleet, FleetSpec
from streams.replay.source import EventFiles

SPEC = FleetSpec(seed=3, accounts=10, days=12, end=date(2026, 11, 16))


def test_a_written_fleet_is_read_back_whole_by_the_replay(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl.gz"
    written = write_lines(path, Fleet(SPEC).events())
    source = EventFiles(4)
    for _ in source.read(path):
        pass

    assert (source.lines, source.unknown_types) == (written, 0)
    assert written == sum(len(log) for topics in source.logs.values() for log in topics.values())


def test_equal_fleets_give_equal_files(tmp_path: Path) -> None:
    for name in ("one.jsonl.gz", "two.jsonl.gz"):
        write_lines(tmp_path / name, Fleet(SPEC).events())

    assert (tmp_path / "one.jsonl.gz").read_bytes() == (tmp_path / "two.jsonl.gz").read_bytes()


def test_plain_and_compressed_files_hold_the_same_lines(tmp_path: Path) -> None:
    for name in ("events.jsonl", "events.jsonl.gz"):
        write_lines(tmp_path / name, Fleet(SPEC).events())

    assert gzip.decompress((tmp_path / "events.jsonl.gz").read_bytes()) == (tmp_path / "events.jsonl").read_bytes()


def test_every_type_told_has_a_topic() -> None:
    topics = {topic_of(event.type) for event in Fleet(SPEC).events()}

    assert topics <= {"product-usage", "tickets", "billing", "accounts", "feedback", "engagement"}
    assert orjson.loads(next(iter(Fleet(SPEC).events())).to_json())["type"] == "account.updated"
