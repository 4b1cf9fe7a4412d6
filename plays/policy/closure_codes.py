"""Which closure codes close which play."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Annotated, get_args

from pydantic import BaseModel, ConfigDict, Field

from plays.problem import Problem
from schemas.records.play_message import ClosureCode

CODES: tuple[ClosureCode, ...] = get_args(ClosureCode)
OUR_OWN: tuple[ClosureCode, ...] = ("customer_churned", "no_response")
"""With these Playcall itself closes any run: they cannot be forbidden."""

PlayName = Annotated[str, Field(min_length=1, max_length=60)]


class ClosureCodes(BaseModel):
    """The closure codes file. A play's own exits may always close it with the code they state."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    every_play: Annotated[tuple[ClosureCode, ...], Field(min_length=1)]
    only_for: dict[ClosureCode, tuple[PlayName, ...]] = {}

    def allowed(self, play: str, stated: Iterable[ClosureCode] = ()) -> tuple[ClosureCode, ...]:
        """The codes that close runs of the play, in the order of the wire's list; `stated` are those of its exits."""
        named = set(stated)
        return tuple(code for code in CODES if code in self.every_play or code in named or play in self.only_for.get(code, ()))

    def problems(self) -> Iterator[Problem]:
        """What is wrong although each field by itself is right."""
        for code in OUR_OWN:
            if code not in self.every_play:
                why = f"{code} is missing: Playcall itself closes runs with it"
                yield Problem(("every_play",), why, f"add {code} to every_play")
        for index, code in enumerate(self.every_play):
            if self.every_play.index(code) != index:
                yield Problem(("every_play", index), f"{code} is listed twice", "keep one of the two")
        for code, plays in self.only_for.items():
            if code in self.every_play:
                yield Problem(("only_for", code), f"{code} closes every play already", "take it out of every_play, or out of only_for")
            if not plays:
                yield Problem(("only_for", code), f"{code} closes no play", "name a play, or remove the line")
            counts = Counter(plays)
            for index, play in enumerate(plays):
                if counts[play] > 1:
                    yield Problem(("only_for", code, index), f"play {play!r} is named {counts[play]} times", "name it once")

    def unknown_plays(self, known: Iterable[str]) -> Iterator[Problem]:
        """Plays that nobody wrote."""
        names = sorted(known)
        for code, plays in self.only_for.items():
            for index, play in enumerate(plays):
                if play not in names:
                    yield Problem(("only_for", code, index), f"there is no play {play!r}", f"name one of {', '.join(names)}")


ANY_CODE = ClosureCodes(every_play=CODES)
"""Every code closes every play."""
