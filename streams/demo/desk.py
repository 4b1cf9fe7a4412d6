"""The CRM's process: follows `play-launches`, answers on `play-updates`. Run as `python -m streams.demo.desk SETTINGS`.

The driver speaks to it in lines of JSON on standard input and gets one line back for each:
`{"do": "prepare", "after": ms, "until": ms}` writes the answers due in that time, uncommitted; `{"do": "commit"}` makes them
readable; `{"do": "read"}` reads the launches to their present end and names the answers that crossed the end of their run; end of
input ends the process.
"""

import asyncio
import sys
from pathlib import Path
from typing import Any

import orjson

from schemas.catalogue import UPDATES
from streams.demo.answers import Desk
from streams.fleet.files import open_lines
from streams.kafka.clients import Clients
from streams.kafka.publisher import Publisher
from streams.kafka.tail import Tail
from streams.settings import Settings, load_settings


class DeskProcess:
    """Desk, tail and publisher behind the line protocol."""

    def __init__(self, settings: Settings, seed: int, record: Path) -> None:
        clients = Clients(settings)
        self._desk = Desk(seed)
        self._updates = settings.topic(UPDATES)
        self._launches = Tail(clients, [settings.topic("play-launches")], settings.partitions)
        self._publisher = Publisher(clients, f"{settings.app_id}.desk", settings.partitions)
        self._lines = open_lines(record)
        self._open: list[bytes] = []

    async def start(self) -> None:
        """Connect."""
        await self._launches.start()
        await self._publisher.start()

    async def stop(self) -> None:
        """Disconnect; the record of what was said is complete then."""
        self._lines.close()
        await self._publisher.stop()
        await self._launches.stop()

    async def answer(self, order: dict[str, Any]) -> dict[str, Any]:
        """Do what the driver asks; returns what to say back."""
        if order["do"] == "prepare":
            return await self._prepare(order["after"], order["until"])
        if order["do"] == "commit":
            return await self._commit()
        if order["do"] == "read":
            messages = await self._launches.read_to_end()
            for record in messages:
                self._desk.read(orjson.loads(record.value))
            crossed, self._desk.crossed = self._desk.crossed, []
            return {"read": len(messages), "crossed": crossed}
        raise ValueError(f"the desk was asked to {order['do']!r}: it knows prepare, commit, read")

    async def _prepare(self, after_ms: int, until_ms: int) -> dict[str, Any]:
        due = [(account.encode(), orjson.dumps(body)) for account, body in self._desk.due(after_ms, until_ms)]
        self._open = [value for _, value in due]
        if due:
            await self._publisher.begin()
            await self._publisher.send((self._updates, key, value) for key, value in due)
        return {"prepared": len(due)}

    async def _commit(self) -> dict[str, Any]:
        if self._open:
            await self._publisher.commit()
        for line in self._open:
            self._lines.write(line + b"\n")
        done, self._open = len(self._open), []
        return {"committed": done}


async def _serve(given: dict[str, Any]) -> None:
    desk = DeskProcess(load_settings(given["settings"]), given["seed"], Path(given["record"]))
    await desk.start()
    try:
        print(orjson.dumps({"ready": True}).decode(), flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            print(orjson.dumps(await desk.answer(orjson.loads(line))).decode(), flush=True)
    finally:
        await desk.stop()


def main() -> None:
    """Argument: JSON with `settings` (as flags), `seed` and `record` (the file to note the answers in)."""
    asyncio.run(_serve(orjson.loads(sys.argv[1])))


if __name__ == "__main__":
    main()
