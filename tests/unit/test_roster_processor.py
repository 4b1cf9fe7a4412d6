"""The roster by examples: answers, releases that overtake, confirmations, reconciliation, people who change."""

import pytest

from schemas.records.wire import utc
from streams.roster.cells import FREED_AT_MOST, QUESTIONS_AT_MOST
from tests.roster_desk import RosterDesk
from tests.rosters import DAY, HOUR, MONDAY, pool, someone, team

TEN = MONDAY + 10 * HOUR
TEAM = team(
    someone("Ann", runs=10), someone("Ben", runs=10), someone("Eve"),
    pools={"csm": pool("ann", "ben", policy="least_open_runs"), "cs_lead": pool("eve")}, fallback="eve",
)  # fmt: skip


BACKWARDS = "Value error, the absence ends before it begins: exchange `first` and `last`"


@pytest.fixture
def desk() -> RosterDesk:
    return RosterDesk(TEAM)


def test_an_answer_names_the_person_and_those_who_came_next(desk: RosterDesk) -> None:
    desk.confirm("r0/owner", "ben", TEN)
    assert desk.ask("r1/owner", TEN, arr=10_000.4) == {
        "event_id": f"assignment.made:r1/owner:{TEN}",
        "type": "assignment.made",
        "account_id": "acme",
        "occurred_at": utc(TEN),
        "source": "playcall",
        "ask_id": "r1/owner",
        "run_id": "r1",
        "step": "owner",
        "person": "ann",
        "name": "Ann",
        "email": "ann@example.com",
        "role": "csm",
        "reason": "pool",
        "detail": "least open runs for their capacity of 2 at work in the csm pool; the account has no csm",
        "runners_up": ["ben: 1 open runs, score 0.15"],
        "calendar": "office",
        "timezone": "UTC",
    }
    assert desk.loads() == {"ann": (1, 60, 10_001), "ben": (1, 60, 0)}


def test_an_answer_that_has_to_wait_for_a_shift_says_when_it_begins(desk: RosterDesk) -> None:
    assert desk.ask("r1/owner", MONDAY + 20 * HOUR, business=True)["on_duty_from"] == utc(MONDAY + DAY + 9 * HOUR)


def test_the_same_question_gets_the_same_answer_and_takes_no_more_capacity(desk: RosterDesk) -> None:
    first = desk.ask("r1/owner", TEN)
    for number in range(5):
        desk.confirm(f"x{number}/owner", first["person"], TEN)
    assert desk.ask("r1/owner", TEN) == first
    desk.release("r1/owner", first["person"], TEN + 1)
    assert desk.ask("r1/owner", TEN) == first
    assert desk.loads()[first["person"]][0] == 5


def test_a_release_that_overtakes_its_ask_leaves_a_marker(desk: RosterDesk) -> None:
    desk.release("r1/owner", "ann", TEN + 1)
    assert desk.ask("r1/owner", TEN)["person"] in ("ann", "ben")
    assert desk.loads() == {}


def test_what_is_asked_again_after_it_was_given_back_is_judged_anew_and_held(desk: RosterDesk) -> None:
    """A ladder that begins anew asks for its first level a second time: whoever had it may be away by now, or had the run just before."""
    first = desk.ask("r1/level-0", TEN)["person"]
    desk.release("r1/level-0", first, TEN + HOUR)
    again = desk.ask("r1/level-0", TEN + HOUR, exclude=[first])  # asked in the instant of the release: the question of before
    assert (again["person"], desk.loads()) == (first, {})
    other = desk.ask("r1/level-0", TEN + 2 * HOUR, exclude=[first])
    assert (other["person"] != first, other["occurred_at"]) == (True, utc(TEN + 2 * HOUR))
    assert desk.loads() == {other["person"]: (1, 60, 0)}
    assert desk.ask("r1/level-0", TEN + 2 * HOUR)["person"] == other["person"]
    assert desk.loads() == {other["person"]: (1, 60, 0)}


def test_an_answer_that_is_given_again_is_of_the_time_of_its_question(desk: RosterDesk) -> None:
    """So that whoever reads recorded answers in order of time finds it where it was asked for."""
    first = desk.ask("r1/owner", TEN)
    again = desk.ask("r1/owner", TEN + HOUR)
    assert (again["person"], again["occurred_at"]) == (first["person"], utc(TEN + HOUR))


def test_releases_of_so_many_are_remembered_and_of_the_latest(desk: RosterDesk) -> None:
    for number in range(FREED_AT_MOST + 3):
        desk.release("r1/owner", f"p{number}", TEN + number)
    (question,) = desk.questions()
    assert [person for person, _ in question.freed] == [f"p{number}" for number in range(3, FREED_AT_MOST + 3)]


def test_a_late_answer_is_given_back_and_the_one_chosen_without_the_roster_keeps_the_run(desk: RosterDesk) -> None:
    late = desk.ask("r1/owner", TEN)["person"]
    desk.confirm("r1/owner", "eve", TEN + 10_000)
    desk.release("r1/owner", late, TEN + 11_000)
    assert desk.loads() == {"eve": (1, 60, 0)}


def test_the_same_whatever_comes_first(desk: RosterDesk) -> None:
    late = desk.ask("r1/owner", TEN)["person"]
    desk.release("r1/owner", late, TEN + 11_000)
    desk.confirm("r1/owner", "eve", TEN + 10_000)
    assert desk.loads() == {"eve": (1, 60, 0)}


def test_a_question_whose_holder_is_known_sends_nobody_else(desk: RosterDesk) -> None:
    desk.confirm("r1/owner", "eve", TEN + 10)
    assert (desk.ask("r1/owner", TEN)["person"], desk.answers[-1]["reason"]) == ("eve", "continuity")
    assert desk.loads() == {"eve": (1, 60, 0)}


def test_the_run_goes_from_one_to_another_and_back_in_whatever_order_it_is_told(desk: RosterDesk) -> None:
    desk.confirm("r1/owner", "ann", TEN)
    desk.confirm("r1/owner", "ann", TEN + 30)  # back with ann
    desk.release("r1/owner", "ben", TEN + 30)
    desk.confirm("r1/owner", "ben", TEN + 20)  # told late
    desk.release("r1/owner", "ann", TEN + 20)
    assert desk.loads() == {"ann": (1, 60, 0)}


def test_a_confirmation_tells_the_weight_anew(desk: RosterDesk) -> None:
    person = desk.ask("r1/owner", TEN, sla_minutes=1440.0, arr=10.0)["person"]
    desk.confirm("r1/owner", person, TEN + 1, minutes=30.2, arr=0.0)
    assert desk.loads() == {person: (1, 31, 0)}


def test_what_nobody_confirms_for_so_long_is_given_back_and_a_confirmation_takes_it_again(desk: RosterDesk) -> None:
    person = desk.ask("r1/owner", TEN)["person"]
    desk.confirm("r1/owner", person, TEN + DAY)
    desk.pass_time(TEN + 6 * DAY - 1)
    assert desk.loads() == {person: (1, 60, 0)}
    desk.pass_time(TEN + 6 * DAY)
    assert desk.loads() == {}
    desk.confirm("r1/owner", person, TEN + 7 * DAY)
    assert desk.loads() == {person: (1, 60, 0)}


def test_what_is_over_is_forgotten_after_thirty_days(desk: RosterDesk) -> None:
    desk.release("r1/owner", "ann", TEN)
    desk.pass_time(TEN + 30 * DAY - 1)
    assert [question.ask_id for question in desk.questions()] == ["r1/owner"]
    desk.pass_time(TEN + 30 * DAY)
    assert (desk.questions(), desk.deadlines) == ([], {})


def test_who_last_handled_the_account_gets_it_again(desk: RosterDesk) -> None:
    first = desk.ask("r1/owner", TEN)["person"]
    for number in range(6):
        desk.confirm(f"x{number}/owner", first, TEN, account="globex")
    again = desk.ask("r2/owner", TEN + DAY)
    assert (again["person"], again["reason"]) == (first, "continuity")
    assert desk.ask("r3/owner", TEN + 181 * DAY)["reason"] != "continuity"


def test_who_was_sent_without_an_answer_has_handled_the_account(desk: RosterDesk) -> None:
    late = desk.ask("r1/owner", TEN)["person"]
    other = "ben" if late == "ann" else "ann"
    desk.confirm("r1/owner", other, TEN + 10_000)
    desk.release("r1/owner", late, TEN + 11_000)
    for number in range(6):
        desk.confirm(f"x{number}/owner", other, TEN, account="globex")
    again = desk.ask("r2/owner", TEN + DAY)
    assert (again["person"], again["reason"]) == (other, "continuity")


def test_the_answer_names_no_address_where_there_is_none() -> None:
    silent = team(someone("Ann").model_copy(update={"email": None}), pools={"csm": pool("ann")}, fallback="ann")
    assert "email" not in RosterDesk(silent).ask("r1/owner", TEN)


def test_questions_of_an_account_are_bounded_and_what_is_dropped_is_given_back(desk: RosterDesk) -> None:
    for number in range(QUESTIONS_AT_MOST + 50):
        desk.confirm(f"r{number}/owner", "eve", TEN + number)
    assert len(desk.questions()) == QUESTIONS_AT_MOST
    assert desk.loads() == {"eve": (QUESTIONS_AT_MOST, QUESTIONS_AT_MOST * 60, 0)} == desk.open()


def test_a_person_who_joins_takes_runs_at_once_and_one_who_is_removed_takes_none(desk: RosterDesk) -> None:
    desk.person("zoe", TEN, name="Zoe", pools=["csm:5"], capacity_runs=100, timezone="UTC")
    assert [desk.ask(f"r{n}/owner", TEN, account=f"a{n}")["person"] for n in range(3)] == ["zoe"] * 3
    desk.person("zoe", TEN, removed=True)
    assert desk.ask("r9/owner", TEN, account="a9")["person"] in ("ann", "ben")
    assert desk.loads()["zoe"] == (3, 180, 0)  # what they have they keep until it is over


def test_an_account_that_goes_on_naming_somebody_who_is_gone_gets_somebody_else(desk: RosterDesk) -> None:
    desk.person("zoe", TEN, name="Zoe", pools=["csm"], timezone="UTC")
    assert desk.ask("r0/owner", TEN, own="Zoe")["person"] == "zoe"
    desk.person("zoe", TEN, removed=True)
    desk.commit()
    told = desk.ask("r1/owner", TEN, own="Zoe")

    assert told["person"] in ("ann", "ben")
    assert "zoe (the account's csm) is not active" in str(told["detail"])
    desk.person("zoe", TEN, name="Zoe", pools=["csm"], timezone="UTC")
    assert desk.ask("r2/owner", TEN, own="Zoe")["person"] == "zoe"


def test_whoever_was_removed_makes_room_for_somebody_new(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.roster.people.PEOPLE_AT_MOST", len(TEAM.people) + 1)
    desk = RosterDesk(TEAM)
    desk.person("zoe", TEN, name="Zoe", pools=["csm"])
    desk.person("yan", TEN, name="Yan", pools=["csm"])
    assert [reject.detail for reject in desk.rejects] == [f"the team has {len(TEAM.people) + 1} people already: remove somebody first"]
    desk.person("zoe", TEN, removed=True)
    desk.person("yan", TEN, name="Yan", pools=["csm"], timezone="UTC")

    assert len(desk.rejects) == 1
    assert desk.ask("r1/owner", TEN, own="yan")["reason"] == "account"


def test_absences_apply_live(desk: RosterDesk) -> None:
    desk.person("ann", TEN, absences=["2026-03-02/2026-03-03"])
    assert {desk.ask(f"r{n}/owner", TEN, account=f"a{n}")["person"] for n in range(10)} == {"ben"}
    desk.person("ann", TEN)  # a record states the whole person: nothing but what the file says
    assert desk.ask("r99/owner", TEN, account="a99")["person"] == "ann"


@pytest.mark.parametrize(
    ("person", "fields", "why"),
    [
        ("ann", {"timezone": "Mars"}, "timezone: Value error, 'Mars' is no timezone: write an IANA name such as Europe/Berlin"),
        ("ann", {"timezone": "localtime"}, "timezone: Value error, 'localtime' is no timezone: write an IANA name such as Europe/Berlin"),
        ("ann", {"pools": ["wizards"]}, "pools: there is no pool 'wizards': name one of csm, cs_lead"),
        ("ann", {"pools": ["csm:none"]}, "pools: 'csm:none': a weight is a number above 0, at most 1000, as in csm:0.5"),
        ("ann", {"absences": ["2026-03-05/2026-03-01"]}, f"absences: {BACKWARDS}"),
        ("ann", {"absences": ["soon"]}, "first: Value error, 'soon' is no date: write 2026-08-03, or 2026-08-03T10:00:00Z for a moment"),
        ("ann", {"capacity_runs": 0}, "capacity.runs: Input should be greater than or equal to 1"),
        ("ann", {"calendar": "lunar"}, "calendar: there is no calendar 'lunar'"),
        ("zoe", {"pools": ["csm"]}, "name: Field required"),
        ("Zoë", {"name": "Zoë"}, "id: String should match pattern '^[a-z0-9][a-z0-9._@+-]*$'"),
        ("eve", {"active": False}, "eve takes what nobody else takes: name another fallback in the owners file first"),
        ("eve", {"removed": True}, "eve takes what nobody else takes: name another fallback in the owners file first"),
    ],
)  # fmt: skip
def test_a_bad_change_is_rejected_and_the_good_record_goes_on(desk: RosterDesk, person: str, fields: dict[str, object], why: str) -> None:
    desk.person("ann", TEN, absences=["2026-03-02/2026-03-03"])
    desk.person(person, TEN, **fields)
    assert [(reject.reason, reject.detail) for reject in desk.rejects] == [("bad_person", why)]
    assert {desk.ask(f"r{n}/owner", TEN, account=f"a{n}")["person"] for n in range(5)} == {"ben"}


def test_a_change_that_a_later_file_does_not_allow_gives_way_to_the_file(desk: RosterDesk) -> None:
    desk.person("ann", TEN, pools=["cs_lead"])
    desk.person("zoe", TEN, name="Zoe", pools=["csm"])
    desk.team = team(someone("Ann"), someone("Eve"), pools={"csm": pool("ann")}, fallback="eve")
    desk.restart()
    assert desk.ask("r1/owner", TEN, skills=[]).get("person") in ("ann", "zoe")  # cs_lead is gone: ann stands as the file says
    desk.person("zoe", TEN, removed=True)
    assert desk.ask("r2/owner", TEN, account="globex")["person"] == "ann"


def test_state_survives_a_restart(desk: RosterDesk) -> None:
    desk.person("ann", TEN, absences=["2026-03-02/2026-03-03"])
    first = desk.ask("r1/owner", TEN)
    desk.restart()
    assert desk.ask("r1/owner", TEN) == first
    assert desk.ask("r2/owner", TEN, account="globex")["person"] == "ben"
    assert desk.loads() == desk.open() == {"ben": (2, 120, 0)}


NIGHT = MONDAY + 22 * HOUR
NIGHTS = team(
    someone("Ann"), someone("Ben"), someone("Owl", calendar="night"), someone("Eve"),
    pools={
        "csm": pool("ann", "ben", policy="least_open_runs", overflow="duty"), "support_lead": pool("eve", overflow="duty"),
        "duty": pool("owl"),
    },
    fallback="eve",
)  # fmt: skip


def test_who_helped_out_at_night_keeps_the_account_while_they_have_a_run_of_it_and_no_longer() -> None:
    desk = RosterDesk(NIGHTS)
    assert (desk.ask("r1/owner", NIGHT)["person"], desk.answers[-1]["reason"]) == ("owl", "overflow")
    again = desk.ask("r2/owner", NIGHT + HOUR)
    assert (again["person"], again["reason"], again["detail"]) == ("owl", "continuity", "who has a run of this account now")
    day = desk.ask("r3/owner", MONDAY + DAY + 10 * HOUR)  # the owl sleeps, though the run is open
    assert (day["person"] in ("ann", "ben"), day["reason"]) == (True, "pool")
    for ask in ("r1/owner", "r2/owner"):
        desk.release(ask, "owl", MONDAY + DAY + 11 * HOUR)
    desk.person("ann", TEN, calendar="always")
    desk.person("ben", TEN, calendar="always")
    assert desk.ask("r4/owner", MONDAY + DAY + 23 * HOUR)["reason"] == "continuity"
    assert desk.answers[-1]["person"] == day["person"]


def test_a_night_does_not_make_forget_who_of_the_pool_handled_the_account() -> None:
    desk = RosterDesk(NIGHTS)
    first = desk.ask("r1/owner", TEN)["person"]
    desk.release("r1/owner", first, TEN + HOUR)
    for number in range(4):
        desk.confirm(f"x{number}/owner", first, TEN, account="globex")  # the other one would be next
    assert desk.ask("r2/owner", NIGHT)["person"] == "owl"
    desk.confirm("r2/owner", "owl", NIGHT + HOUR)
    morning = desk.ask("r3/owner", TEN + DAY)
    assert (morning["person"], morning["reason"]) == (first, "continuity")


def test_a_run_that_may_wait_waits_for_the_pools_own_and_not_for_the_night_shift() -> None:
    desk = RosterDesk(NIGHTS)
    desk.ask("r1/owner", NIGHT)
    assert desk.ask("r2/owner", TEN + DAY, business=True)["person"] != "owl"


def test_who_helps_out_for_one_role_is_not_bound_to_the_account_in_another() -> None:
    desk = RosterDesk(NIGHTS)
    desk.person("eve", TEN, calendar="always")
    desk.ask("r1/owner", NIGHT)
    assert desk.ask("r2/owner", NIGHT + HOUR)["person"] == "owl"
    assert (desk.ask("r3/owner", NIGHT + HOUR, pool="support_lead")["person"], desk.answers[-1]["reason"]) == ("eve", "pool")


def test_a_pool_that_takes_turns_remembers_whose_it_is() -> None:
    turns = team(someone("Ann"), someone("Ben"), pools={"csm": pool("ann", "ben", policy="round_robin")}, fallback="ann")
    desk = RosterDesk(turns)
    took = [desk.ask(f"r{number}/owner", TEN + number, account=f"a{number}")["person"] for number in range(6)]
    desk.restart()
    took += [desk.ask(f"r{number}/owner", TEN + number, account=f"a{number}")["person"] for number in range(6, 12)]

    assert [{*pair} for pair in zip(took[::2], took[1::2], strict=True)] == [{"ann", "ben"}] * 6
