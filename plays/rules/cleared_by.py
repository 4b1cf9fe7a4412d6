"""What ends an episode besides what its detector knows by itself."""

from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict

from plays.problem import Problem
from plays.rules.matcher import EventMatch
from plays.rules.parts import Part, part_problems


class ClearedBy(BaseModel):
    """An episode is over with any event of `events` after it began that names its subject (where that is the account: any at all), or
    as soon as all of `parts` hold. Neither changes when the rule fires.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    events: tuple[EventMatch, ...] = ()
    parts: tuple[Part, ...] = ()

    def problems(self) -> Iterator[Problem]:
        """What is wrong although each field by itself is right."""
        if not self.events and not self.parts:
            yield Problem((), "nothing is named that ends an episode", "give `events` or `parts`, or remove `cleared_by`")
        for index, match in enumerate(self.events):
            for problem in match.problems():
                yield Problem(("events", index, *problem.loc), problem.what, problem.fix)
            if match.type == "feature.used":
                what = "usage is looked at when a day is complete, not event by event"
                yield Problem(("events", index, "type"), what, "use `parts` with a measure of usage")
        yield from part_problems("parts", self.parts)
