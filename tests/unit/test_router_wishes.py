"""What a question wishes for: skills as the play names them, the languages of the account; asked, or decided by the files alone."""

from dataclasses import replace

import pytest

from plays.playbooks.book import Playbooks
from plays.playbooks.crosscheck import all_problems
from plays.playbooks.model import Playbook
from plays.playbooks.skills import misplaced_skills
from plays.runs.course.pin import pin, unpin
from streams.router.processor import RouterProcessor
from tests.desk import DAY, MINUTE, PLAYBOOKS, POLICY, Desk, trigger, usage_drop

SECOND = 1000


def with_skills(desk: Desk, play: str, *skills: str, **of_steps: tuple[str, ...]) -> None:
    """The desk's library is this play alone, with other skills."""
    stated = PLAYBOOKS[play].playbook
    steps = tuple(step.model_copy(update={"skills": of_steps.get(step.kind, ())}) for step in stated.steps)
    changed = stated.model_copy(update={"skills": skills, "steps": steps})
    desk.router = RouterProcessor(Playbooks([changed], PLAYBOOKS.links), replace(POLICY, roster=True))


def test_a_launch_asks_for_the_skills_of_its_play_and_the_languages_of_the_account() -> None:
    desk = Desk(roster=True, languages=["de", "fr"])
    desk.trigger(trigger("T03", play="kickoff", role="csm", concern="onboarding", first_action="24h"))
    (ask,) = desk.asked
    assert (ask["skills"], ask["languages"]) == (["onboarding"], ["de", "fr"])


def test_what_nobody_wishes_for_is_not_said() -> None:
    desk = Desk(roster=True)
    desk.trigger(usage_drop())
    (ask,) = desk.asked
    assert not {"skills", "languages", "timezone"} & ask.keys()


def test_a_level_of_the_ladder_wishes_for_the_same_as_the_launch() -> None:
    desk = Desk(roster=True, languages=["de"])
    with_skills(desk, "swat", "integrations")
    desk.trigger(trigger())
    desk.answer(desk.asked[0], "marcus.bell", role="support_lead")
    desk.advance(30 * MINUTE)
    level = desk.asked[-1]
    assert (level["step"], level["skills"], level["languages"]) == ("level-1", ["integrations"], ["de"])


@pytest.mark.parametrize(("play", "kind", "languages"), [("PB2", "task", None), ("usage-review", "enablement", ["de"])])
def test_a_step_wishes_for_its_own_skills_and_for_languages_where_it_reaches_somebody(
    play: str, kind: str, languages: list[str] | None
) -> None:
    desk = Desk(roster=True, csm="aisha.rahman", languages=["de"])
    stated = PLAYBOOKS[play].playbook
    place = next(place for place, step in enumerate(stated.steps) if step.kind == kind)
    step = stated.steps[place].model_copy(
        update={"owner_role": "implementation_lead", "skills": ("integrations",), "after": "launch", "wait": None, "until": None}
    )
    steps = (*stated.steps[:place], step, *stated.steps[place + 1 :])
    changed = stated.model_copy(update={"skills": ("training",), "steps": steps})
    desk.router = RouterProcessor(Playbooks([changed], PLAYBOOKS.links), replace(POLICY, roster=True))
    desk.trigger(usage_drop(play=play))
    desk.answer(desk.asked[0], "aisha.rahman")
    desk.advance(5 * DAY)
    asked = next(ask for ask in desk.asked if ask["step"] == f"step:{step.name}")
    assert (asked["skills"], asked.get("languages")) == (["integrations"], languages)


@pytest.mark.parametrize(("skills", "languages", "person"), [((), ("es",), "tomas.herrera"), (("onboarding",), ("es",), "maya.lindqvist")])
def test_without_an_answer_the_wishes_are_the_same(skills: tuple[str, ...], languages: tuple[str, ...], person: str) -> None:
    desk = Desk(roster=True, touch_model="high", languages=list(languages))
    with_skills(desk, "usage-review", *skills)
    desk.now_ms += 4 * 60 * MINUTE  # the dedicated managers are at work
    desk.trigger(usage_drop(at_ms=desk.now_ms))
    (launched,) = desk.advance(10 * SECOND)
    assert launched.owner.id == person
    assert launched.owner.detail.endswith("; the roster did not answer within 10 s")


def test_a_copy_pinned_before_there_were_skills_is_read_and_wishes_for_nothing() -> None:
    stated = PLAYBOOKS["PB1"].playbook
    assert "skills" not in stated.model_fields_set
    assert b"skills" not in stated.model_dump_json(exclude_unset=True).encode()
    assert unpin(pin(PLAYBOOKS["PB1"])).playbook.skills == ()
    assert unpin(pin(PLAYBOOKS["kickoff"])).playbook.skills == ("onboarding",)


def lint(playbook: Playbook) -> list[tuple[tuple[str | int, ...], str, str]]:
    return [(problem.loc, problem.what, problem.fix) for _, problem in all_problems({playbook.id: playbook}, (), POLICY.team)]


def test_a_skill_that_nobody_has_is_named_by_lint_and_stops_no_worker() -> None:
    stated = PLAYBOOKS["PB2"].playbook
    steps = tuple(step.model_copy(update={"skills": ("cobol",)}) if step.owner_role == "csm" else step for step in stated.steps)
    playbook = stated.model_copy(update={"skills": ("integrations", "onbording"), "steps": steps})
    places = [place for place, step in enumerate(stated.steps) if step.owner_role == "csm"]
    fix = "name one of integrations, onboarding, training, or give it to somebody there"
    assert lint(playbook) == [
        (("skills", 1), "nobody in the owners file has the skill 'onbording'", fix),
        *((("steps", place, "skills", 0), "nobody in the owners file has the skill 'cobol'", fix) for place in places),
    ]
    assert [*playbook.problems(PLAYBOOKS.links)] == []
    assert lint(playbook.model_copy(update={"status": "retired"})) == []


def test_a_step_that_nobody_is_asked_for_has_no_skills() -> None:
    steps = PLAYBOOKS["anniversary"].playbook.steps
    wishful = tuple(step.model_copy(update={"skills": ("training",)}) for step in steps)
    assert [(problem.loc, problem.what) for problem in misplaced_skills(wishful)] == [
        (("steps", place, "skills"), f"step {step.name!r} wishes for skills, and nobody is asked for it: its role is owner")
        for place, step in enumerate(steps)
        if step.owner_role == "owner"
    ]
