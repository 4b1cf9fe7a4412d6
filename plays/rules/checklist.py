"""The checklist of customer-success practice: what each of its rows asks of the library, and where the library differs."""

from collections.abc import Iterator, Mapping

from plays.outcomes.definition import ReportDefinition
from plays.rules.rule import Rule

Row = Mapping[str, str]

# That onboarding is over the checklist says in the definition (T39), not in the scope.
_REQUIRED = {None: "", "plan": " with a plan", "onboarding": " in onboarding", "onboarded": ""}


def scope_in_words(rule: Rule) -> str:
    """Whom the rule is for, in the checklist's words: `high, mid`, `all human-touch`, `all with a plan`."""
    words = ", ".join(rule.applies_to)
    return ("all human-touch" if words == "human-touch" else words) + _REQUIRED[rule.requires]


def differences(thing: Rule | ReportDefinition, row: Row) -> Iterator[str]:
    """Values of the row that the rule, or the report, does not have, each in words."""
    scope = scope_in_words(thing) if isinstance(thing, Rule) else thing.applies_to
    found = {
        "concern": thing.concern, "subject": thing.subject, "applies_to": scope, "timer": thing.timer, "priority": thing.priority,
        "owner": thing.owner, "first_action_sla": thing.sla, "outcome": thing.outcome, "play": thing.play,
    }  # fmt: skip
    for name, value in found.items():
        if value != row[name]:
            yield f"{name} is {value!r}, the checklist says {row[name]!r}"
