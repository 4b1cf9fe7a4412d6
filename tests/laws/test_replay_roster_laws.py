"""A replay with a roster of its own: what is asked is heard in order of time, whatever the partitions, batches and slices."""

from collections import Counter
from typing import NamedTuple

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.catalogue import ASKS, ASSIGNMENTS
from schemas.decoding.partitioning import partition_of
from schemas.decoding.record import FileRecord
from schemas.records.wire import OutRecord, rfc3339, utc
from streams.engine.pipeline import Pipeline
from streams.engine.policy import EnginePolicy
from streams.replay.run import ReplayResult, RosterPlan, replay
from streams.replay.source import Logs
from tests.small_roster import INPUTS, PEOPLE, Asking, Choosing

PARTITIONS = 3
START_MS = 1_772_400_000_000
END_MS = START_MS + 3_600_000
LOOKAHEAD = 5


class Ticket(NamedTuple):
    """Opened so many seconds after the start, and closed at least a second later: in one instant an answer comes after what asked."""

    account: str
    opened_s: int
    open_for_s: int


tickets = st.lists(
    st.builds(Ticket, st.sampled_from([f"acct-{n}" for n in range(9)]), st.integers(0, 40), st.integers(1, 60)), min_size=1, max_size=40
)


def ticket_logs(opened: list[Ticket]) -> Logs:
    """As a publisher in order of time would fill the topic."""
    events = [(t.opened_s, n, "ticket.created", t.account) for n, t in enumerate(opened)]
    events += [(t.opened_s + t.open_for_s, n, "ticket.closed", t.account) for n, t in enumerate(opened)]
    logs: Logs = {p: {"tickets": []} for p in range(PARTITIONS)}
    for second, number, kind, account in sorted(events, key=lambda each: (each[0], each[2] == "ticket.closed", each[1])):
        at_ms = START_MS + second * 1000
        common = {"event_id": f"{kind}-{number}", "type": kind, "account_id": account, "occurred_at": rfc3339(utc(at_ms)), "source": "desk"}
        more = {"ticket_id": f"t{number}", **({"priority": "P2"} if kind == "ticket.created" else {})}
        log = logs[partition_of(account.encode(), PARTITIONS)]["tickets"]
        log.append(FileRecord(account.encode(), orjson.dumps(common | more), len(log), at_ms))
    return logs


POLICY = EnginePolicy(partitions=PARTITIONS, topics=INPUTS, until_ms=END_MS, lookahead=LOOKAHEAD)


def _replay(logs: Logs, batch: int = 5000) -> ReplayResult:
    roster = RosterPlan(lambda: Pipeline([Choosing()], None))
    return replay(logs, lambda: Pipeline([Asking()], None), POLICY, END_MS, roster=roster, batch=batch)


def _said(result: ReplayResult, topic: str) -> list[OutRecord]:
    return [record for record in result.records if record.topic == topic]


def _recount(opened: list[Ticket]) -> dict[str, str]:
    """By hand: in order of time, then partition; at one moment what an account asks comes before what it lets go."""
    events = [(t.opened_s, partition_of(t.account.encode(), PARTITIONS), 0, n) for n, t in enumerate(opened)]
    events += [(t.opened_s + t.open_for_s, partition_of(t.account.encode(), PARTITIONS), 1, n) for n, t in enumerate(opened)]
    loads, chosen = dict.fromkeys(PEOPLE, 0), dict[str, str]()
    for _, _, closed, number in sorted(events):
        if closed:
            loads[chosen[f"t{number}"]] -= 1
        else:
            person = min(PEOPLE, key=lambda name: (loads[name], name))
            loads[person] += 1
            chosen[f"t{number}"] = person
    return chosen


@given(tickets)
def test_asks_are_heard_in_order_of_time_over_all_partitions(opened: list[Ticket]) -> None:
    answers = [orjson.loads(record.value or b"") for record in _said(_replay(ticket_logs(opened)), ASSIGNMENTS)]
    assert {each["ask_id"]: each["person"] for each in answers} == _recount(opened)
    assert len(answers) == len(opened)


@given(tickets, st.integers(1, 12))
def test_nothing_depends_on_how_much_is_read_at_once(opened: list[Ticket], batch: int) -> None:
    logs = ticket_logs(opened)
    whole, sliced = _replay(logs), _replay(logs, batch)
    assert whole.records == sliced.records
    assert whole.inputs == sliced.inputs


@given(st.lists(st.builds(Ticket, st.sampled_from([f"acct-{n}" for n in range(4)]), st.integers(0, 9), st.integers(0, 9)), min_size=1))
def test_answers_that_were_recorded_take_the_place_of_the_roster(opened: list[Ticket]) -> None:
    """Also where a ticket is closed in the instant in which it was opened: it was given to somebody before."""
    logs = ticket_logs(opened)
    first = _replay(logs)
    for record in _said(first, ASSIGNMENTS):
        assert record.partition is not None
        log = logs[record.partition].setdefault(ASSIGNMENTS, [])
        log.append(FileRecord(record.key, record.value, len(log), START_MS, record.headers))
    again = replay(logs, lambda: Pipeline([Asking()], None), POLICY, END_MS)
    assert _said(again, ASKS) == _said(first, ASKS)
    assert again.inputs == first.inputs - Counter({key: n for key, n in first.inputs.items() if key[0] == ASKS})


def test_the_generated_tickets_do_compete() -> None:
    """Else the laws above would hold for a roster that always names the same person."""
    opened = [Ticket(f"acct-{n % 9}", n // 4, 7 * n % 11) for n in range(60)]
    chosen = Counter(_recount(opened).values())
    assert set(chosen) == set(PEOPLE)
    assert len({partition_of(t.account.encode(), PARTITIONS) for t in opened}) == PARTITIONS


@pytest.mark.parametrize("account", ["acct-0"])
def test_an_answer_comes_before_anything_later(account: str) -> None:
    """A ticket that is closed a second after it was opened lets go of the person it was given."""
    result = _replay(ticket_logs([Ticket(account, 3, 1)]))
    kinds = [orjson.loads(record.value or b"")["type"] for record in result.records]
    assert kinds == ["assignment.requested", "assignment.made", "assignment.released"]
