"""Worker processes that a fault run starts, hurts and starts again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

SESSION_MS = 6_000
GRACE_S = 20.0  # a worker told to stop has this long
PLAYCALL = Path(sys.executable).with_name("playcall")
ROOT = Path(__file__).parents[2]


@dataclass
class Worker:
    """One slot for a process."""

    number: int
    process: subprocess.Popen[bytes]
    log_from: int = 0  # bytes of its slot's log that others wrote before it


@dataclass
class Fleet:
    """Starts workers with these settings (PLAYCALL_ variables) and logs each to a file of `folder`."""

    settings: Mapping[str, str]
    folder: Path
    workers: dict[int, Worker] = field(default_factory=dict)
    exits: list[tuple[int, int]] = field(default_factory=list)  # (worker, code) of exits nobody asked for
    clocks: dict[int, Path] = field(default_factory=dict)  # slots whose wall clock is off by what stands in the file
    own: dict[int, Mapping[str, str]] = field(default_factory=dict)  # settings of one slot, at every start of it

    def environ(self) -> dict[str, str]:
        """Our own environment with these settings and no others; the cache is where it was."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PLAYCALL_") or name == "PLAYCALL_CACHE_DIR"}
        return {**kept, **self.settings}

    def start(self, number: int, sabotage: Sequence[str] = (), program: str | None = None, **settings: str) -> None:
        """Start slot `number`, or start it again. `sabotage` are arguments for tests.faults.sabotage, `settings` PLAYCALL_ ones on top.

        `program` is a module to run instead of the worker.
        """
        command = [str(PLAYCALL), "worker"]
        if sabotage:
            command = [sys.executable, "-m", "tests.faults.sabotage", *sabotage]
        elif program is not None:
            command = [sys.executable, "-m", program]
        elif number in self.clocks:
            command = [sys.executable, "-m", "tests.stepped_clock", str(self.clocks[number]), "worker"]
        environ = {**self.environ(), **self.own.get(number, {}), **settings, "FAULTS_FOLDER": str(self.folder)}
        with self.log_of(number).open("ab") as out:
            begins = out.tell()
            process = subprocess.Popen(command, env=environ, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT)
        self.workers[number] = Worker(number, process, log_from=begins)

    def log_of(self, number: int) -> Path:
        """What the processes of a slot have written, one after the other."""
        return self.folder / f"worker-{number}.log"

    def said(self, number: int) -> str:
        """What the present process of a slot has written."""
        return self.log_of(number).read_bytes()[self.workers[number].log_from :].decode(errors="replace")

    def kill(self, number: int) -> None:
        """Gone at once, in the middle of whatever it did."""
        self.workers[number].process.kill()
        self.workers[number].process.wait()

    def freeze(self, number: int, seconds: float) -> None:
        """Stopped past its session; then it wakes up and believes nothing has happened."""
        self.workers[number].process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        self.workers[number].process.send_signal(signal.SIGCONT)

    def terminate(self, number: int) -> int:
        """Asked to leave; the exit code. One that does not leave in time is killed (-9)."""
        process = self.workers[number].process
        process.terminate()
        try:
            return process.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()

    def scale_in(self, number: int) -> int:
        code = self.terminate(number)
        del self.workers[number]
        return code

    def restart_running(self) -> None:
        """Everyone who works is told to stop, and starts again: with the present settings."""
        for number in self.stop_in_order():
            self.start(number)

    def stop_in_order(self) -> list[int]:
        """Everyone who works is told to stop; an exit other than 0 is one that nobody asked for."""
        running = [number for number, worker in self.workers.items() if worker.process.poll() is None]
        for number in running:
            begun = '"starting"' in self.said(number)
            code = self.terminate(number)
            if code != 0 and (begun or code != -signal.SIGTERM):  # before it listens for signals, the signal alone ends it
                self.exits.append((number, code))
        return running

    def revive(self, *, finished_too: bool) -> list[int]:
        """Start again who has exited; with `finished_too` also who had nothing left to do. Numbers of those started."""
        started = []
        for worker in list(self.workers.values()):
            code = worker.process.poll()
            if code is None:
                continue
            if code != 0:
                self.exits.append((worker.number, code))
            if code != 0 or finished_too:
                self.start(worker.number)
                started.append(worker.number)
        return started

    def all_finished(self) -> bool:
        """Every worker has come to the end of its work and left with 0."""
        return all(worker.process.poll() == 0 for worker in self.workers.values())

    def wait_finished(self, seconds: float) -> bool:
        """Until all have finished, starting again those that failed; False when the time is up."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.all_finished():
                return True
            self.revive(finished_too=False)
            time.sleep(0.25)
        return False

    def stop(self) -> None:
        """Everything that was started is gone afterwards."""
        for worker in self.workers.values():
            if worker.process.poll() is None:
                worker.process.kill()
            worker.process.wait()
