"""A worker that must not run: it ends with the exit code and the words that are due, and commits nothing."""

import json
import subprocess

from tests.faults import topic_surgery as surgery
from tests.faults.seen import CURSOR
from tests.faults.stage import Stage
from tests.faults.watch import Watch
from tests.faults.workers import PLAYCALL

REFUSED, FAILED = 2, 3
MAY_EXIT = frozenset({0, REFUSED, FAILED})


def must_end(stage: Stage, what: str, code: int, *words: str, partition: int | None = None, seconds: float = 60.0) -> None:
    """Start worker 0 on what was done to the topics; it must end with `code`, saying `words`.

    Nothing may be committed; with a `partition`, nothing of that one: the others were sound and may have gone on for a moment.
    """
    before = _offsets(stage, partition)
    stage.fleet.start(0)
    process = stage.fleet.workers[0].process
    stage.wait(lambda: process.poll() is not None, f"{what}: worker 0 ends", seconds)
    found = process.returncode
    said = stage.fleet.said(0)
    stage.must(f"{what}: ends with {code} (it was {found})", holds=found == code)
    for word in words:
        stage.must(f"{what}: says {word!r}", holds=word in said)
    stage.must(f"{what}: nothing is committed", holds=_offsets(stage, partition) == before)
    stage.did(f"{what}: exit {found}")


def _offsets(stage: Stage, partition: int | None) -> dict[int, dict[str, int]]:
    """As the topic has them now: the watch comes a moment later."""
    state = stage.prefix + "state"
    if state not in surgery.topics_of(stage.bootstrap, state):
        return {}
    cursors = {p: value for (p, key), value in surgery.read_state(stage.bootstrap, state).items() if key == CURSOR}
    return {p: json.loads(value)["offsets"] for p, value in cursors.items() if partition in (None, p)}


def doctor_finds(stage: Stage, *words: str) -> None:
    """`playcall doctor` must say these words and exit 1."""
    done = subprocess.run(
        [PLAYCALL, "doctor", "--records", "0"], env=stage.fleet.environ(), check=False, capture_output=True, text=True, timeout=90
    )
    stage.must(f"the doctor finds something (exit {done.returncode}: {done.stderr[-300:]})", holds=done.returncode == 1)
    for word in words:
        stage.must(f"the doctor says {word!r}", holds=word in done.stdout)


def watch_anew(stage: Stage) -> None:
    """The topic `state` is another one, or the application is: what was seen before says nothing."""
    stage.watch.stop()
    stage.watch = Watch(stage.bootstrap, stage.prefix, stage.fleet.settings["PLAYCALL_APP_ID"], stage.work.partitions)
    stage.watch.start()
