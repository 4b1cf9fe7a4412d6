"""`playcall runs` on a real broker: what tasks committed about runs, and nothing they aborted."""

import asyncio
import json
from collections.abc import Callable, Sequence

import pytest
from aiokafka import AIOKafkaProducer

from schemas.decoding.partitioning import partition_of
from schemas.records.decision import Decision, Reason
from schemas.records.wire import Wire, rfc3339, utc
from streams.kafka.admin import apply_topics
from streams.settings import Settings
from tests.desk import HOUR, T0, Desk, trigger


async def publish(settings: Settings, records: Sequence[Wire], *, abort: bool = False) -> None:
    """One transaction each, on the partition of the account, as tasks write them."""
    producer = AIOKafkaProducer(bootstrap_servers=settings.bootstrap, transactional_id=f"{settings.app_id}.test")
    await producer.start()
    try:
        for record in records:
            out = record.to_record()
            assert out.key is not None
            await producer.begin_transaction()
            place = partition_of(out.key, settings.partitions)
            await producer.send_and_wait(settings.topic(out.topic), out.value, out.key, partition=place, headers=list(out.headers))
            if abort:
                await producer.abort_transaction()
            else:
                await producer.commit_transaction()
    finally:
        await producer.stop()


def test_runs_are_listed_and_shown_as_the_topics_tell(
    settings: Settings, playcall: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    acme, globex = Desk(), Desk("globex")
    (first,), (second,) = acme.trigger(trigger()), globex.trigger(trigger(account="globex"))
    acme.update("acknowledged", first.run_id)
    globex.update("closed", second.run_id, code="resolved")
    told = [*acme.messages, *globex.messages, *globex.outcomes]
    acme.update("started", first.run_id)
    waited = Decision(
        decision_id="d-1", account_id="acme", time=utc(T0), reason=Reason.INHIBITED, trigger_id=first.triggers[0], detail="it waits"
    )
    others = [waited.model_copy(update={"decision_id": "d-2", "trigger_id": "another"})]

    async def fill() -> None:
        await apply_topics(settings)
        await publish(settings, [*told, waited, *others])
        await publish(settings, acme.messages[-1:], abort=True)

    asyncio.run(fill())
    place = ("--bootstrap", settings.bootstrap, "--topic-prefix", settings.topic_prefix)

    assert playcall("runs", "ls", *place, "--at", rfc3339(utc(T0 + 3 * HOUR)), "--json") == 0
    (run,) = json.loads(capsys.readouterr().out)
    assert (run["run_id"], run["state"], run["overdue"]) == (first.run_id, "acknowledged", True)
    assert playcall("runs", "ls", *place, "--account", "globex", "--all", "--json") == 0
    assert [one["state"] for one in json.loads(capsys.readouterr().out)] == ["closed"]

    assert playcall("runs", "show", first.run_id, *place, "--json") == 0
    whole = json.loads(capsys.readouterr().out)
    shown = whole["messages"]
    assert [decision["decision_id"] for decision in whole["decisions"]] == ["d-1"]
    assert shown == [json.loads(message.to_json()) for message in acme.messages[:-1]]
    assert [message["kind"] for message in shown][-1] == "acknowledged"
    assert playcall("runs", "show", second.run_id[:12], *place) == 0
    assert "outcome   resolved; never acknowledged" in capsys.readouterr().out
    assert playcall("runs", "show", "nothing", *place) == 1
