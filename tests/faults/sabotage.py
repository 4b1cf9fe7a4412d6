"""A worker that does something terrible to itself at a named point: python -m tests.faults.sabotage POINT NTH [ACTION].

The product knows nothing of this. The seam is wrapped in this process alone, then the ordinary worker runs; at the NTH passage
it leaves a line in `witness.jsonl` of the folder FAULTS_FOLDER, so that a scenario can tell a death at the point from any other,
and acts. An ACTION that lets the process live (`block:60`) acts once.
"""

import asyncio
import inspect
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.producer.sender import EndTxnHandler, SendProduceReqHandler

from streams.cli.main import main
from streams.engine.application import Application
from streams.engine.task import PartitionTask
from streams.kafka.recovery import Recovery
from streams.kafka.shell import Shell
from streams.kafka.transactions import Writer
from streams.kafka.transport import RangeConsumer

WITNESS = "witness.jsonl"


class Broken(Exception):
    """What a handler raises that was told to."""


class Point(NamedTuple):
    """Where: a method, before or after it, and which of its calls count."""

    owner: type
    method: str
    after: bool = False
    counts: Callable[..., bool] = lambda *_args, **_kwargs: True


def _batch_to(topic: str) -> Callable[..., bool]:
    return lambda _self, _batch, name, **_kwargs: name.endswith(f".{topic}")


def _request_with(topic: str) -> Callable[..., bool]:
    return lambda self, *_args: any(tp.topic.endswith(f".{topic}") for tp in self._batches)


def _has_records(_self: Any, fetched: dict[Any, Any], *_args: Any) -> bool:
    return any(item.start != item.end for item in fetched.values())


def _marked_record(_self: Any, _item: Any, raw: Any, *_args: Any) -> bool:
    return os.environ["FAULTS_RECORD"].encode() in (raw.value or b"")


KILLS = {
    "after-fetch": Point(RangeConsumer, "_deliver", counts=_has_records),
    "mid-fold": Point(Application, "apply"),
    "trigger-unsent": Point(AIOKafkaProducer, "send_batch", after=True, counts=_batch_to("triggers")),
    "trigger-ack-lost": Point(SendProduceReqHandler, "handle_response", counts=_request_with("triggers")),
    "trigger-acked": Point(SendProduceReqHandler, "handle_response", after=True, counts=_request_with("triggers")),
    "state-unsent": Point(AIOKafkaProducer, "send_batch", after=True, counts=_batch_to("state")),
    "state-ack-lost": Point(SendProduceReqHandler, "handle_response", counts=_request_with("state")),
    "state-acked": Point(SendProduceReqHandler, "handle_response", after=True, counts=_request_with("state")),
    "before-commit": Point(AIOKafkaProducer, "commit_transaction"),
    "commit-answer-lost": Point(EndTxnHandler, "handle_response"),
    "after-commit": Point(Writer, "write", after=True),
    "recovery-fenced": Point(Writer, "fence", after=True),
    "recovery-reading": Point(PartitionTask, "restore"),
    "recovery-read": Point(Recovery, "_check_mirror"),
    "rebalance-begun": Point(Shell, "on_revoked"),
    "rebalance-assigned": Point(Shell, "on_assigned"),
    "rebalance-over": Point(Shell, "on_assigned", after=True),
    "shutdown-begun": Point(Shell, "stop"),
    "shutdown-committed": Point(Shell, "stop", after=True),
}
POINTS = {
    **KILLS,
    "record": Point(Application, "apply", counts=_marked_record),  # one record, whenever it is applied
    "agent": Point(Shell, "accept"),
    "fetcher": Point(RangeConsumer, "_deliver", counts=_has_records),
    "committing": Point(Writer, "write"),
}


class Trap:
    """Counts passages of a point and acts at the nth."""

    def __init__(self, name: str, nth: int, action: str) -> None:
        self._name = name
        self._left = nth
        self._action = action

    def spring(self) -> None:
        """One passage."""
        self._left -= 1
        if self._left != 0:
            return
        self._testify()
        kind, _, figure = self._action.partition(":")
        if kind == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        elif kind == "raise":
            raise Broken(f"told to break at {self._name}")
        elif kind == "block":
            end = time.monotonic() + float(figure)
            while (left := end - time.monotonic()) > 0:
                time.sleep(left)
        elif kind == "cancel":  # as a stray cancel() of the task that is passing would
            task = asyncio.current_task()
            assert task is not None
            task.cancel()
        else:
            raise SystemExit(f"{self._action} is not an action")

    def _testify(self) -> None:
        line = json.dumps({"pid": os.getpid(), "point": self._name, "action": self._action}) + "\n"
        with (Path(os.environ["FAULTS_FOLDER"]) / WITNESS).open("a") as witness:
            witness.write(line)


def set_trap(point: Point, spring: Callable[[], None]) -> None:
    """Wrap the method of this process's class."""
    inner = getattr(point.owner, point.method)

    @wraps(inner)
    def plain(*args: Any, **kwargs: Any) -> Any:
        counted = point.counts(*args, **kwargs)
        if counted and not point.after:
            spring()
        answer = inner(*args, **kwargs)
        if counted and point.after:
            spring()
        return answer

    @wraps(inner)
    async def awaited(*args: Any, **kwargs: Any) -> Any:
        counted = point.counts(*args, **kwargs)
        if counted and not point.after:
            spring()
        answer = await inner(*args, **kwargs)
        if counted and point.after:
            spring()
        return answer

    setattr(point.owner, point.method, awaited if inspect.iscoroutinefunction(inner) else plain)


def testimonies(folder: Path) -> dict[int, str]:
    """Point by process id, of those who came to their point."""
    path = folder / WITNESS
    if not path.exists():
        return {}
    return {line["pid"]: line["point"] for line in map(json.loads, path.read_text().splitlines())}


if __name__ == "__main__":
    named, passages, *rest = sys.argv[1:]
    set_trap(POINTS[named], Trap(named, int(passages), rest[0] if rest else "kill").spring)
    main(["worker"])
