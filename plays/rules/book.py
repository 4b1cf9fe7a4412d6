"""The rule book: all rules of a library, compiled for use."""

from collections.abc import Iterable, Iterator, Mapping

from plays.problem import Problem
from plays.rules.detectors.any_kind import AnyParameters
from plays.rules.rule import Rule


class CompiledRule:
    """A rule with what is derived from it computed once."""

    __slots__ = ("_by_path", "_scope", "hash", "rule")

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.hash = rule.content_hash
        self._scope = frozenset(rule.applies_to)
        self._by_path: dict[tuple[str, ...], AnyParameters] = {}

    def applies_to(self, path: tuple[str, ...]) -> bool:
        """Whether the rule applies to accounts on this segment path. What it `requires` besides is the context's `in_scope`."""
        return not self._scope.isdisjoint(path)

    @property
    def has_overrides(self) -> bool:
        """Whether parameters depend on the segment at all."""
        return bool(self.rule.overrides)

    def parameters(self, path: tuple[str, ...]) -> AnyParameters:
        """The detector's parameters for accounts on this path; where several segments set a figure the most specific wins."""
        if not self.rule.overrides:
            return self.rule.detector
        found = self._by_path.get(path)
        if found is None:
            merged = {key: value for segment in path for key, value in self.rule.overrides.get(segment, {}).items()}
            found = self._by_path[path] = self.rule.overridden(merged)
        return found


class RuleBook:
    """Active rules in the order of their ids, indexed by the event types they listen to."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        """Retired rules are left out. Raises ValueError when two rules share an id."""
        by_id: dict[str, CompiledRule] = {}
        for rule in sorted(rules, key=lambda rule: rule.id):
            if rule.id in by_id:
                raise ValueError(f"rule {rule.id} is there twice: ids must be unique over the library")
            if rule.status != "retired":
                by_id[rule.id] = CompiledRule(rule)
        self._by_id = by_id

    def __iter__(self) -> Iterator[CompiledRule]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def __getitem__(self, rule_id: str) -> CompiledRule:
        return self._by_id[rule_id]

    def by_event_type(self) -> Mapping[str, tuple[str, ...]]:
        """Rule ids by event type their matchers name."""
        index: dict[str, list[str]] = {}
        for compiled in self:
            for name in dict.fromkeys(match.type for match in compiled.rule.detector.matchers()):
                index.setdefault(name, []).append(compiled.rule.id)
        return {name: tuple(ids) for name, ids in sorted(index.items())}


def scope_problems(rule: Rule, segments: Iterable[str]) -> Iterator[Problem]:
    """Names of segments a rule uses that the tree does not have."""
    known = tuple(segments)
    fix = f"use one of {', '.join(known)}"
    for index, name in enumerate(rule.applies_to):
        if name not in known:
            yield Problem(("applies_to", index), f"no segment {name!r}", fix)
    for name in rule.overrides:
        if name not in known:
            yield Problem(("overrides", name), f"no segment {name!r}", fix)
