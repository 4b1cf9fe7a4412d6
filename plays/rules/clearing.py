"""Whether the episodes of a rule end by themselves: by what happens, or by what does not, with nobody saying so."""

from collections.abc import Iterable, Iterator

from plays.rules.detectors.achievement import AchievementParameters
from plays.rules.detectors.anniversary import AnniversaryParameters
from plays.rules.detectors.event import EventParameters
from plays.rules.rule import Rule


def clears_by_itself(rule: Rule) -> bool:
    """Whether signals can say that an episode of this rule is over. A mark that was passed and a date that came stay so."""
    detector = rule.detector
    if rule.cleared_by is not None:
        return True
    if isinstance(detector, EventParameters):
        return bool(detector.ended_by) or detector.ends_with_source
    return not isinstance(detector, AchievementParameters | AnniversaryParameters)


def clearing_problems(rules: Iterable[Rule]) -> Iterator[tuple[str, str, str]]:
    """(rule id, what is wrong, what to do) for rules whose episodes end with those of rules that have no end."""
    by_id = {rule.id: rule for rule in rules}
    for rule in by_id.values():
        detector = rule.detector
        if rule.status == "retired" or not isinstance(detector, EventParameters) or not detector.ends_with_source:
            continue
        sources = [by_id[name] for name in detector.on_rules if name in by_id]
        if sources and not any(clears_by_itself(source) for source in sources):
            names = ", ".join(source.id for source in sources)
            what = f"ends with {names}, which name nothing that ends an episode"
            yield rule.id, what, "remove `ends_with_source`, or give them `cleared_by`"
