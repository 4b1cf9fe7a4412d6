"""What lint lets through can be walked: every step has a course of events in which it begins, and every course ends.

The reference walks a play step by step under one course of events; it shares no code with the checks.
"""

from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from plays.loading.links import load_links
from plays.loading.playbooks import load_playbooks
from plays.playbooks.conditions import OPPOSITE
from plays.playbooks.model import Playbook
from plays.playbooks.step import PlayStep

BOOK = load_playbooks()
LINKS = load_links()
PLAIN = ("replied", "resolved", "recovered", "meeting_held")
OPPOSITES = {"no_reply": "replied", "unresolved": "resolved", "still_true": "recovered", "no_meeting": "meeting_held"}
NAMES = ("one", "two", "three", "four", "five")


def walk(playbook: Playbook, true: frozenset[str]) -> set[str]:
    """Names of the steps that begin if exactly these conditions come true, each as soon as it can.

    `replied` needs somebody written to before, `meeting_held` a meeting before. An exit that comes true ends the play.
    """
    begun: set[str] = set()
    ended: set[str] = set()
    vain: set[str] = set()
    exits = {rule.when for rule in playbook.exits}

    def holds(condition: str) -> bool:
        if condition in OPPOSITES:
            return not holds(OPPOSITES[condition])
        wrote = any(step.message for step in playbook.steps if step.name in begun)
        met = any(step.kind in ("meeting", "enablement") for step in playbook.steps if step.name in begun)
        possible = {"replied": wrote, "meeting_held": met, "recovered": bool(begun), "resolved": bool(begun)}
        return condition in true and possible[condition]

    for index, step in enumerate(playbook.steps):
        if any(condition in exits and holds(condition) for condition in PLAIN) or ("resolved" in true and "recovered" in exits and begun):
            break
        if step.after == "fallback":
            if step.name not in vain:
                ended.add(step.name)
                continue
        elif isinstance(step.after, tuple):
            if not set(step.after) <= ended:
                continue
        elif step.after is None and index and playbook.steps[index - 1].name not in ended:
            continue
        ended.add(step.name)
        if step.until is not None and not holds(step.until.condition):
            if step.until.otherwise != "go_on":
                vain.add(step.until.otherwise or "")
                continue
        elif step.until is None and step.only_if is not None and not holds(step.only_if):
            continue
        begun.add(step.name)
    return begun


def every_course(playbook: Playbook) -> set[str]:
    found: set[str] = set()
    for bits in range(1 << len(PLAIN)):
        found |= walk(playbook, frozenset(name for place, name in enumerate(PLAIN) if bits >> place & 1))
    return found


def test_every_step_of_the_library_begins_in_some_course_of_events() -> None:
    for compiled in BOOK.values():
        assert every_course(compiled.playbook) == {step.name for step in compiled.playbook.steps}, compiled.playbook.id


_UNTIL = st.fixed_dictionaries(
    {"condition": st.sampled_from(PLAIN), "at_most": st.just("2d"), "otherwise": st.sampled_from(["go_on", "skip", *NAMES])}
)


@st.composite
def _steps(draw: st.DrawFn) -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = []
    for name in NAMES[: draw(st.integers(2, 5))]:
        kind = draw(st.sampled_from(["task", "message", "meeting"]))
        step: dict[str, Any] = {"name": name, "kind": kind, "owner_role": "csm", "instruction": "Do what has to be done."}
        step["due"] = draw(st.sampled_from(["1d", "2h", "1d after trigger", "9d after trigger"]))
        if kind == "message":
            step["message"] = "Subject: Hello\n\nHow do you do?"
        shape = draw(st.sampled_from(["plain", "plain", "plain", "fallback", "launch", "names"])) if steps else "plain"
        if shape in ("fallback", "launch"):
            step["after"] = shape
        elif shape == "names":
            step["after"] = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=2, unique=True))
        if steps:
            more = draw(st.sampled_from(["", "", "until", "only_if"]))
            if more == "until":
                step["until"] = draw(_UNTIL)
            elif more == "only_if":
                step["only_if"] = draw(st.sampled_from([*PLAIN, *OPPOSITES]))
        steps.append(step)
    return steps


_EXITS = st.lists(st.sampled_from(["recovered", "replied", "meeting_held"]), max_size=2, unique=True)


@given(_steps(), _EXITS)
@settings(max_examples=400, deadline=None)
def test_whatever_lint_lets_through_can_be_reached_in_some_course_of_events(steps: list[dict[str, Any]], exits: list[str]) -> None:
    playbook = Playbook.model_validate(
        {
            "id": "any", "version": 1, "title": "Anything", "goal": "Everything has been done that was to do.", "reach": ["champion"],
            "briefing": "Look at what there is to see.", "max_age": "1d", "steps": steps,
            "exits": [{"when": when, "code": "resolved"} for when in exits],
        }
    )  # fmt: skip
    assume(not list(playbook.problems(LINKS)))
    assume(not any(waits_for_the_same(one, other) for one in playbook.steps for other in playbook.steps))

    assert every_course(playbook) == {step.name for step in playbook.steps}


def waits_for_the_same(one: PlayStep, other: PlayStep) -> bool:
    """Whether a step waits on for what the step before it waited for in vain: here a condition comes at once or never."""
    return one.until is not None and one.until.otherwise == other.name and other.until is not None and _plain(other) == _plain(one)


def _plain(step: PlayStep) -> str:
    assert step.until is not None
    return OPPOSITE.get(step.until.condition, step.until.condition)
