"""Dead letters on their way back, on a real broker: each once whatever is killed, and no loop."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import orjson
import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import RecordsToDelete

from schemas.decoding.partitioning import partition_of
from schemas.records.play_message import run_id
from schemas.records.trigger import Subject, trigger_id
from schemas.records.wire import rfc3339
from streams.kafka.admin import apply_topics
from streams.kafka.clients import Clients
from streams.kafka.dead_letters import Wanted
from streams.kafka.redrive import COUNT, FROM, Choice, Redriven, redrive
from streams.kafka.redriven import Marker, read_markers
from streams.settings import Settings
from tests.broker.product_rig import Product
from tests.broker.shell_rig import Worker, until
from tests.broker.test_dlq import bury

TICKETS = Choice(["tickets"], Wanted())


@pytest.fixture
def product(settings: Settings, tmp_path: Path) -> Iterator[Product]:
    product = Product(settings.model_copy(update={"partitions": 2}), tmp_path)
    try:
        yield product
    finally:
        product.rig.stop_all()


async def put_back(settings: Settings, choice: Choice = TICKETS, *, dry_run: bool = False) -> Redriven:
    return await redrive(settings, choice, dry_run=dry_run, say=lambda _: None)


async def until_outcomes(product: Product, topic: str, want: dict[str, int], worker: Worker) -> None:
    """What became of the topic's records; other outcomes are none."""
    deadline = time.monotonic() + 30
    while Counter(want) != (found := +await product.outcomes(topic)):
        assert time.monotonic() < deadline, f"{found}\n{worker.text()}"
        await asyncio.sleep(0.1)


async def test_a_letter_goes_back_as_it_came_to_the_partition_of_its_key(product: Product) -> None:
    settings = product.settings
    await apply_topics(settings)
    await bury(settings, [b"{broken\xff", None])
    result = await put_back(settings)
    records = await product.rig.read("tickets")

    assert result == Redriven(
        sent=Counter({("tickets", "not_json"): 2}), samples={("tickets", "not_json"): ["tickets.dlq:0:0", "tickets.dlq:0:2"]}
    )
    assert [(record.partition, record.key, record.value, record.headers) for record in records] == [
        (partition_of(b"acme", 2), b"acme", value, (("traceparent", b"00-1-2-01"), (COUNT, b"1"), (FROM, place)))
        for value, place in [(b"{broken\xff", b"tickets.dlq:0:0"), (None, b"tickets.dlq:0:2")]
    ]


async def test_a_dry_run_writes_nothing_and_tells_what_a_run_does(product: Product) -> None:
    settings = product.settings
    await apply_topics(settings)
    await bury(settings, [b"1", b"2", b"3"])
    before = await product.rig.ends(("tickets",))
    dry = await put_back(settings, dry_run=True)

    assert await product.rig.ends(("tickets",)) == before
    assert dry == await put_back(settings)


async def test_a_limit_is_kept_and_the_rest_follows_later(product: Product) -> None:
    settings = product.settings
    await apply_topics(settings)
    await bury(settings, [b"1", b"2", b"3"])
    first = await put_back(settings, TICKETS._replace(limit=2))
    second = await put_back(settings, TICKETS._replace(limit=2))

    assert [(each.sent.total(), each.already, each.limited, each.left) for each in (first, second)] == [
        (2, 0, True, True),
        (1, 2, False, False),
    ]
    assert [record.value for record in await product.rig.read("tickets")] == [b"1", b"2", b"3"]


async def test_killed_in_the_middle_and_run_again_every_letter_goes_back_once(product: Product) -> None:
    settings = product.settings
    await apply_topics(settings)
    values = [b"%d" % number for number in range(9_000)]
    await bury_many(settings, values)
    arguments = ("dlq", "redrive", "--topic", "tickets", "--reason", "not_json", "--json")
    killed = 0
    for _ in range(3):
        run, before = product.command(*arguments), len(await product.rig.read("tickets"))
        while run.process.poll() is None and len(await product.rig.read("tickets")) == before:
            pass
        if run.process.poll() is None:
            run.kill()
            killed += 1
    last = product.command(*arguments)

    assert last.wait(60) == 0, last.text()
    assert killed >= 1
    assert Counter(record.value for record in await product.rig.read("tickets")) == Counter(values)
    again = product.command(*arguments)
    assert again.wait(60) == 0, again.text()
    told = orjson.loads(again.text().splitlines()[-1])
    assert (told["redriven"], told["already"]) == ([], len(values))
    assert len(await product.rig.read("tickets")) == len(values)


async def test_two_at_once_put_every_letter_back_once(product: Product) -> None:
    await apply_topics(product.settings)
    values = [b"%d" % number for number in range(9_000)]
    await bury_many(product.settings, values)
    arguments = ("dlq", "redrive", "--topic", "tickets")
    first = product.command(*arguments)
    while first.process.poll() is None and not await product.rig.read("tickets"):
        pass
    second = product.command(*arguments)

    assert second.wait(60) == 0, second.text()
    assert (first.wait(60), "another redrive of this application took over" in first.text()) in {(0, False), (2, True)}, first.text()
    assert Counter(record.value for record in await product.rig.read("tickets")) == Counter(values)


async def test_notes_of_letters_that_retention_took_are_removed(product: Product) -> None:
    settings = product.settings
    await apply_topics(settings)
    await bury(settings, [b"1", b"2"])
    await put_back(settings)
    feeds = settings.topic("feeds")
    [kept] = (await read_markers(Clients(settings), feeds)).values()
    async with product.rig.admin() as admin:
        await admin.delete_records({TopicPartition(settings.topic("tickets.dlq"), 0): RecordsToDelete(before_offset=4)})
    await bury(settings, [b"3"], partition=1)
    result = await put_back(settings)

    assert kept == [Marker(0, [1, 1, 1])]
    assert (result.sent.total(), result.already) == (1, 0)
    assert await read_markers(Clients(settings), feeds) == {("tickets.dlq", 1): [Marker(0, [1])]}


async def bury_many(settings: Settings, values: list[bytes]) -> None:
    """All in few transactions."""
    async with AIOKafkaProducer(bootstrap_servers=settings.bootstrap, linger_ms=5) as producer:
        headers = [("dlq.reason", b"not_json"), ("dlq.original.topic", b"tickets"), ("dlq.original.partition", b"0")]
        for number, value in enumerate(values):
            await producer.send(settings.topic("tickets.dlq"), value, b"acct-%d" % (number % 50), partition=number % 2, headers=headers)


async def test_an_update_that_came_before_its_run_is_applied_when_it_is_put_back(product: Product) -> None:
    settings = product.settings
    await apply_topics(settings)
    worker = product.start()
    await until(lambda: worker.get("/readyz") == (200, "ready\n"), about=worker.text)
    handoff = product.event("account.handoff", "acme")
    at = rfc3339(datetime.fromisoformat(orjson.loads(handoff[1])["occurred_at"]))
    run = run_id("acme", trigger_id("T01", "acme", Subject(kind="account", id="acme"), at))
    await product.publish("play-updates", [product.event("run.acknowledged", "acme", run_id=run, actor="maya")])
    await until_outcomes(product, "play-updates", {"dead_lettered": 1}, worker)
    await product.publish("accounts", [product.event("account.created", "acme", touch_model="high")])
    await product.publish("accounts", [handoff])
    await until_launched(product, run, worker)

    for already in (0, 1):  # the second time there is nothing left to do
        result = await put_back(settings, Choice(["play-updates"], Wanted(frozenset({"unknown_run"}))))
        assert (result.sent.total(), result.already, result.left) == (1 - already, already, False)
        await until_outcomes(product, "play-updates", {"dead_lettered": 1, "applied": 1}, worker)


async def test_a_record_that_is_broken_for_good_comes_back_three_times_and_is_then_left(product: Product) -> None:
    settings = product.settings
    await apply_topics(settings)
    worker = product.start()
    await until(lambda: worker.get("/readyz") == (200, "ready\n"), about=worker.text)
    await product.publish("tickets", [(b"acme", b"{broken")])
    await until_outcomes(product, "tickets", {"dead_lettered": 1}, worker)
    for times in (1, 2, 3):
        assert (await put_back(settings)).sent.total() == 1
        await until_outcomes(product, "tickets", {"dead_lettered": 1 + times}, worker)
    last = await put_back(settings)

    assert [dict(record.headers).get(COUNT) for record in await product.rig.read("tickets.dlq")] == [None, b"1", b"2", b"3"]
    assert (last.sent.total(), last.already, last.worn_out, last.left) == (0, 3, {("tickets", "not_json"): 1}, True)


async def until_launched(product: Product, run: str, worker: Worker) -> None:
    deadline = time.monotonic() + 30
    while run not in {orjson.loads(record.value)["run_id"] for record in await product.rig.read("play-launches")}:
        assert time.monotonic() < deadline, worker.text()
        await asyncio.sleep(0.2)
