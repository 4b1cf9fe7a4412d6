"""The demonstration's short form on a real Kafka, as people start it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from streams.broker.ladder import Kafka
from streams.demo.outcome_file import made_reports

DEMO = [sys.executable, "-m", "streams.cli.main", "demo", "--quick"]


def environment(kafka: Kafka) -> dict[str, str]:
    return {**os.environ, "PLAYCALL_BOOTSTRAP": kafka.bootstrap}


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


def alive(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False


def wait_until(true: object, patience_s: float = 30) -> bool:
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        if true():  # type: ignore[operator]
            return True
        time.sleep(0.05)
    return False


@pytest.mark.timeout(240)
def test_a_small_fleet_flows_through_and_the_fresh_worker_agrees_with_the_replay(kafka: Kafka, tmp_path: Path) -> None:
    done = subprocess.run([*DEMO, "--out", str(tmp_path)], env=environment(kafka), capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "equal, byte for byte" in done.stdout
    assert "0 dead letters" in done.stdout.replace("\n", " ").replace("  ", " ")
    assert (tmp_path / "report.html").stat().st_size > 50_000
    assert made_reports(tmp_path / "outcome.json")["PB6"] >= 1
    decided = [json.loads(line) for line in (tmp_path / "replay.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {"launched", "acknowledged", "sla_warning", "sla_breach", "escalated", "closed"} <= {
        line["record"]["kind"] for line in decided if line["topic"] == "play-launches"
    }


def _hears_interrupts() -> None:
    """A shell starts what runs in its background deaf to SIGINT, and children inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_stopped_in_the_middle_it_leaves_no_process_behind(kafka: Kafka, tmp_path: Path, number: signal.Signals) -> None:
    with subprocess.Popen(
        [*DEMO, "--out", str(tmp_path)],
        env=environment(kafka),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=_hears_interrupts,  # noqa: PLW1509 a test process of one thread
    ) as demo:
        assert wait_until(lambda: len(children_of(demo.pid)) == 3), "desk and two workers did not start"
        children = children_of(demo.pid)
        demo.send_signal(number)
        demo.wait(30)

    assert wait_until(lambda: not any(alive(child) for child in children))
