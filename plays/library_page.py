"""The page about the library: every rule with its figures, its play, its owner and its tests. Generated: docs/library.md."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from plays.outcomes.definition import ReportDefinition
from plays.playbooks.book import Playbooks
from plays.policy.segments import SegmentIndex
from plays.policy.switches import Switches
from plays.rules.book import RuleBook
from plays.rules.checklist import Row, scope_in_words
from plays.rules.clearing import clears_by_itself
from plays.rules.rule import Rule
from plays.rules.timeline import Timeline

_TIMERS = {"N": "on events", "Y": "also when nothing arrives", "D": "on a date"}
_CONCERNS = (
    "onboarding", "adoption", "support", "experience", "commercial", "stakeholder", "renewal", "expansion", "lifecycle", "plan", "cadence",
)  # fmt: skip


def library_page(
    rules: Sequence[Rule],
    timelines: Mapping[str, Timeline],
    playbooks: Playbooks,
    segments: SegmentIndex,
    switches: Switches,
    rows: Mapping[str, Row],
    reports: Iterable[ReportDefinition],
) -> str:
    """Markdown: a table of all rules, then each rule by concern."""
    book = RuleBook(rules)
    on = switches.running(rule.id for rule in rules)
    lines = [
        "# The library",
        "",
        "Generated from the rule files: python docs/generate.py. How to read and change them: [Writing rules](rules.md);",
        "what plays do: [Writing playbooks](playbooks.md). **On** is what the shipped policy runs; `--rules all` runs every rule.",
        "**Clears by itself**: the end of an episode is seen and handed on; of the others only people know (see [rules](rules.md)).",
        "",
        "| id | rule | priority | play | owner | first action | fires | clears by itself | on |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    by_concern = {concern: [rule for rule in sorted(rules, key=_order) if rule.concern == concern] for concern in _CONCERNS}
    for found in by_concern.values():
        lines += [
            f"| [{rule.id}](#{_anchor(rule)}) | {rule.title} | {rule.priority} | {rule.play} | {rule.owner} | {rule.sla} | "
            f"{_TIMERS[rule.timer]} | {_itself(rule)} | {'yes' if rule.id in on else ''} |"
            for rule in found
        ]
    lines += [f"| {one.id} | {one.title} | - | {one.play} | {one.owner} | - | every {one.every} |  |  |" for one in reports]
    for concern, found in by_concern.items():
        lines += ["", f"## {concern.capitalize()}"]
        for rule in found:
            lines += _rule(rule, book, segments, timelines[rule.id], playbooks, rows.get(rule.id))
    return "\n".join(lines) + "\n"


def _rule(rule: Rule, book: RuleBook, segments: SegmentIndex, timeline: Timeline, playbooks: Playbooks, row: Row | None) -> list[str]:
    asked = [f"Asked for: {row['definition']}.", ""] if row is not None else []
    cases = ", ".join(f"{sum(case.kind == kind for case in timeline.cases)} {kind}" for kind in ("fires", "silent", "boundary"))
    return [
        "",
        f"### {rule.id} {rule.title}",
        "",
        rule.rationale.strip(),
        "",
        *asked,
        f"- **For** {scope_in_words(rule)}; about: {rule.subject}; {_TIMERS[rule.timer]}; status {rule.status}, version {rule.version}",
        f"- **Answer** {rule.priority}, {_answer(rule, playbooks)}, first action {rule.sla}, for {rule.outcome.replace('_', ' ')}",
        f"- **Detector** `{rule.detector.kind}`: {_figures(rule.detector.model_dump(mode='json', exclude_unset=True, by_alias=True))}",
        *_by_segment(rule, book, segments),
        f"- **Clears** when {rule.clears_when} (by itself: {_itself(rule)}); fires again {rule.rearm}; held at most {_hold(rule)}",
        f"- **Known false positives** {'; '.join(rule.false_positives)}",
        f"- **Source** {rule.source}",
        f"- **Tests** [{rule.id}.timeline.yaml](../plays/library/{rule.id}.timeline.yaml): {cases}",
    ]


def _itself(rule: Rule) -> str:
    return "yes" if clears_by_itself(rule) else "no"


def _answer(rule: Rule, playbooks: Playbooks) -> str:
    play = playbooks[rule.play].playbook
    return f"play [{rule.play}](../plays/library/playbooks/{rule.play}.yaml) ({play.title}, {len(play.steps)} steps), owner {rule.owner}"


def _by_segment(rule: Rule, book: RuleBook, segments: SegmentIndex) -> list[str]:
    """What is another value on the way to each segment."""
    if rule.status == "retired":
        return []
    found: list[str] = []
    compiled = book[rule.id]
    for path in segments.paths:
        resolved = compiled.resolve(path)
        if not compiled.applies_to(path) or not resolved.set_by:
            continue
        figures = resolved.parameters.model_dump(mode="json", by_alias=True)
        now = {**figures, "play": resolved.play, "owner": resolved.owner, "sla": resolved.sla, "priority": resolved.priority}
        values = {name: now[name] for name, by in resolved.set_by.items() if by.split(" ")[0] == path[-1]}
        if values:
            found.append(f"- **In segment {path[-1]}** {_figures(values)}")
    return found


def _figures(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {_value(value)}" for name, value in values.items() if name != "kind")


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}: {_value(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    return f"`{value}`"


def _hold(rule: Rule) -> str:
    return f"{rule.max_hold} days" if isinstance(rule.max_hold, int) else rule.max_hold


def _order(rule: Rule) -> tuple[str, int]:
    letters = rule.id.rstrip("0123456789")
    return letters, int(rule.id[len(letters) :])


def _anchor(rule: Rule) -> str:
    """As code hosts make it: lower case, spaces to dashes, the rest of the punctuation gone."""
    words = f"{rule.id} {rule.title}".lower()
    return "".join(letter for letter in words if letter.isalnum() or letter in " -").replace(" ", "-")
