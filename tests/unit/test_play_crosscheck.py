"""Playbooks against the rules that launch them: what can never happen is said."""

from plays.loading.playbooks import load_playbooks
from plays.loading.rules import LIBRARY, load_rules
from plays.loading.segments import POLICY, load_segments
from plays.playbooks.crosscheck import rule_problems
from plays.playbooks.model import ExitRule, Playbook
from plays.rules.rule import Rule

RULES = {rule.id: rule for rule in load_rules(LIBRARY, load_segments(POLICY).names)}
BOOK = {playbook.id: playbook for playbook in load_playbooks().stated()}


def problems(playbook: Playbook, *rules: Rule) -> list[tuple[tuple[str | int, ...], str]]:
    return [(problem.loc, problem.what) for problem in rule_problems(playbook, rules)]


def with_exit(play: str, when: str) -> Playbook:
    return BOOK[play].model_copy(update={"exits": (ExitRule.model_validate({"when": when, "code": "resolved"}),)})


def test_a_retired_play_that_rules_still_launch_is_named() -> None:
    retired = BOOK["swat"].model_copy(update={"status": "retired"})

    assert problems(retired, RULES["T07"], RULES["T08"]) == [(("status",), "the play is retired, but T07, T08 still launch it")]
    assert problems(retired) == []


def test_a_step_due_by_a_first_action_time_that_no_rule_sets_is_named() -> None:
    clockless = RULES["T07"].model_copy(update={"sla": "-"})

    dateless = [(("steps", 0, "due"), "step 'SWAT response' is due by the first-action time, and T07 set none")]

    assert problems(BOOK["swat"], clockless) == dateless
    assert problems(BOOK["swat"], clockless, RULES["T08"]) == dateless  # what T07 launches would have a step without a date
    assert problems(BOOK["swat"], RULES["T07"], RULES["T08"]) == []


def test_recovery_of_a_rule_that_nothing_ends_can_never_come() -> None:
    endless = RULES["T07"].model_copy(update={"detector": RULES["T07"].detector.model_copy(update={"ended_by": ()})})
    playbook = with_exit("recovery", "recovered")

    assert problems(playbook, endless) == [(("exits", 0), "exit 'recovered' can never come: T07 name nothing that ends an episode")]
    assert problems(playbook, RULES["T07"]) == []
    ((loc, what),) = problems(BOOK["risk-alert"].model_copy(update={"exits": ()}), endless)
    assert (loc, what[: what.index(",")]) == (("steps", 2), "step 'decide on a dedicated manager' asks whether the account has recovered")


def test_a_renewal_that_no_rule_speaks_of_can_never_come() -> None:
    assert problems(with_exit("swat", "renewed"), RULES["T07"]) == [
        (("exits", 0), "exit 'renewed' can never come: T07 speak of no contract")
    ]
    assert problems(with_exit("renewal-plan", "renewed"), RULES["T19"]) == []
