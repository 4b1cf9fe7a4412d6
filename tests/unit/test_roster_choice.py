"""Who takes a run: the order in which people are looked at, one example for each step."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

import pytest

from plays.policy.owners import Team
from plays.roster.absence import Absence
from plays.roster.ask import Ask, Load
from plays.roster.choice import Choice, choose, nothing_held
from plays.roster.pool import Policy
from plays.roster.rota import Rota, always_open
from plays.sla.calendar import WorkingCalendar
from plays.sla.day_plan import WeekPlan
from plays.sla.hours import parse_week
from schemas.records.wire import rfc3339, utc
from tests.rosters import DAY, HOUR, MONDAY, hours, pool, someone, team

TEN = MONDAY + 10 * HOUR  # Monday 10:00 in UTC
EVENING = MONDAY + 20 * HOUR
SATURDAY = MONDAY + 5 * DAY + 12 * HOUR

TEAM = team(
    someone("Ann", runs=4, languages=("en",)),
    someone("Ben", runs=4, skills=("sso",), languages=("en", "de")),
    someone("Cat", runs=4, zone="America/Los_Angeles", languages=("en",)),
    someone("Dan", runs=4, calendar="night"),
    someone("Eve"),
    pools={
        "csm": pool("ann", "ben", overflow="csm_pool"),
        "csm_pool": pool("cat", overflow="support_lead"),
        "support_lead": pool("dan"),
        "cs_lead": pool("eve"),
    },
    fallback="eve",
)


def ask(at_ms: int = TEN, **fields: object) -> Ask:
    return Ask(**{"account_id": "acme", "at_ms": at_ms, "role": "csm", "pool": "csm", "minutes": 60, **fields})  # type: ignore[arg-type]


def chosen(question: Ask, held: Mapping[str, Load] | None = None, of: Team = TEAM) -> Choice:
    return choose(question, Rota(of, hours), lambda person: (held or {}).get(person, Load()), {})


def told(choice: Choice) -> tuple[str, str, str]:
    return choice.person.id, choice.reason, rfc3339(utc(choice.on_duty_from_ms))


def with_absence(name: str, days: str) -> Team:
    people = tuple(someone(p.name, runs=4, absent=days) if p.id == name else p for p in TEAM.people)
    return TEAM.model_copy(update={"people": people})


def test_the_accounts_own_person_comes_first_and_needs_no_pool() -> None:
    assert told(chosen(ask(own="Cat", at_ms=EVENING))) == ("cat", "account", "2026-03-02T20:00:00.000Z")
    assert chosen(ask(own="BEN@example.com")).detail == "the account's csm"


def test_an_own_person_that_no_file_lists_is_taken_to_be_at_work_in_usual_hours() -> None:
    choice = chosen(ask(own="Zoe Unlisted"))
    assert told(choice) == ("Zoe Unlisted", "account", "2026-03-02T10:00:00.000Z")
    assert choice.detail == "the account's csm, not listed in the owners file"


def test_who_last_handled_the_account_comes_next_whatever_they_hold_as_long_as_they_have_room() -> None:
    busy = {"ben": Load(runs=3, minutes=9_000)}
    assert told(chosen(ask(handled_by="ben"), busy)) == ("ben", "continuity", "2026-03-02T10:00:00.000Z")
    full = chosen(ask(handled_by="ben"), {"ben": Load(runs=4)})
    assert told(full) == ("ann", "pool", "2026-03-02T10:00:00.000Z")
    assert "ben (who last handled this account) is full" in full.detail


def test_who_handled_the_account_in_another_role_is_not_bound_to_it() -> None:
    assert chosen(ask(handled_by="eve")).reason == "pool"


def test_an_absent_own_person_is_never_chosen_and_the_launch_says_why() -> None:
    away = with_absence("ann", "2026-03-01/2026-03-06")
    choice = chosen(ask(own="ann"), of=away)
    assert told(choice) == ("ben", "pool", "2026-03-02T10:00:00.000Z")
    assert choice.detail == (
        "least open SLA minutes for their capacity of 1 at work in the csm pool; ann (the account's csm) is absent until "
        "2026-03-09T09:00:00.000Z"
    )


def test_whoever_is_off_duty_today_and_absent_from_tomorrow_counts_as_absent() -> None:
    away = with_absence("ann", "2026-03-03/2026-03-06")
    assert told(chosen(ask(EVENING, business=True, own="ann"), of=away)) == ("ben", "postponed", "2026-03-03T09:00:00.000Z")


def test_days_of_absence_are_days_where_somebody_works() -> None:
    """Ann names no timezone of her own: her calendar is that of the coast, where Monday ends at 08:00 UTC on Tuesday."""
    week = WeekPlan(parse_week({"daily": ("06:00-22:00",)}))
    coast = WorkingCalendar("coast", ZoneInfo("America/Los_Angeles"), week)
    people = (*(someone(name).model_copy(update={"timezone": None}) for name in ("Ann", "Eve")),)
    away = (people[0].model_copy(update={"absences": (Absence.parse("2026-03-02"),)}), people[1])
    rota = Rota(team(*away, fallback="eve", pools={"csm": pool("ann")}), lambda _: coast)

    def who(at_ms: int) -> str:
        return choose(ask(at_ms), rota, nothing_held, {}).person.id

    tuesday = MONDAY + DAY  # in UTC: 16:00 on Monday at the coast
    assert [who(MONDAY + 5 * HOUR), who(MONDAY + 16 * HOUR), who(tuesday), who(tuesday + 16 * HOUR)] == ["ann", "eve", "eve", "ann"]


@pytest.mark.parametrize(
    ("skills", "languages", "person"),
    [(("sso",), (), "ben"), ((), ("de",), "ben"), ((), ("fr", "de"), "ben"), ((), (), "ann")],
)
def test_skills_and_languages_come_before_fairness(skills: tuple[str, ...], languages: tuple[str, ...], person: str) -> None:
    assert chosen(ask(skills=skills, languages=languages), {"ben": Load(runs=3, minutes=5_000)}).person.id == person


def test_skills_come_before_languages() -> None:
    people = team(
        someone("Ann", languages=("fr",)), someone("Ben", skills=("sso",)), pools={"csm": pool("ann", "ben")}, fallback="ann"
    )  # fmt: skip
    choice = chosen(ask(skills=("sso",), languages=("fr",)), of=people)
    assert choice.person.id == "ben"
    assert choice.detail == "least open SLA minutes for their capacity of 2 at work in the csm pool; the account has no csm; speaks no fr"


def test_skills_are_wishes_and_not_conditions() -> None:
    choice = chosen(ask(skills=("cobol",)))
    assert choice.reason == "pool"
    assert "; has no cobol" in choice.detail


HELD = {
    "ann": Load(runs=1, minutes=500, arr=10_000, last_ms=TEN - HOUR),
    "ben": Load(runs=2, minutes=100, arr=90_000, last_ms=TEN - DAY),
}


@pytest.mark.parametrize(
    ("policy", "person", "runner_up"),
    [
        ("least_open_minutes", "ben", "ann: 500 open SLA minutes, score 0.09201"),
        ("least_open_runs", "ann", "ben: 2 open runs, score 0.625"),
        ("least_arr", "ann", "ben: 90000 in open runs, score 2.25e+04"),
    ],
)
def test_each_policy_looks_at_what_it_is_named_after(policy: Policy, person: str, runner_up: str) -> None:
    of = TEAM.model_copy(update={"pools": {"csm": pool("ann", "ben", policy=policy)}})
    choice = chosen(ask(), HELD, of)
    assert (choice.person.id, choice.runners_up_words()) == (person, (runner_up,))


def test_half_the_capacity_is_half_the_share() -> None:
    of = team(someone("Ann", runs=10), someone("Ben", runs=20), pools={"csm": pool("ann", "ben", policy="least_open_runs")}, fallback="ann")
    assert chosen(ask(), {"ann": Load(runs=4), "ben": Load(runs=8)}, of).person.id == "ben"  # 9 of 20 is less than 5 of 10
    assert chosen(ask(), {"ann": Load(runs=4), "ben": Load(runs=9)}, of).person.id in ("ann", "ben")  # 10 of 20 is 5 of 10
    assert chosen(ask(), {"ann": Load(runs=4), "ben": Load(runs=10)}, of).person.id == "ann"


def test_a_run_that_can_wait_waits_for_the_first_shift_and_names_it() -> None:
    assert told(chosen(ask(SATURDAY, business=True), {"ben": Load(runs=1, minutes=9)})) == ("ann", "postponed", "2026-03-09T09:00:00.000Z")
    choice = chosen(ask(SATURDAY, business=True, own="Cat"))
    assert told(choice) == ("cat", "account", "2026-03-09T16:00:00.000Z")  # 9:00 in Los Angeles, since Sunday in summer time


def test_a_run_that_cannot_wait_overflows_pool_by_pool() -> None:
    evening = chosen(ask(EVENING))
    assert told(evening) == ("cat", "overflow", "2026-03-02T20:00:00.000Z")
    assert "nobody of the csm pool" in evening.detail
    assert told(chosen(ask(MONDAY + 3 * HOUR))) == ("dan", "overflow", "2026-03-02T03:00:00.000Z")


def test_a_full_pool_overflows_too() -> None:
    full = {"ann": Load(runs=4), "ben": Load(runs=4)}
    assert told(chosen(ask(MONDAY + 16 * HOUR + HOUR // 2), full))[0] == "eve"  # nobody of the other pools is at work
    assert told(chosen(ask(MONDAY + 16 * HOUR + HOUR // 2), {**full, "eve": Load(runs=900)}))[1] == "fallback"


def test_the_full_are_asked_before_the_fallback_is_woken() -> None:
    of = team(
        someone("Ann", runs=4), someone("Ben", runs=4), someone("Eve", calendar="night"), pools={"csm": pool("ann", "ben")}, fallback="eve"
    )  # fmt: skip
    choice = chosen(ask(), {"ann": Load(runs=5, minutes=5), "ben": Load(runs=4, minutes=4)}, of)
    assert (choice.person.id, choice.reason) == ("ben", "pool")
    assert "everybody at work is full" in choice.detail


def test_the_fallback_off_duty_is_better_than_nobody() -> None:
    of = team(someone("Ann"), someone("Eve"), pools={"csm": pool("ann")}, fallback="eve")
    assert told(chosen(ask(SATURDAY), of=of)) == ("eve", "fallback", "2026-03-09T09:00:00.000Z")


def test_an_absent_fallback_is_not_chosen_while_anybody_is_present() -> None:
    of = team(someone("Ann"), someone("Eve", absent="2026-03-01/2026-03-20"), pools={"csm": pool("ann")}, fallback="eve")
    assert told(chosen(ask(SATURDAY), of=of)) == ("ann", "fallback", "2026-03-09T09:00:00.000Z")


def test_where_all_are_absent_the_first_to_be_back_has_it_from_then_on() -> None:
    of = team(
        someone("Ann", absent="2026-03-01/2026-03-20"), someone("Eve", absent="2026-03-01/2026-03-10"), pools={"csm": pool("ann")},
        fallback="eve",
    )  # fmt: skip
    choice = chosen(ask(), of=of)
    assert told(choice) == ("eve", "fallback", "2026-03-11T09:00:00.000Z")
    assert choice.detail.startswith("everybody is absent: the first to be back")


def test_an_excluded_person_is_chosen_only_where_there_is_nobody_else() -> None:
    assert chosen(ask(exclude=("ann",), own="ann")).person.id == "ben"
    alone = team(someone("Eve"), pools={"csm": pool("eve")}, fallback="eve")
    assert told(chosen(ask(exclude=("eve",)), of=alone)) == ("eve", "fallback", "2026-03-02T10:00:00.000Z")


def test_who_is_not_active_takes_nothing_but_the_fallback_always_does() -> None:
    of = team(someone("Ann", active=False), someone("Ben"), pools={"csm": pool("ann", "ben")}, fallback="ben")
    assert chosen(ask(own="ann"), of=of).person.id == "ben"


def test_a_role_that_nobody_holds_goes_to_the_fallback() -> None:
    choice = chosen(ask(role="enablement", pool="enablement"))
    assert told(choice) == ("eve", "fallback", "2026-03-02T10:00:00.000Z")
    assert choice.detail == "the fallback of the owners file; nobody holds enablement in the owners file"


def test_equal_people_are_told_apart_by_the_account_and_always_in_the_same_way() -> None:
    rota = Rota(TEAM, always_open)
    found = {account: choose(ask(account_id=account), rota, lambda _: Load(), {}).person.id for account in map(str, range(200))}
    assert found == {account: choose(ask(account_id=account), rota, lambda _: Load(), {}).person.id for account in found}
    assert 60 < sum(person == "ann" for person in found.values()) < 140
