"""Replay of event files: the same outcomes as live, with every line accounted for."""

import gzip
import subprocess
import sys
from pathlib import Path

import orjson

P1 = {
    "event_id": "e1", "type": "ticket.created", "account_id": "acme", "occurred_at": "2026-03-02T09:00:00Z",
    "source": "desk", "ticket_id": "t1", "priority": "P1",
}  # fmt: skip
LINES = [
    orjson.dumps(P1),
    b'{"event_id":"h1","type":"feed.heartbeat","occurred_at":"2026-03-02T09:00:00Z","source":"desk"}',
    orjson.dumps(P1 | {"type": "ticket.vanished", "event_id": "e2"}),
    orjson.dumps({key: value for key, value in P1.items() if key != "ticket_id"} | {"event_id": "e3"}),
    orjson.dumps(P1 | {"event_id": "e4", "occurred_at": "2999-01-01T00:00:00Z"}),
    b"{broken",
]


def replay(path: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    """The command as a user runs it."""
    command = [sys.executable, "-m", "streams.cli.main", "replay", str(path), *flags]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_every_line_is_told_of_and_the_good_ones_count(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl.gz"
    with gzip.open(file, "wb") as out:
        out.write(b"\n".join(LINES))
    done = replay(file, "--json", "--until", "2026-03-02T10:00:00Z")

    assert done.returncode == 0, done.stderr
    told = done.stderr
    assert "6 lines (0 duplicate, 0 ignored, 2 dead-lettered, 1 of unknown type, 1 unreadable)" in told
    assert f"unreadable: {file}:6:" in told
    assert "dead letters: 2 of 3 records of tickets (66.7%): far_future 1, missing_field 1\n" in told
    kinds = [(line["topic"], line["record"].get("kind")) for line in map(orjson.loads, done.stdout.splitlines())]
    kinds = [one for one in kinds if one[0] != "health"]
    assert kinds[:2] == [("triggers", None), ("play-launches", "launched")]


def test_without_until_time_stops_at_the_last_event_that_can_have_happened(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    file.write_bytes(orjson.dumps(P1))
    done = replay(file, "--json")

    topics = [orjson.loads(line)["topic"] for line in done.stdout.splitlines()]
    assert [topic for topic in topics if topic != "health"][:2] == ["triggers", "play-launches"]


def test_a_file_that_cannot_be_read_is_refused_by_name(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl.gz"
    file.write_bytes(b"not gzip")
    done = replay(file)

    assert done.returncode == 2
    assert str(file) in done.stderr
