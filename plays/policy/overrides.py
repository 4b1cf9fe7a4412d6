"""What a policy sets otherwise than the rule files: by rule and segment, and as named alternatives that can be chosen."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from plays.policy.segments import SegmentName
from plays.policy.touch import TouchBands
from plays.problem import Problem
from plays.rules.resolution import Layer, override_problems
from plays.rules.rule import Rule

RuleId = Annotated[str, Field(pattern=r"^[A-Z]{1,3}[0-9]{1,3}$")]
AlternativeName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{2,59}$")]
BySegment = Mapping[SegmentName, Mapping[str, Any]]

POLICY = "policy"


class Alternative(BaseModel):
    """One of two answers that the sources give: what it `says`, where that stands, and what choosing it changes.

    `rules` sets values by rule and segment; `off` takes rules out that then contradict it; `touch_bands` moves the bands.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    says: Annotated[str, Field(min_length=10, max_length=300)]
    instead_of: Annotated[str, Field(min_length=10, max_length=300)]
    source: Annotated[str, Field(min_length=5, max_length=300)]
    rules: Mapping[RuleId, BySegment] = Field(default_factory=dict)
    off: tuple[RuleId, ...] = ()
    touch_bands: TouchBands | None = None


class Overrides(BaseModel):
    """`overrides.yaml`. At the same segment `rules` wins over a chosen alternative, and that over the rule's own file; a more
    specific segment wins over a wider one, wherever it is set.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    rules: Mapping[RuleId, BySegment] = Field(default_factory=dict)
    choose: tuple[str, ...] = ()
    alternatives: Mapping[AlternativeName, Alternative] = Field(default_factory=dict)

    def problems(self) -> Iterator[Problem]:
        """What is wrong whatever the library is."""
        for index, name in enumerate(self.choose):
            if name not in self.alternatives:
                fix = f"choose among {', '.join(self.alternatives)}" if self.alternatives else "leave `choose` empty"
                yield Problem(("choose", index), f"no alternative {name!r}", fix)
        for name, one in self.alternatives.items():
            if not (one.rules or one.off or one.touch_bands):
                yield Problem(("alternatives", name), f"alternative {name} changes nothing", "give it `rules`, `off` or `touch_bands`")
        for what, clash in self._clashes():
            yield Problem(("choose",), f"{' and '.join(clash)} both say {what}", "choose one of them")

    def library_problems(self, library: Iterable[Rule], segments: Sequence[str]) -> Iterator[Problem]:
        """What does not fit the rules and the segments. Alternatives may name rules that a library lacks: they outlive libraries."""
        rules = {rule.id: rule for rule in library}
        yield from _set_problems(("rules",), self.rules, rules, segments, must_exist=True)
        for name, one in self.alternatives.items():
            yield from _set_problems(("alternatives", name, "rules"), one.rules, rules, segments, must_exist=False)

    def layers(self) -> dict[str, tuple[Layer, ...]]:
        """By rule: what is set for it, in the order in which later wins."""
        found: dict[str, tuple[Layer, ...]] = {}
        for name in self.choose:
            for rule_id, by_segment in self.alternatives[name].rules.items():
                found[rule_id] = (*found.get(rule_id, ()), Layer(f"{POLICY}, {name}", by_segment))
        for rule_id, by_segment in self.rules.items():
            found[rule_id] = (*found.get(rule_id, ()), Layer(POLICY, by_segment))
        return found

    def off(self) -> dict[str, str]:
        """Rules that a chosen alternative takes out, and which."""
        return {rule_id: name for name in self.choose for rule_id in self.alternatives[name].off}

    @property
    def touch_bands(self) -> TouchBands | None:
        """The bands of a chosen alternative."""
        return next((bands for name in self.choose if (bands := self.alternatives[name].touch_bands)), None)

    def choosing(self, names: Sequence[str]) -> "Overrides":
        """The same with these alternatives chosen."""
        return self.model_copy(update={"choose": tuple(names)})

    def _clashes(self) -> Iterator[tuple[str, list[str]]]:
        by_value: dict[str, list[str]] = {}
        for name in dict.fromkeys(self.choose):
            one = self.alternatives.get(name)
            if one is None:
                continue
            said = [f"{rule} {value} for {seg}" for rule, by in one.rules.items() for seg, values in by.items() for value in values]
            for what in said + (["the touch bands"] if one.touch_bands else []):
                by_value.setdefault(what, []).append(name)
        yield from ((what, names) for what, names in by_value.items() if len(names) > 1)


def _set_problems(
    loc: tuple[str | int, ...], by_rule: Mapping[str, BySegment], rules: Mapping[str, Rule], segments: Sequence[str], *, must_exist: bool
) -> Iterator[Problem]:
    for rule_id, by_segment in by_rule.items():
        rule = rules.get(rule_id)
        if rule is None:
            if must_exist:
                yield Problem((*loc, rule_id), f"the library has no rule {rule_id}", "correct the id, or remove the entry")
            continue
        for segment, values in by_segment.items():
            if segment not in segments:
                yield Problem((*loc, rule_id, segment), f"no segment {segment!r}", f"use one of {', '.join(segments)}")
            for problem in override_problems(rule, values):
                yield Problem((*loc, rule_id, segment, *problem.loc), f"for {segment}: {problem.what}", problem.fix)
