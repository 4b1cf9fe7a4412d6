"""What a process costs, and what a worker says of itself."""

import os
import re
import socket
import urllib.request
from pathlib import Path
from typing import NamedTuple

TICK_S = 1 / os.sysconf("SC_CLK_TCK")


class Sample(NamedTuple):
    """A worker at one moment: monotonic seconds, CPU seconds (user and system), records committed."""

    at_s: float
    cpu_s: float
    committed: int


def cpu_seconds(pid: int) -> float:
    """User and system time of all threads so far (proc(5), fields 14 and 15)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * TICK_S


def resident_bytes(pid: int) -> int:
    """Highest resident set of the program so far; a child's ru_maxrss would count what its parent held when it forked."""
    match = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(encoding="ascii"))
    return int(match[1]) * 1024 if match else 0  # a process that has exited has none


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def metric(port: int, name: str) -> float:
    """Sum over all series of one metric; 0 while nothing answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=2) as answer:
            text = answer.read().decode()
    except OSError:
        return 0.0
    return sum(float(line.rpartition(" ")[2]) for line in text.splitlines() if re.match(rf"{name}(\{{|\s)", line))
