"""Playbooks held against the rules that launch them: what is right in each file alone may never happen."""

from collections.abc import Iterator, Mapping, Sequence

from plays.playbooks.levels import empty_levels
from plays.playbooks.model import Playbook
from plays.playbooks.skills import unknown_skills
from plays.playbooks.spans import SLA
from plays.policy.owners import Team
from plays.problem import Problem
from plays.rules.clearing import clears_by_itself
from plays.rules.rule import Rule
from plays.sla.first_action import NONE

_RENEWING = frozenset({"renewal", "commercial"})


def launched_by(rules: Sequence[Rule]) -> dict[str, list[Rule]]:
    """The rules that name each play, in their own order; retired rules name none."""
    found: dict[str, list[Rule]] = {}
    for rule in rules:
        if rule.status != "retired":
            found.setdefault(rule.play, []).append(rule)
    return found


def rule_problems(playbook: Playbook, rules: Sequence[Rule]) -> Iterator[Problem]:
    """What can never happen under the rules that launch this play. Nothing for a play that only others ask for."""
    if not rules:
        return
    ids = ", ".join(rule.id for rule in rules)
    if playbook.status == "retired":
        yield Problem(("status",), f"the play is retired, but {ids} still launch it", "name another play in these rules first")
    dateless = ", ".join(rule.id for rule in rules if rule.sla == NONE)
    if dateless:
        for index, step in enumerate(playbook.steps):
            if step.due == SLA:
                what = f"step {step.name!r} is due by the first-action time, and {dateless} set none"
                yield Problem(("steps", index, "due"), what, "give it a span of its own, such as `due: 1d`")
    endless = not any(clears_by_itself(rule) for rule in rules)
    for index, step in enumerate(playbook.steps):
        asked = (step.only_if, step.until and step.until.condition, step.repeat and step.repeat.until)
        if endless and {"recovered", "still_true"} & {*asked}:
            what = f"step {step.name!r} asks whether the account has recovered, but {ids} name nothing that ends an episode"
            yield Problem(("steps", index), what, "ask for another condition, or add `cleared_by` to the rule")
    for index, stated in enumerate(playbook.exits):
        if stated.when == "recovered" and endless:
            what = f"exit 'recovered' can never come: {ids} name nothing that ends an episode"
            yield Problem(("exits", index), what, "remove the exit, or add `cleared_by` to the rule")
        if stated.when == "renewed" and not any(rule.concern in _RENEWING for rule in rules):
            what = f"exit 'renewed' can never come: {ids} speak of no contract"
            yield Problem(("exits", index), what, "remove the exit")


def all_problems(playbooks: Mapping[str, Playbook], rules: Sequence[Rule], team: Team) -> Iterator[tuple[str, Problem]]:
    """Every problem with the id of its playbook: with the rules that launch it, and with the people of the owners file."""
    launching = launched_by(rules)
    for play, playbook in playbooks.items():
        for problem in rule_problems(playbook, launching.get(play, ())):
            yield play, problem
        if playbook.status != "retired":
            for problem in empty_levels(playbook.escalation, team):
                yield play, problem
            for problem in unknown_skills(playbook.skills, playbook.steps, team):
                yield play, problem
