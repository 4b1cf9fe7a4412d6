"""What always fails is named, and can be set aside: everything else comes out exactly as without it."""

import re
from collections.abc import Iterable, Sequence

import msgspec
import orjson
import pytest

from schemas.decoding.batch import decode_batch
from schemas.decoding.record import FileRecord
from schemas.events.event import Event
from schemas.records.decision import Decision, Reason
from schemas.records.wire import OutRecord, rfc3339, utc
from streams.engine import intake
from streams.engine.batch import Batch
from streams.engine.cursor import CURSOR_KEY
from streams.engine.errors import ProcessingFailed
from streams.engine.pipeline import Pipeline
from streams.engine.policy import MINUTE_MS, EnginePolicy
from streams.engine.quarantine import Quarantine
from streams.engine.store import fingerprint
from streams.engine.task import PartitionTask
from streams.processing.cell import Cell
from streams.processing.cells import Cells
from streams.processing.deadline import Deadline
from streams.processing.effects import Decide, Effect, SetDeadline
from streams.processing.moment import Moment

START_MS = 1_760_000_000_000
TOPICS = ("tickets", "billing")


class Count(msgspec.Struct, array_like=True):
    """Tickets of an account."""

    tickets: int = 0


COUNT: Cell[Count] = Cell("count", Count, version=1)


class Fragile:
    """Counts tickets and sets an alarm for each; cannot stand the ticket `poison`, nor the alarm of the account `cursed`."""

    name = "fragile"
    event_types = frozenset({"ticket.created"})

    def on_event(self, cells: Cells, event: Event, moment: Moment) -> Iterable[Effect]:
        if event.data["ticket_id"] == "poison":
            raise ZeroDivisionError("no such luck")
        count = cells.edit(COUNT)
        count.tickets += 1
        if event.data["ticket_id"] == "huge":
            count.tickets = 1 << 70
        return [SetDeadline(f"alarm-{event.event_id}", event.time_ms + 10 * MINUTE_MS), _said(cells, moment, f"ticket {count.tickets}")]

    def silent_topics(self, name: str) -> tuple[str, ...]:
        return ()

    def on_held(self, cells: Cells, deadline: Deadline, moment: Moment) -> tuple[Effect, ...]:
        return ()

    def on_deadline(self, cells: Cells, deadline: Deadline, moment: Moment) -> Iterable[Effect]:
        if cells.account_id == "cursed":
            raise KeyError(deadline.name)
        return [_said(cells, moment, f"{deadline.name} with {cells[COUNT].tickets}")]


def _said(cells: Cells, moment: Moment, what: str) -> Decide:
    detail = f"{what} at +{moment.now_ms - START_MS}"
    return Decide(
        Decision(
            decision_id=f"{cells.account_id} {detail}",
            account_id=cells.account_id,
            time=utc(moment.now_ms),
            reason=Reason.CLEARED,
            detail=detail,
        )
    )


def ticket(offset: int, account: str, ticket_id: str = "t", after_ms: int | None = None) -> FileRecord:
    time_ms = START_MS + (offset * MINUTE_MS if after_ms is None else after_ms)
    value = {
        "event_id": str(offset), "type": "ticket.created", "account_id": account, "occurred_at": rfc3339(utc(time_ms)),
        "source": "desk", "ticket_id": ticket_id, "priority": "P2",
    }  # fmt: skip
    return FileRecord(account.encode(), orjson.dumps(value), offset, time_ms)


LOG = [ticket(at, f"a{at % 3}") for at in range(40)]


class Ran:
    """What a task made of a log: outputs in order, state without the cursor, counts."""

    def __init__(
        self,
        log: Sequence[FileRecord],
        *quarantine: str,
        state: dict[bytes, bytes | None] | None = None,
        until_ms: int = START_MS + 60 * MINUTE_MS,
    ) -> None:
        policy = EnginePolicy(1, TOPICS, until_ms=until_ms, quarantine=Quarantine.parse(quarantine))
        task = PartitionTask(0, Pipeline([Fragile()], None), policy)
        for key, value in (state or {}).items():
            task.restore(key, value)
        task.recovered()
        begin = log[0].offset if log else 0
        task.begin_at({"tickets": begin, "billing": 0})
        end = log[-1].offset + 1 if log else task.expected("tickets")
        task.catch_up({"tickets": end, "billing": 0})
        task.offer(Batch("tickets", task.expected("tickets"), end, log))
        while task.work(START_MS + 600 * MINUTE_MS):
            pass
        assert task.finished or task.pending
        self.outputs: list[OutRecord] = []
        commit = task.prepare()
        self.outputs = [record for record in commit.outputs if not record.topic.endswith(".dlq")]
        self.letters = [record for record in commit.outputs if record.topic.endswith(".dlq")]
        self.cells = dict(commit.cells)
        self.cursor = self.cells.pop(CURSOR_KEY)
        self.counts = task.counts
        self.pending = task.deadlines_pending

    @property
    def said(self) -> list[str]:
        return [orjson.loads(record.value or b"")["decision_id"] for record in self.outputs]

    @property
    def state(self) -> dict[bytes, bytes | None]:
        return {**self.cells, CURSOR_KEY: self.cursor}


def test_a_record_that_fails_is_named_with_its_account_the_error_and_the_flag() -> None:
    log = [*LOG[:20], ticket(20, "acme", "poison"), *LOG[21:]]

    with pytest.raises(ProcessingFailed) as failed:
        Ran(log)

    assert str(failed.value) == "tickets:0:20 of account 'acme' fails with ZeroDivisionError: no such luck"
    assert failed.value.flag == "tickets:0:20"
    assert "`playcall worker --quarantine tickets:0:20`" in failed.value.remedy


@pytest.mark.parametrize("place", [0, 1, 20, 39])
def test_with_the_record_set_aside_everything_else_is_as_without_it(place: int) -> None:
    log = [*LOG[:place], ticket(place, "acme", "poison"), *LOG[place + 1 :]]
    without = [*LOG[:place], *LOG[place + 1 :]]
    if place == 39:
        without.append(FileRecord(b"a0", b"{}", 39))  # something must end the log where the other ends

    aside = Ran(log, f"tickets:0:{place}")
    wanted = Ran(without)

    assert aside.said == wanted.said
    assert aside.cells == wanted.cells
    [letter] = [letter for letter in aside.letters if letter.value == log[place].value]
    assert dict(letter.headers)["dlq.reason"] == b"quarantined"
    assert dict(letter.headers)["dlq.original.offset"] == b"%d" % place
    assert sum(aside.counts.values()) == len(log)
    assert aside.counts["tickets", "applied"] == wanted.counts["tickets", "applied"] == 39


def test_a_quarantined_record_is_not_even_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    def bomb(topic: str, partition: int, records: Sequence[FileRecord], partitions: int) -> object:
        if any(record.offset == 7 for record in records):
            raise RecursionError("too deep for us")
        return decode_batch(topic, partition, records, partitions)

    monkeypatch.setattr(intake, "decode_arrivals", bomb)

    with pytest.raises(ProcessingFailed, match=re.escape("tickets:0:7 of account 'a1' fails with RecursionError: too deep for us")):
        Ran(LOG)
    assert Ran(LOG, "tickets:0:7").counts["tickets", "applied"] == 39


def test_a_failing_deadline_names_the_account_and_the_account_can_be_set_aside() -> None:
    log = [*LOG, ticket(40, "cursed")]
    with pytest.raises(ProcessingFailed) as failed:
        Ran(log)
    assert str(failed.value) == "deadline 'alarm-40 of fragile' of account 'cursed' fails with KeyError: 'alarm-40'"
    assert failed.value.flag == "account:cursed"

    # It was set before anybody knew: it stays in the state, and everybody else goes on.
    before = Ran(log, until_ms=START_MS + 45 * MINUTE_MS)
    after = Ran([ticket(41, "cursed"), ticket(42, "a0")], "account:cursed", state=before.state)

    assert [said for said in after.said if said.startswith("cursed")] == []
    assert "a0 ticket 15 at +2700000" in after.said
    assert after.pending == 0
    assert after.counts["tickets", "dead_lettered"] == 1
    assert b"cursed\x00deadlines" not in after.cells

    # Given back, its deadline is still there, and due.
    with pytest.raises(ProcessingFailed, match="deadline 'alarm-40 of fragile' of account 'cursed'"):
        Ran([], state={**before.state, **after.state})


def test_a_damaged_cell_names_account_and_cell_and_the_account_can_be_set_aside() -> None:
    state = Ran(LOG[:30], until_ms=START_MS + 35 * MINUTE_MS).state
    key = b"a1\x00deadlines"
    damaged = _replace(state, key, b"\x01\xc1nonsense")

    with pytest.raises(ProcessingFailed) as failed:
        Ran(LOG[30:], state=damaged)

    assert str(failed.value).startswith("state of account 'a1' fails with CellError: cell 'deadlines' is damaged (10 bytes, version 1): ")
    assert (failed.value.cell, failed.value.flag) == ("deadlines", "account:a1")
    assert Ran(LOG[30:], "account:a1", state=damaged).counts["tickets", "applied"] == 30 + 7


def test_a_cell_of_the_future_names_the_account_of_the_record_that_met_it() -> None:
    state = Ran(LOG[:30]).state
    newer = _replace(state, b"a1\x00count", b"\x09" + (state[b"a1\x00count"] or b"")[1:])

    with pytest.raises(ProcessingFailed) as failed:
        Ran(LOG[30:], state=newer, until_ms=START_MS + 120 * MINUTE_MS)

    assert "tickets:0:31 of account 'a1' fails with CellVersionError: cell 'count' was written in version 9" in str(failed.value)
    assert failed.value.flag == "account:a1"


def test_a_value_that_cannot_be_encoded_names_its_account() -> None:
    with pytest.raises(
        ProcessingFailed, match=r"state of account 'a9' fails with CellError: cell 'count' cannot be encoded: OverflowError"
    ):
        Ran([ticket(0, "a9", "huge")])


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("tickets:3", "'tickets:3' is no place of a record"),
        ("tickets:3:-1", "'tickets:3:-1' is no place of a record"),
        ("tickets:three:1", "'tickets:three:1' is no place of a record"),
        ("prod.tickets:3:1", "'prod.tickets:3:1' names no topic that a worker reads (product-usage, "),
        ("triggers:3:1", "'triggers:3:1' names no topic that a worker reads"),
        ("account:", "'account:' names no account"),
        ("", "'' is no place of a record"),
    ],
)
def test_bad_forms_are_refused_with_the_expected_one(entry: str, said: str) -> None:
    with pytest.raises(ValueError) as refused:
        Quarantine.parse([entry])

    assert said in str(refused.value)
    assert str(refused.value).endswith("such as tickets:3:1234, or account:ID")


def test_entries_add_up() -> None:
    found = Quarantine.parse(["tickets:3:1", "tickets:3:7", "account:a:b,c d", "tickets:4:1"])

    assert found == Quarantine({("tickets", 3): frozenset({1, 7}), ("tickets", 4): frozenset({1})}, frozenset({"a:b,c d"}))
    assert found.beyond(4) == ["tickets:4:1"]


def _replace(state: dict[bytes, bytes | None], key: bytes, value: bytes) -> dict[bytes, bytes | None]:
    """The state with another value, and a cursor that agrees with it: the value was damaged before it was written."""
    old = state[key]
    assert old is not None
    cursor = orjson.loads(state[CURSOR_KEY] or b"")
    total = (int(cursor["sum"], 16) - fingerprint(key, old) + fingerprint(key, value)) % (1 << 64)
    return {**state, key: value, CURSOR_KEY: orjson.dumps({**cursor, "sum": f"{total:016x}"})}
