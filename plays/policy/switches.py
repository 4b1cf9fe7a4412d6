"""Which rules of the library run here: packs by name, single rules, and what is left out of them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from plays.problem import Problem

ALL = "all"

_RULE = re.compile(r"[A-Z]{1,3}[0-9]{1,3}")

PackName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
RuleId = Annotated[str, Field(pattern=r"^[A-Z]{1,3}[0-9]{1,3}$")]


class Switches(BaseModel):
    """`rules.yaml`. `on` names packs and rules, `off` rules among them that do not run; the pack `all` is always there.

    `experimental` names rules that are on trial here, if they run: evaluated and recorded, never raised.

    A pack may name rules that a library does not have: packs outlive libraries.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    packs: Mapping[PackName, tuple[RuleId, ...]] = Field(default_factory=dict)
    on: Annotated[tuple[str, ...], Field(min_length=1)]
    off: tuple[RuleId, ...] = ()
    experimental: tuple[RuleId, ...] = ()

    def problems(self) -> Iterator[Problem]:
        """Names that mean nothing."""
        if ALL in self.packs:
            yield Problem(("packs", ALL), "the pack `all` is every rule of the library", "give your pack another name")
        for index, name in enumerate(self.on):
            if name not in self.packs and name != ALL and not _RULE.fullmatch(name):
                fix = f"name a rule, or one of the packs {', '.join((*self.packs, ALL))}"
                yield Problem(("on", index), f"no pack {name!r}", fix)

    def instead(self, names: tuple[str, ...]) -> "Switches":
        """The same packs with these packs and rules on, and nothing off. Raises ValueError for a name that means nothing."""
        other = self.model_copy(update={"on": names, "off": ()})
        for problem in other.problems():
            raise ValueError(f"{problem.what}: {problem.fix}")
        return other

    def running(self, library: Iterable[str]) -> frozenset[str]:
        """Ids of the library's rules that run."""
        ids = frozenset(library)
        found: set[str] = set()
        for name in self.on:
            found |= ids if name == ALL else set(self.packs.get(name, (name,)))
        return (ids & found) - set(self.off)

    def because(self, rule_id: str) -> tuple[bool, str]:
        """Whether the rule runs, and which entry decides that."""
        if rule_id in self.off:
            return False, "`off` names it"
        for name in self.on:
            if name == ALL:
                return True, f"`on` names the pack {ALL}"
            if name == rule_id:
                return True, "`on` names it"
            if rule_id in self.packs.get(name, ()):
                return True, f"`on` names the pack {name}"
        return False, f"neither it nor a pack with it is among `on: [{', '.join(self.on)}]`"

    def unknown(self, library: Iterable[str]) -> list[str]:
        """Single rules switched by id that the library does not have."""
        ids = frozenset(library)
        return [name for name in (*self.on, *self.off, *self.experimental) if name not in self.packs and name != ALL and name not in ids]
