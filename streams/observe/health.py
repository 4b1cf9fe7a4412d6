"""/metrics, /healthz and /readyz over plain HTTP."""

import asyncio
import time
from collections.abc import Callable

from aiohttp import web

from streams.observe.metrics import Metrics

_TICK_S = 0.5
_STALLED_TICK_S = 15.0


class Health:
    """A small server in the worker's own loop: if the loop hangs, so do the answers, and that is the truth.

    `stalled` returns why the worker makes no progress although there is lag, or None; `not_ready` why it takes no part, or None;
    `remark` what else people should know, without effect on either answer.
    """

    def __init__(
        self, host: str, port: int, metrics: Metrics,
        stalled: Callable[[], str | None], not_ready: Callable[[], str | None], remark: Callable[[], str | None],
    ) -> None:  # fmt: skip
        self._host = host
        self._port = port
        self._metrics = metrics
        self._stalled = stalled
        self._not_ready = not_ready
        self._remark = remark
        self._ticked = time.monotonic()
        self._ticking: asyncio.Task[None] | None = None
        self._runner: web.AppRunner | None = None

    async def start(self) -> str:
        """Listen; returns the address, for the log (port 0 takes a free one)."""
        app = web.Application()
        app.router.add_get("/metrics", self._on_metrics)
        app.router.add_get("/healthz", self._on_health)
        app.router.add_get("/readyz", self._on_ready)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        await site.start()
        self._ticking = asyncio.create_task(self._tick())
        host, port = self._runner.addresses[0][:2]
        return f"http://{host}:{port}"

    async def stop(self) -> None:
        """Stop listening."""
        if self._ticking is not None:
            self._ticking.cancel()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _tick(self) -> None:
        while True:
            self._ticked = time.monotonic()
            await asyncio.sleep(_TICK_S)

    async def _on_metrics(self, _: web.Request) -> web.Response:
        return web.Response(body=self._metrics.exposition(), headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    async def _on_health(self, _: web.Request) -> web.Response:
        age = time.monotonic() - self._ticked
        if age > _STALLED_TICK_S:
            return web.Response(status=503, text=f"the event loop last ticked {age:.0f} s ago\n")
        problem = self._stalled()
        if problem is not None:
            return web.Response(status=503, text=problem + "\n")
        return web.Response(text="ok\n")

    async def _on_ready(self, _: web.Request) -> web.Response:
        problem, remark = self._not_ready(), self._remark()
        lines = [problem or "ready", *([remark] if remark else [])]
        return web.Response(status=503 if problem else 200, text="\n".join(lines) + "\n")
