"""Sums and distinct users over days, against a plain recomputation."""

from streams.signals.state import Today, Weeks
from streams.signals.weeks import KEPT_DAYS, MAX_USERS, add, distinct, newest_day, roll, total


def test_days_add_up_in_any_order() -> None:
    weeks = Weeks()
    for day, users in ((100, ["a"]), (103, ["b", "c"]), (98, ["a", "d"]), (100, ["e"])):
        add(weeks, day, len(users), users, ["x"])

    assert (weeks.base_day, newest_day(weeks)) == (98, 103)
    assert [total(weeks, day, day) for day in range(97, 105)] == [0, 2, 0, 2, 0, 0, 2, 0]
    assert (total(weeks, 98, 103), distinct(weeks, 98, 103), distinct(weeks, 99, 103), distinct(weeks, 0, 97)) == (6, 5, 4, 0)
    assert weeks.features == {"x": 98}


def test_rolling_twice_adds_what_came_in_between() -> None:
    weeks, today = Weeks(), Today(day=10, count=2, users={"a": 1}, features={"x": 1})
    roll(today, weeks)
    today.count, today.users = 1, {"b": 1}
    roll(today, weeks)

    assert (total(weeks, 10, 10), distinct(weeks, 10, 10), today.count, today.users) == (3, 2, 0, {})


def test_old_days_go_and_the_last_ten_weeks_stay_exact() -> None:
    weeks = Weeks()
    for day in range(300):
        add(weeks, day, day, [f"u{day % 50}"], [])

    assert len(weeks.totals) // 4 <= KEPT_DAYS
    assert [total(weeks, last - 6, last) for last in (299, 292, 237)] == [sum(range(last - 6, last + 1)) for last in (299, 292, 237)]
    assert [distinct(weeks, 299 - 41, 299), distinct(weeks, 299 - 6, 299)] == [42, 7]


def test_a_day_before_everything_kept_is_forgotten() -> None:
    weeks = Weeks()
    add(weeks, 1000, 1, ["a"], [])
    add(weeks, 1000 - KEPT_DAYS, 7, ["b"], [])

    assert (weeks.base_day, total(weeks, 0, 2000), distinct(weeks, 0, 2000)) == (1000, 1, 1)


def test_a_jump_over_years_leaves_only_the_new_day() -> None:
    weeks = Weeks()
    add(weeks, 10, 5, ["a"], [])
    add(weeks, 5000, 1, ["b"], [])

    assert (total(weeks, 0, 6000), distinct(weeks, 0, 6000), newest_day(weeks)) == (1, 1, 5000)


def test_users_beyond_the_bound_are_flagged_and_known_ones_still_counted() -> None:
    weeks = Weeks()
    add(weeks, 1, 1, [f"u{n}" for n in range(MAX_USERS + 1)], [])
    add(weeks, 2, 1, ["u0"], [])

    assert (weeks.approximate, len(weeks.users), distinct(weeks, 1, 1), distinct(weeks, 2, 2)) == (True, MAX_USERS, MAX_USERS, 1)
