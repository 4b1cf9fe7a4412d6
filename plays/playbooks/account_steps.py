"""The steps of a play that an account has: those for others are as if they were not there."""

from collections.abc import Sequence

from plays.playbooks.flow import falls_back_to, follows
from plays.playbooks.step import LAUNCH, SKIP, PlayStep
from plays.policy.segments import Facts


def not_for(steps: Sequence[PlayStep], facts: Facts) -> tuple[int, ...]:
    """Places of the steps an account of these facts does not have: those for others, and fallbacks of nothing but those."""
    out = {place for place, step in enumerate(steps) if step.only_for is not None and not step.only_for.holds(facts)}
    if not out:
        return ()
    for place in range(len(steps)):
        if follows(steps, place) is None and out.issuperset(falls_back_to(steps, place)):
            out.add(place)
    return tuple(sorted(out))


def without(steps: Sequence[PlayStep], others: tuple[int, ...]) -> tuple[PlayStep, ...]:
    """The steps but for `others`. What followed one of those follows what that one followed; who fell back to it is skipped."""
    gone = {steps[place].name for place in others}
    kept = []
    for place, step in enumerate(steps):
        if place in others:
            continue
        update: dict[str, object] = {}
        if step.until is not None and step.until.otherwise in gone:
            update["until"] = step.until.model_copy(update={"otherwise": SKIP})
        if follows(steps, place) is not None:
            before = sorted(_kept_before(steps, place, others))
            update["after"] = tuple(steps[one].name for one in before) or LAUNCH
        kept.append(step.model_copy(update=update))
    return tuple(kept)


def _kept_before(steps: Sequence[PlayStep], place: int, others: tuple[int, ...]) -> set[int]:
    found: set[int] = set()
    before = follows(steps, place)
    for one in falls_back_to(steps, place) if before is None else before:
        found |= _kept_before(steps, one, others) if one in others else {one}
    return found
