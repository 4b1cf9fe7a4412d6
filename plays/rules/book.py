"""The rule book: all rules of a library, compiled for use."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from types import MappingProxyType

from plays.problem import Problem
from plays.rules.clearing import clears_by_itself
from plays.rules.detectors.any_kind import AnyParameters
from plays.rules.resolution import RULE_FILE, Layer, Resolved, override_problems, resolve
from plays.rules.rule import Rule


class CompiledRule:
    """A rule with what is derived from it computed once: its file, and what the policy sets for it by segment."""

    __slots__ = ("_by_path", "_scope", "clears", "experimental", "hash", "layers", "rule")

    def __init__(self, rule: Rule, policy: Sequence[Layer] = (), *, on_trial: bool = False) -> None:
        """`on_trial`: experimental by policy, whatever the file's status."""
        self.rule = rule
        self.experimental = on_trial or rule.status == "experimental"
        self.hash = rule.content_hash
        self.clears = clears_by_itself(rule)
        self.layers = tuple(layer for layer in (Layer(RULE_FILE, rule.overrides), *policy) if layer.by_segment)
        self._scope = frozenset(rule.applies_to)
        self._by_path: dict[tuple[str, ...], Resolved] = {}

    def applies_to(self, path: tuple[str, ...]) -> bool:
        """Whether the rule applies to accounts on this segment path. What it `requires` besides is the context's `in_scope`."""
        return not self._scope.isdisjoint(path)

    @property
    def effective_hash(self) -> str:
        """SHA-256 (hex) of all that decides: the file's own hash where the policy sets nothing for the rule."""
        stated: list[object] = [layer for layer in self.layers if layer.origin != RULE_FILE]
        if self.experimental and self.rule.status != "experimental":
            stated.append("experimental")
        return sha256(json.dumps([self.hash, stated], sort_keys=True, default=str).encode()).hexdigest() if stated else self.hash

    def resolve(self, path: tuple[str, ...]) -> Resolved:
        """Figures, play, owner, SLA and priority for accounts on this path; of several segments the most specific wins."""
        found = self._by_path.get(path)
        if found is None:
            found = self._by_path[path] = resolve(self.rule, self.layers, path)
        return found

    def parameters(self, path: tuple[str, ...]) -> AnyParameters:
        """The detector's figures for accounts on this path."""
        return self.resolve(path).parameters if self.layers else self.rule.detector


class RuleBook:
    """Active rules in the order of their ids."""

    def __init__(
        self, rules: Iterable[Rule], policy: Mapping[str, Sequence[Layer]] = MappingProxyType({}), on_trial: Collection[str] = ()
    ) -> None:
        """Retired rules are left out; `policy` is what it sets by rule, `on_trial` which rules it only tries.

        Raises ValueError when two rules share an id.
        """
        by_id: dict[str, CompiledRule] = {}
        for rule in sorted(rules, key=lambda rule: rule.id):
            if rule.id in by_id:
                raise ValueError(f"rule {rule.id} is there twice: ids must be unique over the library")
            if rule.status != "retired":
                by_id[rule.id] = CompiledRule(rule, policy.get(rule.id, ()), on_trial=rule.id in on_trial)
        self._by_id = by_id

    def __iter__(self) -> Iterator[CompiledRule]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def __getitem__(self, rule_id: str) -> CompiledRule:
        return self._by_id[rule_id]


def scope_problems(rule: Rule, segments: Iterable[str]) -> Iterator[Problem]:
    """Segments a rule uses that the tree does not have, and what it sets for a segment that it cannot."""
    known = tuple(segments)
    fix = f"use one of {', '.join(known)}"
    for index, name in enumerate(rule.applies_to):
        if name not in known:
            yield Problem(("applies_to", index), f"no segment {name!r}", fix)
    for name, values in rule.overrides.items():
        if name not in known:
            yield Problem(("overrides", name), f"no segment {name!r}", fix)
        for problem in override_problems(rule, values):
            yield Problem(("overrides", name, *problem.loc), f"for {name}: {problem.what}", problem.fix)
