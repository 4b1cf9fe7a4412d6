"""Brings up the tasks that this worker was assigned: fence, recover, hand over; again as long as they are ours."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Protocol

import structlog
from aiokafka.admin import AIOKafkaAdminClient

from streams.clock import Clock
from streams.engine.logs import parse_recreated
from streams.kafka.clients import Clients
from streams.kafka.kinds import Kinds, TaskId
from streams.kafka.log_identity import LogIdentity
from streams.kafka.log_reading import Bounds
from streams.kafka.reach import may_pass
from streams.kafka.recovery import Recovered, Recovery
from streams.kafka.task import Task, TaskFactory
from streams.kafka.transactions import Fenced, Writer
from streams.settings import Settings

_PARALLEL = 2  # one waits for the broker while the other works
_AGAIN_S = 1.0
_MOVED_S = 0.2

log = structlog.get_logger("playcall.shell")


class Owner(Protocol):
    """What a recovery asks of the shell."""

    def is_ours(self, task_id: TaskId) -> bool: ...
    def wants(self, task_id: TaskId) -> bool: ...
    async def adopt(self, task_id: TaskId, task: Task, writer: Writer, figures: Recovered) -> None: ...
    async def forget(self, task_id: TaskId, problem: Fenced) -> None: ...
    def fatal(self, problem: BaseException | None) -> None: ...


class Recoveries:
    """Those under way, two of them at work at a time. A recovery that ends without a task is begun anew while the task is wanted."""

    def __init__(
        self, settings: Settings, kinds: Kinds, factories: Mapping[str, TaskFactory], clients: Clients, bounds: Bounds,
        admin: AIOKafkaAdminClient, output: Callable[[str], str], clock: Clock, owner: Owner,
    ) -> None:  # fmt: skip
        self._app_id = settings.app_id
        self._kinds = kinds
        self._factories = factories
        self._clients = clients
        self._output = output
        self._clock = clock
        self._owner = owner
        accepted = parse_recreated(settings.recreated, kinds.inputs)
        self._by_kind: dict[str, Recovery] = {}
        for kind, state in kinds.states.items():
            names = kinds.names(kind)
            identity = LogIdentity(admin, {**names, "feeds": output("feeds")}, state, accepted)
            self._by_kind[kind] = Recovery(clients, bounds, admin, settings.app_id, state, names, identity)
        self._slots = asyncio.Semaphore(_PARALLEL)
        self._under_way: dict[TaskId, asyncio.Task[None]] = {}
        self._coming: set[asyncio.Task[None]] = set()

    @property
    def under_way(self) -> frozenset[TaskId]:
        """Tasks that are being brought up."""
        return frozenset(self._under_way)

    async def ends(self, task_id: TaskId) -> dict[str, int]:
        """High watermarks of what a task reads, by logical topic."""
        return await self._by_kind[task_id.kind].ends(task_id.partition)

    def begin(self, task_id: TaskId) -> None:
        """Bring a task up, unless that is being done."""
        if task_id in self._under_way:
            return
        task = asyncio.create_task(self._bring_up(task_id), name=f"recover-{task_id.label}")
        self._under_way[task_id] = task

        def over(done: asyncio.Task[None]) -> None:
            if self._under_way.get(task_id) is done:
                del self._under_way[task_id]
            if not done.cancelled() and done.exception() is not None:
                self._owner.fatal(done.exception())
            elif self._owner.wants(task_id):
                again = asyncio.create_task(self._again(task_id))
                self._coming.add(again)
                again.add_done_callback(self._coming.discard)

        task.add_done_callback(over)

    def cancel(self, task_id: TaskId) -> None:
        """The task is somebody else's now."""
        self._under_way[task_id].cancel()

    async def stop(self) -> None:
        """Give up all of them."""
        ending = [*self._under_way.values(), *self._coming]
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)

    async def _again(self, task_id: TaskId) -> None:
        """A recovery ended without a task although it is wanted: the group may have moved on and back."""
        await asyncio.sleep(_MOVED_S)
        if self._owner.wants(task_id):
            self.begin(task_id)

    async def _bring_up(self, task_id: TaskId) -> None:
        async with self._slots:
            # A recovery of an old generation must not fence the rightful owner.
            if not self._owner.is_ours(task_id):
                return
            kind, partition = task_id
            producer = self._clients.transactional(task_id.transactional(self._app_id))
            writer = Writer(producer, partition, self._app_id, self._output, self._kinds.names(kind), self._kinds.states[kind], self._clock)
            try:
                await writer.fence()
                task = self._factories[kind](partition)
                figures = await self._by_kind[kind].run(task, writer)
            except Fenced as problem:
                await writer.close()
                await self._owner.forget(task_id, problem)
                return
            except BaseException as problem:
                await writer.close()
                if not may_pass(problem):
                    raise
                log.warning("recovery_interrupted", partition=task_id.label, problem=f"{type(problem).__name__}: {problem}")
                await asyncio.sleep(_AGAIN_S)
                return  # tried again as long as the task is ours
            if not self._owner.is_ours(task_id):
                await writer.close()
                return
            await self._owner.adopt(task_id, task, writer, figures)
