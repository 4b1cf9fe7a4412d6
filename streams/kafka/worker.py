"""One worker process: checks, tasks, signals, and a good end."""

import asyncio
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Collection, Sequence

import structlog
from aiokafka.errors import KafkaConnectionError, KafkaError

from schemas.catalogue import topic
from streams.clock import Clock
from streams.collector import collect_rarely
from streams.kafka import end_of_transaction
from streams.kafka.app import PlaycallApp, build_app
from streams.kafka.clients import Clients
from streams.kafka.clock_check import guard_clock
from streams.kafka.cursors import check_partitions
from streams.kafka.fatal import FATAL_EXIT, Fatal, Refused, die
from streams.kafka.going_live import go_live_ms
from streams.kafka.kinds import Kinds, TaskKind
from streams.kafka.refusals import check_topics
from streams.kafka.seams import SeamError, check_seams
from streams.kafka.shell import Shell
from streams.observe.health import Health
from streams.observe.logs import set_up_logging
from streams.observe.metrics import Metrics
from streams.settings import Settings

_LEAVE_S = 6.0
_COMMIT_S = 8.0
_GRACE_S = _COMMIT_S + _LEAVE_S + 1.0  # after a signal nobody waits longer, whatever hangs
_STALLED_S = 120.0  # lag and neither work nor commit for so long: unhealthy

log = structlog.get_logger("playcall.worker")


class Plan:
    """What the composing command hands over."""

    def __init__(
        self, kinds: Sequence[TaskKind], outputs: Sequence[str], version: str, output: Callable[[str], str] | None = None,
        revision: int = 0, recorded: Collection[str] = (),
    ) -> None:  # fmt: skip
        self.kinds = kinds
        self.outputs = outputs  # logical names of the outputs and dead letter topics
        self.version = version
        self.revision = revision  # number of the library: partitions do not go from a higher to a lower one
        self.output = output  # logical name -> name on the broker for what goes out; the settings' prefix if not given
        self.recorded = recorded  # topics that workers wrote earlier and that are read as what comes in


def run_worker(settings: Settings, clock: Clock, plan: Plan) -> int:
    """Run until stopped or finished; returns the exit code. Ends the process itself when it must not go on."""
    set_up_logging(settings.log_level)
    try:
        check_seams()
    except SeamError as problem:
        die(Refused(str(problem), ""))
    collect_rarely()
    end_of_transaction.install()
    try:
        return asyncio.run(_run(settings, clock, plan))
    except Fatal as problem:
        die(problem)
    except KafkaConnectionError as problem:
        die(
            Refused(
                f"no broker answers at {settings.bootstrap} ({problem})",
                "start it (`playcall kafka up` for a local one) or set PLAYCALL_BOOTSTRAP",
            )
        )
    except KafkaError as problem:
        die(Fatal(f"the broker at {settings.bootstrap} refused: {type(problem).__name__}: {problem}", ""))


async def _run(settings: Settings, clock: Clock, plan: Plan) -> int:
    clients = Clients(settings)
    name = plan.output or settings.topic
    kinds = Kinds(plan.kinds, settings.topic, name, plan.recorded)
    admin = clients.admin()
    await admin.start()
    try:
        read = {known: topic(each) for each, known in kinds.inputs.items()}
        written = {name(each): topic(each) for each in (*plan.outputs, *(kind.state for kind in plan.kinds), "feeds")}
        partitions = await check_topics(admin, read, written)
    finally:
        await admin.close()
    for kind in plan.kinds:
        await check_partitions(clients, kinds.states[kind.name], topic(kind.state).partition_count(partitions))
    await guard_clock(settings, clients, name("feeds"), clock)  # before anything is decided by it
    live_ms = await go_live_ms(settings, clients, name("feeds"), clock)
    metrics = Metrics(
        plan.version,
        lambda: (reading for _, reading in shell.readings()),
        lambda: shell.clock_in_doubt,
        lambda: shell.feeds_heard(),  # noqa: PLW0108
    )
    factories = {kind.name: kind.make_factory(live_ms, partitions) for kind in plan.kinds}
    shell = Shell(settings, clock, kinds, factories, metrics, plan.output, plan.revision)
    app = build_app(settings, shell)
    health = None
    if settings.http_port is not None:
        health = Health(
            settings.http_host, settings.http_port, metrics, lambda: _stalled(shell), lambda: shell.not_ready, lambda: shell.watch.doubt
        )
        try:
            log.info("listening", address=await health.start())
        except OSError as problem:
            where = f"{settings.http_host}:{settings.http_port}"
            raise Refused(
                f"cannot listen on {where} ({problem.strerror or problem})", "choose another http_port; 0 takes a free one"
            ) from None
    _on_signals(shell)
    await shell.start()
    log.info(
        "starting",
        app_id=settings.app_id,
        partitions=partitions,
        go_live_ms=live_ms,
        quarantined=len(settings.quarantine),
        library_revision=plan.revision,
    )
    if plan.revision == 0:
        log.warning("the library has no lock and counts as revision 0: `playcall rules lock` gives it a number")
    starting = asyncio.create_task(_serve(app, shell))
    watching = asyncio.create_task(shell.watch_topics([*read, *written]))
    code = await shell.done
    watching.cancel()
    log.info("stopping", code=code)
    await _leave(app, shell, starting)
    if health is not None:
        await health.stop()
    _exit(code)
    return code


async def _serve(app: PlaycallApp, shell: Shell) -> None:
    try:
        app.finalize()
        await app.start()
        await app.wait_until_stopped()
    except Exception as problem:  # noqa: BLE001 the shell cannot run without its app
        shell.fatal(problem)
    if not shell.done.done():
        shell.fatal(app.crash_reason or RuntimeError("the Faust app stopped by itself"))


async def _leave(app: PlaycallApp, shell: Shell, starting: asyncio.Task[None]) -> None:
    """Commit first: that is what counts. Then leave the group, so that others need not wait for the session to end."""
    try:
        await asyncio.wait_for(shell.stop(), _COMMIT_S)
    except TimeoutError:
        log.warning("commit at stop took too long; the next owner reads the rest again", seconds=_COMMIT_S)
    stopping = asyncio.create_task(app.stop())
    await asyncio.wait({stopping}, timeout=_LEAVE_S)
    await asyncio.wait({starting}, timeout=0.1)


def _exit(code: int) -> None:
    """Faust's threads may still wind down; nothing of theirs is needed."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _on_signals(shell: Shell) -> None:
    """The first signal: stop in order, and in any case within the grace. The second: at once."""
    heard: list[int] = []

    def at_once_or_in_time(number: int, _frame: object) -> None:
        """Runs between two bytecodes, even where a handler that hangs keeps the loop from turning, and even within itself."""
        heard.append(number)  # first of all: the second signal may come before the next line
        if len(heard) > 1:
            os._exit(128 + number)
        grace = threading.Timer(_GRACE_S, _give_up)
        grace.daemon = True
        grace.start()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, shell.request_stop, 0)
        signal.signal(number, at_once_or_in_time)  # instead of asyncio's own, which does nothing: the loop is woken all the same


def _give_up() -> None:
    line = f"playcall: stopped: not out {_GRACE_S:.0f} s after the signal: something hangs. "
    print(line + "Nothing of this step was committed; it is read again at the next start.", file=sys.stderr, flush=True)
    _exit(FATAL_EXIT)


def _stalled(shell: Shell) -> str | None:
    now = time.monotonic()
    for runner, reading in shell.readings():
        lag = sum(records for topic, records in reading.lag.items() if not reading.paused[topic])
        if lag and now - runner.progress_at > _STALLED_S:
            return f"partition {reading.label} has {lag} records to read and no commit for {now - runner.progress_at:.0f} s"
    return None
