"""Rules that listen to other rules: whom they name, and that no circle is among them."""

from collections.abc import Iterable, Iterator

from plays.rules.rule import Rule


def chain_problems(rules: Iterable[Rule]) -> Iterator[tuple[str, str, str]]:
    """(rule id, what is wrong, what to do) for rules that name a rule there is not, one that is retired, or, in the end, themselves."""
    by_id = {rule.id: rule for rule in rules}
    for rule in by_id.values():
        if rule.status == "retired":
            continue
        for name in rule.detector.sources():
            source = by_id.get(name)
            if source is None or source.status == "retired":
                yield (
                    rule.id,
                    f"listens to rule {name}, which is {'retired' if source else 'not in the library'}",
                    "remove it from `on_rules`",
                )
        if rule.id in _behind(rule.id, by_id):
            yield rule.id, "listens, by other rules, to itself: a trigger would go round for ever", "break the circle in `on_rules`"


def _behind(rule_id: str, by_id: dict[str, Rule]) -> set[str]:
    """All rules whose triggers may in the end make this one fire."""
    found: set[str] = set()
    ahead = list(by_id[rule_id].detector.sources())
    while ahead:
        name = ahead.pop()
        if name not in found:
            found.add(name)
            ahead += by_id[name].detector.sources() if name in by_id else ()
    return found
