"""A publisher's bug on one topic: it is paused, the others live on, a restart drains nothing, a resume reads everything."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.kafka.admin import apply_topics
from streams.settings import Settings
from tests.broker.product_rig import Product
from tests.broker.shell_rig import Worker, until

PARTITIONS = 2
BAD, GOOD = 800, 40
THRESHOLD = 500


@pytest.fixture
def product(settings: Settings, tmp_path: Path) -> Iterator[Product]:
    product = Product(settings.model_copy(update={"partitions": PARTITIONS}), tmp_path)
    try:
        yield product
    finally:
        product.rig.stop_all()


async def handoff_is_launched(product: Product, account: str, worker: Worker) -> None:
    """Usage and accounts are alive: a handoff becomes a launch."""
    await product.publish("product-usage", [product.event("feature.used", account, user_id="u", feature="f") for _ in range(20)])
    await product.publish("accounts", [product.event("account.created", account, touch_model="high")])
    await product.publish("accounts", [product.event("account.handoff", account)])
    deadline = time.monotonic() + 30
    while account not in await product.launched():
        assert time.monotonic() < deadline, worker.text()
        await asyncio.sleep(0.2)


async def read_out(product: Product, topic: str, total: int, worker: Worker) -> None:
    deadline = time.monotonic() + 30
    while (await product.outcomes(topic)).total() < total:
        assert time.monotonic() < deadline, f"{await product.outcomes(topic)}\n{worker.text()}"
        await asyncio.sleep(0.2)


async def test_a_poisoned_topic_is_paused_alone_survives_kill_and_is_read_on_when_resumed(product: Product) -> None:
    await apply_topics(product.settings)
    worker = product.start()
    await until(lambda: worker.get("/readyz") == (200, "ready\n"), about=worker.text)
    await product.publish("tickets", [product.event("ticket.created", f"a{n}", ticket_id=f"t{n}", priority="P3") for n in range(GOOD)])
    await read_out(product, "tickets", GOOD, worker)

    # The bug: what is no JSON, under one account's key. Good tickets follow on that partition, and wait.
    await product.publish("tickets", [(b"acme", b"{broken")] * BAD)
    await product.publish("tickets", [product.event("ticket.created", "acme", ticket_id=f"w{n}", priority="P1") for n in range(GOOD)])
    await until(lambda: worker.get("/readyz")[0] == 503, about=worker.text)
    why = worker.get("/readyz")[1]
    partition = next(p for p, cursor in (await product.cursors()).items() if "paused" in cursor)

    assert why.startswith(f"paused: tickets:{partition}: 500 of the last 5")
    assert why.endswith(" records are dead letters (not_json 500)\n")
    assert worker.get("/healthz") == (200, "ok\n")
    assert len(await product.letters("tickets")) == THRESHOLD
    assert worker.metric("playcall_paused", topic="tickets", partition=str(partition)) == 1
    assert worker.metric("playcall_paused", topic="tickets", partition=str(1 - partition)) == 0
    waiting = BAD - THRESHOLD + GOOD
    await until(lambda: worker.metric("playcall_lag_records", topic="tickets", partition=str(partition)) == waiting, about=worker.text)
    assert worker.text().count('"event": "paused"') == 1
    assert "playcall feeds resume tickets" in worker.text()
    await handoff_is_launched(product, "acme", worker)

    # The same after a kill: still paused, nothing more became a dead letter, others go on.
    worker.kill()
    worker = product.start()
    await until(lambda: worker.get("/readyz")[1] == why, about=worker.text)
    await handoff_is_launched(product, "after-the-kill", worker)
    assert len(await product.letters("tickets")) == THRESHOLD
    assert worker.text().count('"event": "still paused"') == 1
    await until(lambda: worker.metric("playcall_lag_records", topic="tickets", partition=str(partition)) == waiting, about=worker.text)
    await until(lambda: worker.metric("playcall_catching_up", partition=str(partition)) == 0, about=worker.text)

    asked = product.command("feeds", "resume", "tickets")
    assert asked.wait(30) == 0, asked.text()
    await until(lambda: worker.get("/readyz") == (200, "ready\n"), about=worker.text)
    await read_out(product, "tickets", BAD + 2 * GOOD, worker)

    assert +await product.outcomes("tickets") == {"applied": 2 * GOOD, "dead_lettered": BAD}
    assert len(await product.letters("tickets")) == BAD

    # Behind what was there at the resume the topic is watched anew, and an old resume does nothing for a new pause.
    await product.publish("tickets", [(b"acme", b"{broken again")] * BAD)
    await until(lambda: worker.get("/readyz")[0] == 503, about=worker.text)
    worker.kill()
    worker = product.start()
    await until(lambda: worker.get("/readyz")[1].startswith("paused: tickets:"), about=worker.text)
    await handoff_is_launched(product, "after-the-second-kill", worker)
    assert len(await product.letters("tickets")) == BAD + THRESHOLD
