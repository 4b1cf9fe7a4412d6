"""Steps of the wall clock and sleeping machines, one by one. Times in milliseconds from an arbitrary zero."""

import pytest

from streams.time_guard import Reading, TimeGuard, Trust

HOUR_MS = 3_600_000
DAY = 1_769_860_800_000


def at(seconds: float, stepped_ms: int = 0, slept_ms: int = 0) -> Reading:
    """`seconds` after the start, the wall clock stepped by so much, the monotonic clock asleep for so long."""
    ms = int(seconds * 1000)
    return Reading(DAY + ms + stepped_ms, ms - slept_ms)


def answered(guard: TimeGuard, seconds: float, stepped_ms: int = 0, slept_ms: int = 0) -> None:
    """The broker, whose clock is right, stamps a record and the answer takes 20 ms."""
    guard.heard(DAY + int(seconds * 1000), at(seconds - 0.01, stepped_ms, slept_ms), at(seconds + 0.01, stepped_ms, slept_ms))


@pytest.mark.parametrize("stepped_ms", [HOUR_MS, -HOUR_MS, 6000, -6000])
def test_a_wrong_step_is_noticed_at_once_and_refused_when_the_broker_agrees_with_the_monotonic_clock(stepped_ms: int) -> None:
    guard = TimeGuard(at(0))
    assert guard.now_ms(at(10)) == DAY + 10_000

    assert guard.now_ms(at(11, stepped_ms)) == DAY + 11_000
    assert guard.trust is Trust.ASKING

    answered(guard, 12, stepped_ms)
    assert (guard.trust, guard.wrong_by_ms, guard.now_ms(at(13, stepped_ms))) == (Trust.TRUSTED, stepped_ms, DAY + 13_000)
    assert guard.now_ms(at(7200, stepped_ms)) == DAY + 7_200_000

    assert guard.now_ms(at(7201)) == DAY + 7_201_000  # set right again: nothing to ask
    assert (guard.trust, guard.wrong_by_ms) == (Trust.TRUSTED, None)


def test_a_machine_that_slept_takes_the_wall_clock_as_soon_as_the_broker_agrees_with_it() -> None:
    guard = TimeGuard(at(0))
    guard.now_ms(at(10))

    assert guard.now_ms(at(3610, slept_ms=HOUR_MS)) == DAY + 10_000
    assert guard.trust is Trust.ASKING

    answered(guard, 3611, slept_ms=HOUR_MS)
    assert (guard.trust, guard.now_ms(at(3612, slept_ms=HOUR_MS))) == (Trust.TRUSTED, DAY + 3_612_000)


def test_a_small_step_is_followed_and_many_small_ones_are_a_large_one() -> None:
    guard = TimeGuard(at(0))
    assert (guard.now_ms(at(1, 3000)), guard.trust) == (DAY + 4000, Trust.TRUSTED)
    assert (guard.now_ms(at(2, 6000)), guard.trust) == (DAY + 5000, Trust.ASKING)


def test_a_step_back_never_turns_time_back_even_where_it_was_right() -> None:
    guard = TimeGuard(at(0, 120_000), skew_ms=-120_000)  # two minutes ahead of the broker since the start
    guard.now_ms(at(10, 120_000))
    guard.now_ms(at(11))
    answered(guard, 12)
    assert (guard.trust, guard.now_ms(at(13))) == (Trust.TRUSTED, DAY + 132_010)
    assert guard.now_ms(at(140)) == DAY + 140_000


def test_a_broker_that_agrees_with_neither_leaves_the_doubt() -> None:
    guard = TimeGuard(at(0))
    guard.now_ms(at(1, HOUR_MS))
    guard.heard(DAY + 10 * HOUR_MS, at(1, HOUR_MS), at(1, HOUR_MS))
    assert (guard.trust, guard.now_ms(at(2, HOUR_MS))) == (Trust.DOUBTED, DAY + 2000)
    answered(guard, 3, HOUR_MS)
    assert guard.trust is Trust.TRUSTED


def test_another_jump_while_in_doubt_is_asked_about_anew() -> None:
    guard = TimeGuard(at(0))
    guard.now_ms(at(1, HOUR_MS))
    guard.heard(DAY + 10 * HOUR_MS, at(1, HOUR_MS), at(1, HOUR_MS))
    guard.now_ms(at(2, 2 * HOUR_MS))
    assert guard.trust is Trust.ASKING


def test_a_broker_wrong_on_its_own_casts_no_doubt() -> None:
    guard = TimeGuard(at(0))
    guard.heard(DAY + HOUR_MS, at(1), at(1))
    assert (guard.trust, guard.now_ms(at(2))) == (Trust.TRUSTED, DAY + 2000)


def test_a_machine_half_a_minute_off_finds_back_to_its_own_time() -> None:
    guard = TimeGuard(at(0, -30_000), skew_ms=30_000)
    guard.now_ms(at(1, HOUR_MS))
    answered(guard, 2, HOUR_MS)
    assert (guard.trust, guard.now_ms(at(3, HOUR_MS))) == (Trust.TRUSTED, DAY - 27_000)


def test_a_machine_half_a_minute_off_that_is_set_right_follows() -> None:
    guard = TimeGuard(at(0, -30_000), skew_ms=30_000)
    guard.now_ms(at(1))
    answered(guard, 2)
    assert (guard.trust, guard.now_ms(at(3))) == (Trust.TRUSTED, DAY + 3000)


def test_an_answer_that_took_too_long_settles_nothing_but_lets_work_go_on() -> None:
    guard = TimeGuard(at(0))
    guard.now_ms(at(1, HOUR_MS))
    guard.heard(DAY + 2000, at(1, HOUR_MS), at(4, HOUR_MS))
    assert guard.trust is Trust.DOUBTED


def test_an_answer_from_before_a_sleep_settles_nothing() -> None:
    guard = TimeGuard(at(0))
    guard.heard(DAY + 10_000, at(10), at(3610, slept_ms=HOUR_MS))
    assert guard.trust is Trust.ASKING
