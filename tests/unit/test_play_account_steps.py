"""An account has the steps that are for it, in an order that still holds."""

from hypothesis import given
from hypothesis import strategies as st

from plays.loading.playbooks import load_playbooks
from plays.playbooks.account_steps import not_for, without
from plays.playbooks.flow import flow_problems
from plays.playbooks.schedule import due_problems, schedule
from plays.playbooks.step import PlayStep
from plays.policy.calendars import plain_calendar
from plays.policy.segments import Facts
from tests.desk import Desk, usage_drop

BOOK = load_playbooks()
HIGH, TECH = Facts("high"), Facts("tech")


def step(name: str, **fields: object) -> PlayStep:
    stated = {"kind": "task", "owner_role": "csm", "instruction": "Do what has to be done.", "due": "1d", **fields}
    return PlayStep.model_validate({"name": name, **stated})


FOR_HIGH = {"only_for": {"touch_model": ["high"]}}
STEPS = (
    step("look"),
    step("ask the sponsor", **FOR_HIGH, until={"condition": "resolved", "at_most": "2d", "otherwise": "call the sponsor"}),
    step("call the sponsor", after="fallback"),
    step("write it down", after=["ask the sponsor", "call the sponsor"]),
    step("tell sales", after=["ask the sponsor"]),
    step("close", until={"condition": "resolved", "at_most": "2d", "otherwise": "give up"}),
    step("give up", **FOR_HIGH, after="fallback"),
)


def test_what_is_for_others_is_gone_with_its_fallback_and_what_followed_it_follows_what_it_followed() -> None:
    assert not_for(STEPS, HIGH) == ()
    others = not_for(STEPS, TECH)
    kept = without(STEPS, others)

    assert [STEPS[place].name for place in others] == ["ask the sponsor", "call the sponsor", "give up"]
    assert [(one.name, one.after) for one in kept] == [
        ("look", "launch"), ("write it down", ("look",)), ("tell sales", ("look",)), ("close", ("tell sales",)),
    ]  # fmt: skip
    assert kept[3].until is not None
    assert kept[3].until.otherwise == "skip"
    assert list(flow_problems(kept, ())) == []


_FACTS = st.builds(
    Facts,
    st.sampled_from(["high", "mid", "tech"]),
    strategic=st.booleans(),
    acv=st.none() | st.floats(0, 1e6),
    age_days=st.none() | st.integers(0, 4000),
)


@given(st.sampled_from(sorted(BOOK)), _FACTS)
def test_every_play_holds_for_every_account(play: str, facts: Facts) -> None:
    seen = BOOK[play].for_account(facts).playbook
    exits = [rule.when for rule in seen.exits]

    assert [*flow_problems(seen.steps, exits), *due_problems(seen.steps)] == []
    assert all(step.only_for is None or step.only_for.holds(facts) for step in seen.steps)
    assert len(schedule(seen.steps, 0, None, plain_calendar())) == len(seen.steps)
    assert BOOK[play].for_account(facts).playbook is seen


def test_a_launch_lists_the_steps_of_its_account_only() -> None:
    high, tech = Desk(touch_model="high"), Desk(touch_model="tech")

    (large,) = high.trigger(usage_drop("T19", play="renewal-plan"))
    (small,) = tech.trigger(usage_drop("T19", play="renewal-plan"))

    assert {step.name for step in large.steps} - {step.name for step in small.steps} == {"executive review"}
    assert small.steps[-1].after == ("return on investment recap",)
