"""The Faust app: thin agents over the shell."""

import contextlib
from collections.abc import Iterable
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import faust

from schemas.catalogue import ASSIGNMENTS, REQUESTS, UPDATES
from streams.kafka.fatal import die
from streams.kafka.kinds import ACCOUNT, ROSTER
from streams.kafka.shell import Shell
from streams.settings import Settings

ROUTER_TOPICS = frozenset({UPDATES, REQUESTS, ASSIGNMENTS})

_RAW: dict[str, Any] = {"key_serializer": "raw", "value_serializer": "raw", "value_type": None}
_STREAM_BUFFER = 64  # ranges between fetcher and agent; the bound that matters is the task's queue


class PlaycallApp(faust.App):
    """A Faust app that knows its shell, so that the transport can reach it."""

    shell: Shell


def build_app(settings: Settings, shell: Shell) -> PlaycallApp:
    """Agents `signals` (the sources), `router` (what CRM systems, others and the roster send back) and `roster`; no tables, no web."""
    app = PlaycallApp(
        settings.app_id,
        broker=[f"playcall://{address}" for address in settings.bootstrap.split(",")],
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
        stream_buffer_maxsize=_STREAM_BUFFER,
        stream_wait_empty=False,
        broker_session_timeout=settings.session_timeout_ms / 1000,
        broker_heartbeat_interval=settings.heartbeat_interval_ms / 1000,
        datadir=Path(gettempdir()) / f"playcall-{settings.app_id}",  # Faust insists on one; nothing is kept in it
        worker_redirect_stdouts=False,
        autodiscover=False,
        cython_optimizations=True,
    )
    app.shell = shell
    shell.app = app

    async def feed(stream: Any) -> None:
        """An error here must end the process: Faust would log it and go on with the next range."""
        try:
            async for event in stream.events():
                message = event.message
                if message.generation_id == app.consumer_generation_id:
                    shell.accept(message.value)
        except (GeneratorExit, KeyboardInterrupt):
            raise
        except Exception as problem:  # noqa: BLE001 see above
            die(problem)

    def agent(name: str, topics: Iterable[str]) -> None:
        names = sorted(topics)
        if names:
            app.agent(app.topic(*names, **_RAW), name=name, concurrency=1)(feed)

    accounts = shell.kinds.names(ACCOUNT)
    agent("signals", (name for topic, name in accounts.items() if topic not in ROUTER_TOPICS))
    agent("router", (name for topic, name in accounts.items() if topic in ROUTER_TOPICS))
    agent("roster", shell.kinds.names(ROSTER).values())

    # Faust keeps weak references to what is connected.
    async def assigned(*args: Any, **kwargs: Any) -> None:  # noqa: ARG001 signal signature
        try:
            await shell.on_assigned()
        except Exception as problem:  # noqa: BLE001 half a rebalance cannot be gone on with
            die(problem)

    async def revoked(*args: Any, **kwargs: Any) -> None:  # noqa: ARG001 signal signature
        with contextlib.suppress(ConnectionError):
            await shell.on_revoked()

    app.on_rebalance_complete.connect(assigned, weak=False)
    app.on_partitions_revoked.connect(revoked, weak=False)
    return app
