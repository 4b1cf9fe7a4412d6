"""Real workers of the product on topics of their own: publish events, read what was committed."""

import os
import subprocess
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from aiokafka import AIOKafkaProducer

from schemas.decoding.partitioning import partition_of
from streams.settings import Settings
from tests.broker.shell_rig import CURSOR, Rig, Worker
from tests.faults.workers import PLAYCALL


class Product:
    """`playcall` as processes, configured for one prefix; everything else by the rig."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings = settings
        self.rig = Rig(settings.bootstrap, settings.topic_prefix, folder, settings.partitions)
        self._events = 0

    def start(self, **variables: str) -> Worker:
        """A worker; its log goes to a file."""
        return self._run("worker", HTTP_PORT="0", SESSION_TIMEOUT_MS="4000", HEARTBEAT_INTERVAL_MS="1000", **variables)

    def command(self, *arguments: str) -> Worker:
        """Any command, as a process."""
        return self._run(*arguments)

    def _run(self, *arguments: str, **variables: str) -> Worker:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PLAYCALL_") or name == "PLAYCALL_CACHE_DIR"}
        settings = {
            "BOOTSTRAP": self.settings.bootstrap, "APP_ID": self.settings.app_id, "TOPIC_PREFIX": self.settings.topic_prefix,
            "PARTITIONS": str(self.settings.partitions), "RULES": "core",
        }  # fmt: skip
        environment = kept | {f"PLAYCALL_{name}": value for name, value in (settings | variables).items()}
        log = self.rig.folder / f"{arguments[0]}-{len(self.rig.workers)}.log"
        with log.open("wb") as out:
            process = subprocess.Popen([PLAYCALL, *arguments], env=environment, stdout=out, stderr=subprocess.STDOUT)
        worker = Worker(process, log)
        self.rig.workers.append(worker)
        return worker

    def event(self, kind: str, account: str, **fields: Any) -> tuple[bytes, bytes]:
        """Key and value of an event of now."""
        self._events += 1
        when = datetime.fromtimestamp(time.time(), UTC).isoformat(timespec="milliseconds")
        common = {"event_id": f"e{self._events}", "type": kind, "account_id": account, "occurred_at": when, "source": "test"}
        return account.encode(), orjson.dumps(common | fields)

    async def publish(self, topic: str, records: Iterable[tuple[bytes | None, bytes | None]]) -> None:
        """Append on the partition of each key."""
        async with AIOKafkaProducer(bootstrap_servers=self.settings.bootstrap, linger_ms=5) as producer:
            name = self.settings.topic(topic)
            for key, value in records:
                await producer.send(name, value, key, partition=partition_of(key or b"", self.settings.partitions))

    async def cursors(self) -> dict[int, dict[str, Any]]:
        """The committed cursor of each partition."""
        return {record.partition: orjson.loads(record.value) for record in await self.rig.read("state") if record.key == CURSOR}

    async def outcomes(self, topic: str) -> Counter[str]:
        """What became of the topic's records, over all partitions."""
        found: Counter[str] = Counter()
        for cursor in (await self.cursors()).values():
            found.update(cursor["counts"].get(topic, {}))
        return found

    async def launched(self) -> set[str]:
        """Accounts for which something was launched."""
        messages = [orjson.loads(record.value) for record in await self.rig.read("play-launches")]
        return {message["account_id"] for message in messages if message["kind"] == "launched"}

    async def letters(self, topic: str) -> list[Mapping[str, str]]:
        """The `dlq.` headers of the topic's dead letters."""
        return [{name: value.decode() for name, value in record.headers} for record in await self.rig.read(topic + ".dlq")]
