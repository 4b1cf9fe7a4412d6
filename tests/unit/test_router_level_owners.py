"""Who takes a level of the ladder: asked of the roster, without its answer, and by the owners file alone. Nobody absent."""

from collections.abc import Mapping
from dataclasses import replace

from plays.playbooks.book import Playbooks
from plays.playbooks.levels import Level
from plays.policy.owners import Team
from plays.roster.absence import Absence
from plays.runs.owner import AccountPeople, choose_owner, next_owner
from plays.runs.roles import RoleAsk
from streams.router.processor import RouterProcessor
from tests.desk import HOUR, MINUTE, PLAYBOOKS, POLICY, Desk, trigger

SECOND = 1000
AWAY = Absence.parse("2026-02-20/2026-03-20")
NOON = 6 * HOUR  # from T0, 06:13 in UTC
LEAD = Level(role="cs_lead", person="victor.hale")


def without(*absent: str) -> Team:
    """The shipped team while these are away; `all` but whom a minus precedes."""
    gone = {person.id for person in POLICY.team.people if person.id in absent or ("all" in absent and f"-{person.id}" not in absent)}
    people = tuple(p.model_copy(update={"absences": (AWAY,)}) if p.id in gone else p for p in POLICY.team.people)
    return POLICY.team.model_copy(update={"people": people})


def climbing(team: Team, *ladder: Level | str, roster: bool = True, csm: str = "aisha.rahman") -> Desk:
    """A P1 that Marcus Bell has and does not acknowledge, at the moment its first level is reached."""
    desk = Desk(roster=roster, csm=csm)
    swat = PLAYBOOKS["swat"].playbook.model_copy(update={"escalation": ladder})
    desk.router = RouterProcessor(Playbooks([swat], PLAYBOOKS.links), replace(POLICY, roster=roster, team=team))
    desk.now_ms += NOON
    desk.trigger(trigger(at_ms=desk.now_ms))
    if roster:
        desk.answer(desk.asked[0], "marcus.bell", role="support_lead")
    desk.advance(30 * MINUTE)
    return desk


def escalated(desk: Desk) -> list[str]:
    return [message.owner.id for message in desk.messages if message.kind == "escalated"]


def level(desk: Desk) -> Mapping[str, object]:
    """The last question of a level."""
    return next(ask for ask in reversed(desk.asked) if ask["type"] == "assignment.requested" and ask["step"].startswith("level-"))


def test_without_an_answer_a_level_goes_to_somebody_present() -> None:
    desk = climbing(without("aisha.rahman"), "csm")
    desk.advance(10 * SECOND)
    (person,) = escalated(desk)
    assert person not in ("aisha.rahman", "marcus.bell")
    detail = desk.messages[-1].owner.detail
    assert "aisha.rahman (the account's csm) is absent until 2026-03-23" in detail
    assert detail.endswith("; the roster did not answer within 10 s")


def test_without_an_answer_nobody_has_the_run_twice() -> None:
    desk = climbing(POLICY.team, "support_lead", "cs_lead", csm="marcus.bell")
    desk.advance(10 * SECOND)
    desk.advance(35 * MINUTE)
    desk.advance(2 * HOUR)
    people = ["marcus.bell", *escalated(desk)]
    assert len(people) == len(set(people)) >= 2


def test_where_all_others_are_absent_the_present_owner_keeps_the_run() -> None:
    desk = climbing(without("all", "-marcus.bell"), "csm", LEAD)
    desk.advance(5 * HOUR)
    assert escalated(desk) == []
    assert {ask["person"] for ask in desk.asked if ask["type"] == "assignment.confirmed"} <= {"marcus.bell"}


def test_whom_a_level_names_is_asked_for_and_takes_it_whatever_the_hour() -> None:
    desk = climbing(POLICY.team, LEAD)
    ask = level(desk)
    assert (ask["role"], ask["named"], ask["exclude"]) == ("cs_lead", "victor.hale", ["marcus.bell"])
    desk.now_ms += 9 * HOUR  # half past nine in the evening in London
    desk.advance(10 * SECOND)
    assert escalated(desk) == ["victor.hale"]
    assert "the person of this level; on duty from" in desk.messages[-1].owner.detail


def test_for_a_named_person_who_is_absent_another_goes_and_it_is_said() -> None:
    desk = climbing(without("hana.sato"), Level(role="support_lead", person="hana.sato"), "cs_lead")
    desk.advance(10 * SECOND)
    (person,) = escalated(desk)
    assert person not in ("hana.sato", "marcus.bell")
    assert "hana.sato (the person of this level) is absent until 2026-03-23" in desk.messages[-1].owner.detail


def test_by_the_file_alone_too_whom_a_level_names_is_passed_over_while_absent() -> None:
    desk = climbing(without("victor.hale"), Level(role="csm", person="victor.hale"), "cs_lead", roster=False)
    assert escalated(desk) == ["aisha.rahman"]
    assert desk.messages[-1].owner.detail.endswith("the account's csm; victor.hale (the person of this level) is absent")


def test_by_the_file_alone_somebody_else_of_the_role_stands_in_for_a_named_person() -> None:
    team, account = without("hana.sato"), AccountPeople("acme")

    def away(person: object) -> bool:
        return getattr(person, "absences", ()) != ()

    owner = next_owner("support_lead", account, team, ("aisha.rahman",), "hana.sato", away)
    assert owner is not None
    assert (owner.id, owner.role) == ("marcus.bell", "support_lead")
    assert owner.detail.endswith("; hana.sato (the person of this level) is absent")
    assert next_owner("support_lead", account, team, ("marcus.bell",), "hana.sato", away) is None


def test_who_had_it_before_is_freed_where_the_roster_knows_nobody_else() -> None:
    desk = climbing(POLICY.team, "csm", Level(role="cs_lead", after="2h"))
    desk.answer(level(desk), "aisha.rahman")
    desk.advance(2 * HOUR)
    ask = level(desk)
    assert ask["exclude"] == ["aisha.rahman", "marcus.bell"]
    assert desk.answer(ask, "marcus.bell", reason="fallback") == []
    assert (desk.asked[-1]["type"], desk.asked[-1]["person"]) == ("assignment.released", "marcus.bell")
    assert escalated(desk) == ["aisha.rahman"]


def test_an_acknowledgement_takes_back_the_question_for_the_next_level() -> None:
    desk = climbing(POLICY.team, "csm")
    ask = level(desk)
    desk.update("acknowledged", str(ask["run_id"]))
    assert desk.answer(ask, "aisha.rahman") == []
    assert (desk.asked[-1]["type"], desk.asked[-1]["person"]) == ("assignment.released", "aisha.rahman")
    desk.advance(MINUTE)
    assert escalated(desk) == []


def test_by_the_file_alone_nobody_absent_is_sent_while_anybody_is_present() -> None:
    desk = Desk(csm="aisha.rahman")
    desk.router = RouterProcessor(PLAYBOOKS, replace(POLICY, team=without("aisha.rahman", "jonas.weber", "maya.lindqvist")))
    desk.describe(touch_model="high")
    (launched, *_) = desk.trigger(trigger(role="csm"))
    assert (launched.owner.id, launched.owner.detail) == (
        "tomas.herrera", "highest of 1 in the csm pool for this account; aisha.rahman (the account's csm) is absent",
    )  # fmt: skip


def test_by_the_file_alone_an_absent_fallback_is_stood_in_for() -> None:
    team = without("all", "-luca.moretti")
    choice = choose_owner(RoleAsk("renewal_specialist"), AccountPeople("acme"), team, away=lambda person: person.absences != ())
    assert (choice.owner.id, choice.owner.reason) == ("luca.moretti", "fallback")
    assert choice.owner.detail == "everybody in the renewal_specialist pool is absent"
    nobody = choose_owner(RoleAsk("csm"), AccountPeople("acme", csm="Maya Lindqvist"), without("all"), away=lambda _: True)
    assert nobody.owner.id == POLICY.team.fallback
