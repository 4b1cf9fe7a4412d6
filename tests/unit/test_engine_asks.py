"""What router and roster say to each other goes through the engine: where it is published, and how a driver hears it in time."""

from collections.abc import Iterable

import msgspec
import orjson
import pytest

from schemas.decoding.partitioning import partition_of
from schemas.decoding.record import FileRecord
from schemas.events.event import Event
from schemas.records.wire import OutRecord, epoch_ms, rfc3339, utc
from streams.engine.batch import Batch
from streams.engine.pipeline import Pipeline
from streams.engine.policy import EnginePolicy
from streams.engine.task import PartitionTask
from streams.processing.cell import Cell
from streams.processing.cells import SHARED, Cells
from streams.processing.deadline import Deadline
from streams.processing.effects import Answer, Ask, Effect, SetDeadline
from streams.processing.moment import Moment

START_MS = 1_772_400_000_000
MINUTE_MS = 60_000


class Asked(msgspec.Struct):
    """How often."""

    count: int = 0


ASKED = Cell("asked", Asked, version=1)


class Asking:
    """Asks for every ticket, again five minutes later; counts all of them in a cell that belongs to nobody."""

    name = "asking"
    event_types = frozenset({"ticket.created"})
    cells = (ASKED,)

    def on_event(self, cells: Cells, event: Event, moment: Moment) -> Iterable[Effect]:
        cells.beside(SHARED).edit(ASKED).count += 1
        cells.beside(event.account_id).edit(ASKED).count += 1
        return [Ask(_said(event.event_id, cells, moment)), SetDeadline(f"again:{event.event_id}", moment.now_ms + 5 * MINUTE_MS)]

    def on_deadline(self, cells: Cells, deadline: Deadline, moment: Moment) -> Iterable[Effect]:
        return [Ask(_said(deadline.name, cells, moment)), Answer(_said(deadline.name, cells, moment))]

    def on_held(self, cells: Cells, deadline: Deadline, moment: Moment) -> Iterable[Effect]:
        raise AssertionError("nothing here is a silence")

    def silent_topics(self, name: str) -> tuple[str, ...]:
        return ()


def _said(name: str, cells: Cells, moment: Moment) -> dict[str, object]:
    time = utc(moment.now_ms)
    return {
        "event_id": name,
        "type": "assignment.requested",
        "account_id": cells.account_id,
        "occurred_at": time,
        "source": "playcall",
        "ask_id": name,
    }


def _log(accounts: list[str]) -> list[FileRecord]:
    """A ticket a minute."""
    out = []
    for number, account in enumerate(accounts):
        at_ms = START_MS + number * MINUTE_MS
        ticket = {
            "event_id": f"e{number}", "type": "ticket.created", "account_id": account, "occurred_at": rfc3339(utc(at_ms)),
            "source": "desk", "ticket_id": f"t{number}", "priority": "P2",
        }  # fmt: skip
        out.append(FileRecord(account.encode(), orjson.dumps(ticket), number, at_ms))
    return out


def _task(log: list[FileRecord], *, stops: bool, until_ms: int, state: dict[bytes, bytes] | None = None) -> PartitionTask:
    policy = EnginePolicy(
        partitions=1, topics=("tickets",), until_ms=until_ms, stops_at_asks=stops, elsewhere={"assignment-requests": 1, "assignments": 7}
    )
    task = PartitionTask(0, Pipeline([Asking()], None), policy)
    for key, value in (state or {}).items():
        task.restore(key, value)
    task.recovered()
    task.begin_at({"tickets": 0})
    task.catch_up({"tickets": len(log)})
    task.offer(Batch("tickets", 0, len(log), log))
    return task


def _times(records: list[OutRecord]) -> list[tuple[str, int]]:
    found = []
    for record in records:
        said = orjson.loads(record.value or b"")
        found.append((said["event_id"], (epoch_ms(utc(START_MS).fromisoformat(said["occurred_at"])) - START_MS) // MINUTE_MS))
    return found


END_MS = START_MS + 60 * MINUTE_MS


def test_asks_go_to_the_one_partition_and_answers_to_that_of_their_account() -> None:
    accounts = ["acme", "globex", "initech"]
    task = _task(_log(accounts), stops=False, until_ms=END_MS)
    while task.work(END_MS):
        pass
    commit = task.prepare()
    asks = [record for record in commit.outputs if record.topic == "assignment-requests"]
    answers = [record for record in commit.outputs if record.topic == "assignments"]
    assert [(record.key, record.partition) for record in asks] == [(a.encode(), 0) for a in accounts * 2]
    assert [record.partition for record in answers] == [partition_of(a.encode(), 7) for a in accounts]
    assert len({record.partition for record in answers}) > 1
    assert commit.tally.assignments == {"assignment.requested": 9}


@pytest.mark.parametrize("budget", [1, 2, 7, 5000])
def test_a_driver_hears_every_ask_at_its_time_whatever_the_slices(budget: int) -> None:
    task = _task(_log(["acme"] * 8), stops=True, until_ms=END_MS)
    heard: list[tuple[str, int]] = []
    while not task.until_reached:
        while task.work(END_MS, budget):
            assert not task.unheard
        now = task.task_time_ms
        asks = [record for _, record in task.hear_asks()]
        assert all(minute == (now - START_MS) // MINUTE_MS for _, minute in _times(asks))
        assert len(asks) <= 1  # a ticket and a repetition never share a step, though they share minutes
        heard += _times(asks)
    firsts = [(f"e{n}", n) for n in range(8)]
    repeated = [(f"again:e{n}", n + 5) for n in range(8)]
    assert heard == sorted([*firsts, *repeated], key=lambda each: (each[1], not each[0].startswith("again")))


def test_what_is_shared_is_committed_and_found_again_after_a_recovery() -> None:
    log = _log(["acme", "globex", "acme"])
    state: dict[bytes, bytes] = {}
    task = _task(log, stops=False, until_ms=END_MS)
    while task.work(END_MS):
        pass
    for key, value in task.prepare().cells:
        assert value is not None
        state[key] = value
    assert ASKED.decode(state[b"\x00asked"]).count == 3
    assert ASKED.decode(state[b"acme\x00asked"]).count == 2
    _task([], stops=False, until_ms=END_MS, state=state)  # raises where the shared cell is not in the cursor's proof


def test_a_finite_run_goes_on_when_its_end_is_moved() -> None:
    task = _task(_log(["acme"] * 8), stops=False, until_ms=START_MS + 2 * MINUTE_MS)
    read = []
    for minute in (2, 3, 7, 60):
        task.extend(START_MS + minute * MINUTE_MS)
        while task.work(END_MS):
            pass
        assert task.until_reached
        assert task.task_time_ms == START_MS + minute * MINUTE_MS
        read.append(sum(record.topic == "assignment-requests" for record in task.prepare().outputs))
    assert read == [3, 1, 4 + 3, 5]


def test_cells_that_came_from_no_store_have_nothing_beside_them() -> None:
    alone = Cells("acme")
    assert alone.beside("acme") is alone
    with pytest.raises(LookupError, match="stand alone"):
        alone.beside(SHARED)
