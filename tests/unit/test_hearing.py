"""Stamps of responses, translated; and leaders that do not answer."""

import pytest

from streams.kafka import hearing as module
from streams.kafka.hearing import Hearing
from streams.kafka.reach import Reach
from streams.time_guard import Reading, Trust

START_MS = 1_769_860_800_000


class Machine:
    """Its two clocks and the injected one, set by hand; the injected one goes with the monotonic."""

    trust = Trust.TRUSTED
    wrong_by_ms = None

    def __init__(self) -> None:
        self.mono_ms = 500
        self.stepped_ms = 0

    def read(self) -> Reading:
        return Reading(START_MS + self.mono_ms + self.stepped_ms, self.mono_ms)

    def now_ms(self) -> int:
        return START_MS + self.mono_ms

    def heard(self, broker_ms: int, asked: Reading) -> None:
        raise AssertionError("nothing is asked here")


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine()
    monkeypatch.setattr(module, "read_machine", machine.read)
    return machine


def rounds(machine: Machine, hearing: Hearing, ms: int) -> None:
    """Fetch rounds every 100 ms in which no response comes in."""
    for _ in range(ms // 100):
        machine.mono_ms += 100
        hearing.note()


def test_a_response_counts_as_heard_at_a_moment_noted_before_it_left(machine: Machine) -> None:
    hearing = Hearing(machine)
    rounds(machine, hearing, 1000)
    heard_ms = hearing.clock_at("tickets:0", machine.read().wall_ms)
    assert heard_ms is not None
    assert machine.now_ms() - 300 <= heard_ms <= machine.now_ms() - 100


@pytest.mark.parametrize("step_ms", [3_600_000, -3_600_000])
def test_a_stamp_from_before_a_jump_never_counts_again(machine: Machine, step_ms: int) -> None:
    hearing = Hearing(machine)
    rounds(machine, hearing, 1000)
    stamp = machine.read().wall_ms  # the last response before the broker goes silent
    machine.stepped_ms = step_ms
    assert hearing.note()
    hearing.void({"tickets:0": stamp})
    assert hearing.clock_at("tickets:0", stamp) is None
    rounds(machine, hearing, 4_000_000)  # even when the clock that was set back comes past it
    assert hearing.clock_at("tickets:0", stamp) is None
    assert hearing.clock_at("tickets:0", machine.read().wall_ms) is not None  # the broker is back


def test_a_leader_is_silent_when_a_polled_partition_gets_no_new_stamp_for_ten_seconds() -> None:
    reach = Reach()
    for now_s in range(20):
        reach.note({"a": now_s, "b": 5}, float(now_s))
    assert reach.silent(19.0) == ("b", 19.0)
    assert reach.silent(9.0) is None
    reach.note({"a": 20}, 20.0)  # b is not polled any more
    assert reach.silent(25.0) is None
    reach.note({"a": 20, "b": 5}, 26.0)  # polled again: it has not been waited for
    assert reach.silent(29.0) is None
    reach.forget()
    assert reach.silent(99.0) is None
