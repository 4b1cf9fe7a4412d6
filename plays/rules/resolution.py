"""What a rule means for accounts of one segment path: the most specific segment wins, value by value."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from pydantic import ValidationError

from plays.problem import Problem
from plays.rules.answer import ANSWERS, Answer
from plays.rules.detectors.any_kind import AnyParameters
from plays.rules.rule import Rule
from schemas.records.trigger import Priority

RULE_FILE = "rule file"


class Layer(NamedTuple):
    """Overrides of one origin: values by segment. At the same segment a later layer wins over an earlier one."""

    origin: str
    by_segment: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Resolved:
    """A rule's figures, play, owner role, first-action SLA and priority on one path.

    `set_by` says for every value that is not the rule's own which segment set it, and where: `floor: high (rule file)`.
    """

    parameters: AnyParameters
    play: str
    owner: str
    sla: str
    priority: Priority
    set_by: Mapping[str, str]


def resolve(rule: Rule, layers: Sequence[Layer], path: Sequence[str]) -> Resolved:
    """The rule on a path from the widest to the most specific segment. Raises pydantic's `ValidationError` for bad values."""
    values: dict[str, Any] = {}
    set_by: dict[str, str] = {}
    for segment in path:
        for layer in layers:
            for name, value in layer.by_segment.get(segment, {}).items():
                values[name], set_by[name] = value, f"{segment} ({layer.origin})"
    figures = {name: value for name, value in values.items() if name not in ANSWERS}
    return Resolved(
        rule.overridden(figures) if figures else rule.detector,
        values.get("play", rule.play),
        values.get("owner", rule.owner),
        values.get("sla", rule.sla),
        cast("Priority", values.get("priority", rule.priority)),
        dict(sorted(set_by.items())),
    )


def override_problems(rule: Rule, values: Mapping[str, Any]) -> Iterator[Problem]:
    """What is wrong with the values that one segment sets for a rule; locations relative to the segment."""
    figures = {name: value for name, value in values.items() if name not in ANSWERS}
    detector = rule.detector
    allowed = ", ".join(sorted(detector.by_segment | ANSWERS))
    for name in figures:
        if name not in type(detector).model_fields:
            yield Problem((name,), f"{detector.kind} of rule {rule.id} has no figure {name!r}", f"override one of {allowed}")
        elif name not in detector.by_segment:
            what = f"{name} of rule {rule.id} cannot differ by segment: {detector.kind} reads it once, for all accounts"
            yield Problem((name,), what, f"override one of {allowed}, or write a rule of its own for the segment")
    if figures.keys() - detector.by_segment:
        return
    try:
        Answer.model_validate({name: value for name, value in values.items() if name in ANSWERS})
        other = rule.overridden(figures)
    except ValidationError as error:
        first = error.errors()[0]
        yield Problem(tuple(first["loc"]), f"{'.'.join(str(step) for step in first['loc'])}: {first['msg']}", "correct the value")
        return
    if other.fixed() != detector.fixed():
        yield Problem((), "the override changes what the rule listens to", "write a rule of its own for the segment")


def path_problems(rule: Rule, layers: Sequence[Layer], paths: Sequence[Sequence[str]]) -> Iterator[str]:
    """What is wrong with the rule where segments of a path are combined, each of them being right by itself."""
    for path in paths:
        figures = resolve(rule, layers, path).parameters
        for problem in (*figures.problems(), *rule.hold_problems(figures)):
            yield f"rule {rule.id} for {path[-1]}: {problem.what} ({problem.fix})"
