"""`playcall kafka up`: a person starts it, uses it, and ends it with Ctrl-C."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from streams.broker.probe import probe

COMMAND = [sys.executable, "-m", "streams.cli.main", "kafka", "up"]


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "PLAYCALL_BOOTSTRAP"}


@pytest.mark.broker
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_stopped_and_leaves_nothing(how: signal.Signals, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*COMMAND, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment() | {"TMPDIR": str(tmp_path)}
    )
    assert process.stdout is not None
    said = json.loads(process.stdout.readline())
    assert probe(said["bootstrap"]).brokers == 1

    process.send_signal(how)
    _, complaints = process.communicate(timeout=30)

    assert (process.returncode, complaints) == (0, "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.broker
def test_people_are_given_a_line_to_paste() -> None:
    done = subprocess.run([*COMMAND, "--probe"], capture_output=True, text=True, check=True, env=environment())

    named, pasted = done.stdout.splitlines()
    address = pasted.removeprefix("export PLAYCALL_BOOTSTRAP=")
    assert named.startswith("Apache Kafka ")
    assert f" at {address} (" in named
