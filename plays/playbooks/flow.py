"""In what order steps begin, and which of them cannot: a step stands behind everything it follows, so no step waits for itself."""

from collections.abc import Iterator, Sequence

from plays.playbooks.conditions import OPPOSITE
from plays.playbooks.spans import usual_ms
from plays.playbooks.step import FALLBACK, GO_ON, LAUNCH, MEETINGS, SKIP, PlayStep
from plays.problem import Problem

Steps = Sequence[PlayStep]


def follows(steps: Steps, index: int) -> tuple[int, ...] | None:
    """Places of the steps this one follows; empty: it begins with the run. None: it begins only as a fallback.

    Names that are not there, or stand behind the step, are left out: `flow_problems` complains of them.
    """
    after = steps[index].after
    if after == FALLBACK:
        return None
    if after == LAUNCH or (after is None and index == 0):
        return ()
    if after is None:
        return (index - 1,)
    return tuple(place for place in range(index) if steps[place].name in after)


def falls_back_to(steps: Steps, index: int) -> tuple[int, ...]:
    """Places of the steps whose wait, if it was in vain, lets this one begin."""
    name = steps[index].name
    return tuple(place for place, step in enumerate(steps) if step.until is not None and step.until.otherwise == name)


def before(steps: Steps, index: int) -> set[int]:
    """Places of all steps that have ended, or waited in vain, before this one begins."""
    found: set[int] = set()
    for place in (*(follows(steps, index) or ()), *falls_back_to(steps, index)):
        if place < index:
            found |= {place} | before(steps, place)
    return found


def flow_problems(steps: Steps, exits: Sequence[str]) -> Iterator[Problem]:
    """Steps that cannot be reached, and waits that nobody ends. `exits` are the conditions that end the play."""
    names = {step.name: index for index, step in enumerate(steps)}
    first = steps[0]
    if first.after not in (None, LAUNCH) or first.wait or first.until or first.only_if or first.only_for:
        yield Problem(
            ("steps", 0),
            "step one waits, or is only for some",
            "step one is launched at once: remove `after`, `wait`, `until`, `only_if`, `only_for`",
        )
    for index in range(len(steps)):
        yield from _after_problems(steps, index, names)
        yield from _wait_problems(steps, index, names)
        yield from _condition_problems(steps, index, exits)
        yield from _contradictions(steps, index)


def _after_problems(steps: Steps, index: int, names: dict[str, int]) -> Iterator[Problem]:
    step, loc = steps[index], ("steps", index, "after")
    if step.after == FALLBACK:
        if not any(place < index for place in falls_back_to(steps, index)):
            what = f"step {step.name!r} is never reached: no step before it names it as what happens otherwise"
            yield Problem(loc, what, f"write `otherwise: {step.name}` in the `until` of an earlier step, or remove `after: fallback`")
    elif step.after is None:
        if index and steps[index - 1].after == FALLBACK:
            what = f"step {step.name!r} stands behind a fallback and does not say what it follows"
            yield Problem(("steps", index), what, "add `after: [name of a step]`")
    elif step.after != LAUNCH:
        for name in step.after:
            place = names.get(name)
            if place is None:
                yield Problem(loc, f"step {step.name!r} is never reached: it follows {name!r}, which is no step", _listed(steps, index))
            elif place >= index:
                what = f"step {step.name!r} is never reached: it follows {name!r}, which stands behind it"
                yield Problem(loc, what, f"move it behind {name!r}, or name an earlier step")
        if not step.after:
            yield Problem(loc, f"step {step.name!r} follows nothing", "write `after: launch`, or name a step")


def _wait_problems(steps: Steps, index: int, names: dict[str, int]) -> Iterator[Problem]:
    step, until, loc = steps[index], steps[index].until, ("steps", index, "until")
    if step.wait is not None and until is not None:
        yield Problem(loc, f"step {step.name!r} has `wait` and `until`", "keep one: `until` begins when the condition holds")
    if until is not None:
        if until.at_most is None:
            what = f"step {step.name!r} waits without end for {until.condition!r}"
            yield Problem(loc, what, "add `at_most: 10bd` and `otherwise`: go_on, skip, or the name of a step")
        elif until.otherwise is None:
            what = f"step {step.name!r} does not say what happens when {until.condition!r} has not come by then"
            yield Problem(loc, what, "add `otherwise`: go_on, skip, or the name of a step")
        elif until.otherwise not in (GO_ON, SKIP):
            place = names.get(until.otherwise)
            if place is None or steps[place].after != FALLBACK or place < index:
                what = f"step {step.name!r} falls back to {until.otherwise!r}, which is no fallback step behind it"
                yield Problem((*loc, "otherwise"), what, "write go_on, skip, or the name of a later step that says `after: fallback`")
    if step.repeat is not None and step.repeat.at_most is None:
        what = f"step {step.name!r} is repeated without end until {step.repeat.until!r}"
        yield Problem(("steps", index, "repeat"), what, "add `at_most: 30d`, the longest it goes on")


def _condition_problems(steps: Steps, index: int, exits: Sequence[str]) -> Iterator[Problem]:
    step = steps[index]
    earlier = [steps[place] for place in sorted(before(steps, index))]
    asked = {"only_if": step.only_if, "until": None if step.until is None else step.until.condition}
    for field, condition in asked.items():
        if condition is None:
            continue
        loc, wanted = ("steps", index, field), OPPOSITE.get(condition, condition)
        if condition in exits:
            what = f"step {step.name!r} is never reached: {condition!r} ends the play before it"
            yield Problem(loc, what, f"remove the exit {condition!r}, or the condition")
        elif condition == "resolved" and "recovered" in exits:
            what = f"step {step.name!r} is never reached: a ticket that is resolved has recovered, and that ends the play before it"
            yield Problem(loc, what, "remove the exit 'recovered', or the condition")
        if wanted == "replied" and not any(one.writes for one in earlier):
            what = f"step {step.name!r} depends on {condition!r}, but no step before it writes to anybody"
            yield Problem(loc, what, "give an earlier step a `message`, or remove the condition")
        if wanted == "meeting_held" and not any(one.kind in MEETINGS for one in earlier):
            what = f"step {step.name!r} depends on {condition!r}, but no step before it is a meeting"
            yield Problem(loc, what, "let an earlier step be a meeting or an enablement session, or remove the condition")
    if step.repeat is not None and step.repeat.until == "replied" and not step.writes and not any(one.writes for one in earlier):
        what = f"step {step.name!r} is repeated until 'replied', but nobody is written to"
        yield Problem(("steps", index, "repeat"), what, "give the step a `message`")


def _contradictions(steps: Steps, index: int) -> Iterator[Problem]:
    """What each field allows, and all of them together never do."""
    step, until = steps[index], steps[index].until
    denied = None if step.only_if is None else OPPOSITE.get(step.only_if)
    if until is not None and until.otherwise != GO_ON and denied == until.condition:
        what = f"step {step.name!r} is never reached: it waits for {until.condition!r}, and is only to be done where {step.only_if!r}"
        yield Problem(("steps", index, "only_if"), what, "remove one of the two, or write `otherwise: go_on`")
    namers = [awaited.condition for place in falls_back_to(steps, index) if (awaited := steps[place].until) is not None]
    at_once = step.after == FALLBACK and step.wait is None and until is None
    if at_once and namers and all(condition == step.only_if for condition in namers):
        what = f"step {step.name!r} is never reached: it begins because {step.only_if!r} did not come, and is only to be done where it did"
        yield Problem(("steps", index, "only_if"), what, "remove `only_if`, or give the step a `wait`")
    if step.only_for is not None and (nobody := step.only_for.nobody()) is not None:
        what = f"step {step.name!r} is never reached: no account is as {nobody!r} of its `only_for` says"
        yield Problem(("steps", index, "only_for"), what, "name what accounts can be (touch_model: high, mid, tech), or remove it")
    repeat = step.repeat
    if repeat is not None and repeat.at_most is not None and usual_ms(repeat.at_most) <= usual_ms(repeat.every):
        what = f"step {step.name!r} is never repeated: {repeat.at_most} are over when {repeat.every} are"
        yield Problem(("steps", index, "repeat"), what, "make `at_most` longer than `every`, or remove `repeat`")


def _listed(steps: Steps, index: int) -> str:
    known = ", ".join(step.name for step in steps[:index])
    return f"name one of {known}" if known else "remove `after`"
