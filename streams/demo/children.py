"""The processes of the demonstration: started, spoken to, and ended, whatever happens."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson

from streams.demo.errors import DemoError

_GRACE_S = 8.0
_LAST_LINES = 15
_RESTARTS = 3
STOPPED_BY_ERROR = 3  # a worker's exit code: nothing of the last step was committed, start it again


class Child:
    """One process. Its standard error goes to a log file; with `talks` it answers lines of JSON."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, log: Path) -> None:
        self.name = name
        self.process = process
        self.log = log
        self.again: Callable[[], Awaitable[asyncio.subprocess.Process]] | None = None
        self.restarts = 0

    @property
    def running(self) -> bool:
        """Not ended yet."""
        return self.process.returncode is None

    def check(self) -> None:
        """Raises DemoError with the end of its log if the process has ended."""
        if not self.running:
            raise DemoError(self._last_words())

    async def say(self, order: Mapping[str, Any]) -> None:
        """Send one line of JSON."""
        if self.process.stdin is None:
            raise ValueError(f"{self.name} was started without `talks`")
        self.process.stdin.write(orjson.dumps(order) + b"\n")
        with suppress(ConnectionError):  # the answer, or its lack, says more
            await self.process.stdin.drain()

    async def hear(self) -> dict[str, Any]:
        """Its next line of JSON. Raises DemoError if it ends instead."""
        if self.process.stdout is None:
            raise ValueError(f"{self.name} was started without `talks`")
        line = await self.process.stdout.readline()
        if not line:
            await self.process.wait()
            raise DemoError(self._last_words())
        answer: dict[str, Any] = orjson.loads(line)
        return answer

    async def ask(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """Send one line of JSON and wait for the answer."""
        await self.say(order)
        return await self.hear()

    async def stop(self) -> None:
        """End it in order: end of input for one that talks, else SIGTERM; SIGKILL if it does not heed that."""
        if not self.running:
            return
        with suppress(ProcessLookupError):
            if self.process.stdin is not None:
                self.process.stdin.close()
            else:
                self.process.terminate()
            try:
                await asyncio.wait_for(self.process.wait(), _GRACE_S)
            except TimeoutError:
                self.process.kill()
                await self.process.wait()

    def _last_words(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LAST_LINES:]
        return f"{self.name} ended with code {self.process.returncode}; its log is {self.log}:\n" + "\n".join(f"  {line}" for line in lines)


class Children:
    """All processes of a demonstration; leaving the block ends those that still run, the first started last."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._all: list[Child] = []

    async def start(
        self, name: str, arguments: Sequence[str], environment: Mapping[str, str],
        *, talks: bool = False, keep: bool = False, out: Path | None = None,
    ) -> Child:  # fmt: skip
        """Start `python ARGUMENTS` with PLAYCALL_ settings of its own; standard output to `out` where given.

        `talks`: it answers lines of JSON. `keep`: it is started again when it stops by an error.
        """
        log = self._folder / f"{name}.log"
        log.write_bytes(b"")
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("PLAYCALL_")}

        async def spawn() -> asyncio.subprocess.Process:
            with log.open("ab") as errors, (out or log).open("wb" if out else "ab") as output:
                return await asyncio.create_subprocess_exec(
                    sys.executable,
                    "-m",
                    "streams.demo.parent",
                    str(os.getpid()),
                    *arguments,
                    env={**inherited, **environment},
                    stdin=asyncio.subprocess.PIPE if talks else asyncio.subprocess.DEVNULL,
                    stdout=asyncio.subprocess.PIPE if talks else output,
                    stderr=errors,
                    start_new_session=True,  # Ctrl-C is for us; they are told in order
                )

        child = Child(name, await spawn(), log)
        child.again = spawn if keep else None
        self._all.append(child)
        return child

    async def check(self) -> None:
        """See that all run. One that ended by an error and is to be kept running is started again, as a supervisor would do.

        Raises DemoError if another has ended, or if that one ended once too often.
        """
        for child in self._all:
            if child.running:
                continue
            if child.again is None or child.process.returncode != STOPPED_BY_ERROR or child.restarts >= _RESTARTS:
                child.check()
            elif child.again is not None:
                child.restarts += 1
                child.process = await child.again()

    async def stop(self, *children: Child) -> None:
        """End these now."""
        await asyncio.gather(*(child.stop() for child in children))
        self._all = [child for child in self._all if child not in children]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await asyncio.gather(*(child.stop() for child in self._all))
