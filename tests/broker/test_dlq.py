"""`playcall dlq` on a real broker: what a task dead-lettered comes back byte for byte, with its reason."""

import base64
import json
from collections.abc import Callable

import pytest
from aiokafka import AIOKafkaProducer

from schemas.decoding.record import FileRecord
from schemas.records.dead_letter import dead_letter
from streams.broker.errors import BrokerError
from streams.kafka.admin import apply_topics
from streams.kafka.dead_letters import DeadLetter, Place, Wanted, newest, read_one
from streams.settings import Settings

APPENDED_MS = 1_767_225_600_000  # 2026-01-01T00:00:00Z


def raw(offset: int, value: bytes | None) -> FileRecord:
    return FileRecord(offset=offset, timestamp=APPENDED_MS, key=b"acme", value=value, headers=(("traceparent", b"00-1-2-01"),))


async def bury(
    settings: Settings, values: list[bytes | None], *, partition: int = 0, abort_every: int = 0, reason: str = "not_json",
    source: str = "tickets",
) -> None:  # fmt: skip
    """Dead letters of the source's partition 2, one transaction each, as tasks write them; every n-th one is aborted."""
    producer = AIOKafkaProducer(bootstrap_servers=settings.bootstrap, transactional_id=f"{settings.app_id}.test.{partition}")
    await producer.start()
    try:
        for offset, value in enumerate(values):
            letter = dead_letter(raw(offset, value), source, 2, reason, "expected value at line 1", "0.1.0")
            await producer.begin_transaction()
            await producer.send_and_wait(
                settings.topic(letter.topic), letter.value, letter.key, partition=partition, headers=list(letter.headers)
            )
            if abort_every and offset % abort_every == abort_every - 1:
                await producer.abort_transaction()
            else:
                await producer.commit_transaction()
    finally:
        await producer.stop()


async def test_a_dead_letter_comes_back_whole(settings: Settings) -> None:
    await apply_topics(settings)
    await bury(settings, [b"{broken\xff"])

    letters = await newest(settings, ["tickets.dlq"], 10)

    assert letters == [
        DeadLetter(
            place=Place("tickets.dlq", 0, 0),
            source=Place("tickets", 2, 0),
            reason="not_json",
            error="expected value at line 1",
            refused_ms=letters[0].refused_ms,
            appended_ms=APPENDED_MS,
            app_version="0.1.0",
            key=b"acme",
            value=b"{broken\xff",
            headers=(("traceparent", b"00-1-2-01"),),
        )
    ]


async def test_a_tombstone_comes_back_as_none(settings: Settings) -> None:
    await apply_topics(settings)
    await bury(settings, [None])

    assert (await read_one(settings, Place("tickets.dlq", 0, 0))).value is None


async def test_the_newest_are_listed_and_aborted_ones_never(settings: Settings) -> None:
    await apply_topics(settings)
    await bury(settings, [str(number).encode() for number in range(30)], abort_every=3)

    letters = await newest(settings, ["tickets.dlq"], 4)

    assert [letter.value for letter in letters] == [b"24", b"25", b"27", b"28"]


async def test_the_wanted_ones_are_found_however_many_others_came_after(settings: Settings) -> None:
    await apply_topics(settings)
    await bury(settings, [b"first", b"second"], reason="bad_time")
    await bury(settings, [str(number).encode() for number in range(30)], partition=1)
    await bury(settings, [str(number).encode() for number in range(30)])
    [first, second] = await newest(settings, ["tickets.dlq"], 5, Wanted(frozenset({"bad_time"})))

    assert [first.value, second.value] == [b"first", b"second"]
    assert await newest(settings, ["tickets.dlq"], 5, Wanted(frozenset({"bad_time"}), until_ms=second.refused_ms)) == [first]
    assert await newest(settings, ["tickets.dlq"], 1, Wanted(frozenset({"bad_time"}), since_ms=first.refused_ms)) == [second]
    assert await newest(settings, ["tickets.dlq"], 5, Wanted(since_ms=second.refused_ms + 3_600_000)) == []


async def test_several_topics_are_listed_in_order_of_time(settings: Settings) -> None:
    await apply_topics(settings)
    await bury(settings, [b"1"], source="tickets")
    await bury(settings, [b"2"], source="billing")
    await bury(settings, [b"3"], source="tickets", partition=1)

    assert [letter.value for letter in await newest(settings, ["billing.dlq", "tickets.dlq"], 5)] == [b"1", b"2", b"3"]


async def test_an_empty_topic_lists_nothing(settings: Settings) -> None:
    await apply_topics(settings)

    assert await newest(settings, ["billing.dlq"], 5) == []


@pytest.mark.parametrize(
    ("place", "complaint"),
    [
        (Place("tickets.dlq", 0, 1), "no dead letter at tickets.dlq:0:1: the offset belongs to a transaction marker or an aborted record"),
        (Place("tickets.dlq", 0, 9), "tickets.dlq:0 holds offsets 0 to 1, not 9"),
        (Place("tickets.dlq", 7, 0), "tickets.dlq has partitions 0 to 3, not 7"),
    ],
)
async def test_a_place_without_a_letter_is_explained(settings: Settings, place: Place, complaint: str) -> None:
    await apply_topics(settings)
    await bury(settings, [b"x"])

    with pytest.raises(BrokerError) as caught:
        await read_one(settings, place)

    assert str(caught.value) == complaint


async def test_a_missing_topic_is_explained(settings: Settings) -> None:
    with pytest.raises(BrokerError, match=r"topic .*tickets\.dlq does not exist at .*: see `playcall topics check`"):
        await newest(settings, ["tickets.dlq"], 1)


@pytest.fixture
async def buried(settings: Settings) -> Settings:
    await apply_topics(settings)
    await bury(settings, [b"\x1b[31mred\xff" + b"." * 100])
    return settings


def test_the_command_lists_and_shows_without_touching_the_terminal(
    playcall: Callable[..., int], buried: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--bootstrap", buried.bootstrap, "--topic-prefix", buried.topic_prefix)

    assert playcall("dlq", "ls", *options) == 0
    listed = capsys.readouterr().out
    assert playcall("dlq", "show", "tickets.dlq:0:0", "--bytes", "12", *options) == 0
    shown = capsys.readouterr().out
    assert playcall("dlq", "show", "tickets:0:0", "--json", *options) == 0
    whole = json.loads(capsys.readouterr().out)

    when, _, rest = listed.partition("\t")
    assert rest == "tickets.dlq:0:0\tnot_json\tfrom tickets:2:0\texpected value at line 1\n"
    assert shown.splitlines() == [
        "place    tickets.dlq:0:0",
        "reason   not_json",
        "error    expected value at line 1",
        "source   tickets:2:0",
        f"refused  {when}",
        "appended 2026-01-01T00:00:00.000Z",
        "version  0.1.0",
        "key      acme",
        "header   traceparent: 00-1-2-01",
        "value    109 bytes, the first 12",
        r"\x1b[31mred\xff...",
    ]
    assert base64.b64decode(whole["value"]) == b"\x1b[31mred\xff" + b"." * 100


def test_a_place_that_is_none_is_refused(playcall: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    assert playcall("dlq", "show", "tickets:17") == 2

    assert "is no place of a record" in capsys.readouterr().err
