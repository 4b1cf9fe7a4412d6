"""Why an account is in its segments, and what every rule means for it: each value with where it comes from."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from pydantic import BaseModel

from plays.policy.overrides import Overrides
from plays.policy.segments import Condition, Facts, Range, Segment
from plays.policy.switches import Switches
from plays.rules.book import CompiledRule
from plays.rules.resolution import RULE_FILE
from plays.rules.rule import Rule


@dataclass(frozen=True, slots=True)
class Node:
    """One segment of the account's path, and the conditions that held there, in words."""

    segment: str
    held: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Value:
    """What holds for the account, and where that was said: `rule file`, `default of <kind>`, `<segment> (<file>)`."""

    value: Any
    source: str


@dataclass(frozen=True, slots=True)
class RuleView:
    """One rule as it stands for one account.

    `state`: on, off, experimental or retired, `because` of which entry. `in_scope` is about segments; `requires` is judged when
    the rule would fire. `answer` holds play, owner, sla and priority, `figures` the detector's, cooldown and longest hold.
    """

    rule: str
    title: str
    state: str
    because: str
    in_scope: bool
    scope: str
    requires: str | None
    answer: Mapping[str, Value]
    figures: Mapping[str, Value]


def walk(tree: Segment, facts: Facts) -> tuple[Node, ...]:
    """The account's path with what held at each node; the same path as `Segment.path`."""
    nodes, here = [Node(tree.name, ("every account",))], tree
    while child := next((child for child in here.children if child.when.holds(facts)), None):
        nodes.append(Node(child.name, tuple(_held(child.when, facts)) or ("every account of the segment above",)))
        here = child
    return tuple(nodes)


def condition(when: Condition) -> str:
    """A condition as a sentence says it; empty where there is none."""
    return " and ".join(f"{name} {_words(wanted)}" for name, wanted in when if wanted is not None)


def view_rules(rules: Iterable[Rule], overrides: Overrides, switches: Switches, path: Sequence[str]) -> Iterator[RuleView]:
    """Every rule for accounts on `path`, retired ones and those that are off too."""
    layers, off = overrides.layers(), overrides.off()
    for rule in rules:
        compiled = CompiledRule(rule, layers.get(rule.id, ()), on_trial=rule.id in switches.experimental)
        yield _view(compiled, switches, off, tuple(path))


def _view(compiled: CompiledRule, switches: Switches, off: Mapping[str, str], path: tuple[str, ...]) -> RuleView:
    rule, resolved = compiled.rule, compiled.resolve(path)
    state, because = _state(compiled, switches, off)
    taken = [segment for segment in path if segment in rule.applies_to]
    scope = f"applies_to {', '.join(rule.applies_to)}"
    answer = {name: Value(getattr(resolved, name), resolved.set_by.get(name, RULE_FILE)) for name in ("play", "owner", "sla", "priority")}
    stated = rule.detector.model_fields_set
    figures = {
        name: Value(value, resolved.set_by.get(name, RULE_FILE if name in stated else f"default of {rule.detector.kind}"))
        for name, value in ((name, _plain(value)) for name, value in resolved.parameters)
    }
    for name, said in (("cooldown", rule.cooldown), ("max_hold", rule.max_hold)):
        if said is not None:
            figures[name] = Value(said if isinstance(said, str) else f"{said}d", RULE_FILE)
    return RuleView(rule.id, rule.title, state, because, bool(taken), scope, rule.requires, answer, figures)


def _plain(value: Any) -> Any:
    """As a file would write it: shares as numbers, of nested parts only what is stated."""
    if isinstance(value, BaseModel):
        return {name: _plain(part) for name, part in value if name in value.model_fields_set}
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return float(value) if isinstance(value, Fraction) else value


def _state(compiled: CompiledRule, switches: Switches, off: Mapping[str, str]) -> tuple[str, str]:
    rule = compiled.rule
    if rule.status == "retired":
        return "retired", "rule file: `status: retired`"
    if rule.id in off:
        return "off", f"overrides.yaml: the alternative {off[rule.id]} is chosen"
    running, because = switches.because(rule.id)
    if not running:
        return "off", f"rules.yaml: {because}"
    if compiled.experimental:
        where = "rule file: `status: experimental`" if rule.status == "experimental" else "rules.yaml: `experimental` names it"
        return "experimental", f"{where}; it runs, for {because}"
    return "on", f"rules.yaml: {because}"


def _held(when: Condition, facts: Facts) -> Iterator[str]:
    for name, wanted in when:
        if wanted is not None:
            value = getattr(facts, name)
            said = f"{value:,.15g}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value)
            yield f"{name} is {said}" if wanted in ((value,), value) else f"{name} is {said} ({_words(wanted)})"


def _words(wanted: Any) -> str:
    if isinstance(wanted, Range):
        bounds = (("at least", wanted.at_least), ("below", wanted.below))
        return " and ".join(f"{word} {bound:,.15g}" for word, bound in bounds if bound is not None)
    if isinstance(wanted, tuple):
        return f"one of {', '.join(wanted)}" if len(wanted) > 1 else str(wanted[0])
    return str(wanted)
