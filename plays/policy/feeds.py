"""How quiet each feed may be before its silence stops meaning that nothing happened."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from plays.problem import Problem
from schemas.catalogue import UPDATES, source_topics

_DURATION = re.compile(r"(\d{1,5})(s|m|h|d)", re.ASCII)
_UNIT_MS = {"s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
NEVER = "never"


def milliseconds(text: str) -> int:
    """A duration such as 90s, 10m, 26h or 3d. Raises ValueError with the expected form."""
    match = _DURATION.fullmatch(text)
    if match is None or not int(match[1]):
        raise ValueError(f"{text!r} is no duration: write 90s, 10m, 26h or 3d")
    return int(match[1]) * _UNIT_MS[match[2]]


def _checked(text: str) -> str:
    if text != NEVER:
        milliseconds(text)
    return text


Duration = Annotated[str, AfterValidator(_checked)]


class FeedPolicy(BaseModel):
    """`feeds.yaml`. A feed is a publisher (`source`) on a topic; `never` (for `unproven_after`) waits for ever.

    A topic that is not named is never doubted: silence there counts whatever its publishers do.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    unproven_after: Duration = "3d"
    max_quiet: Mapping[str, Duration] = Field(default_factory=dict)
    sources: Mapping[str, Mapping[str, Duration]] = Field(default_factory=dict)

    def problems(self) -> Iterator[Problem]:
        """Names of topics that there are not, and waits without an end."""
        known = source_topics()
        for key, topics in (("max_quiet", self.max_quiet), ("sources", self.sources)):
            for topic in topics:
                if topic not in known:
                    fix = f"name one of {', '.join(known)}"
                    if topic == UPDATES:
                        fix += f"; clocks wait for {UPDATES} by themselves, for a minute"
                    yield Problem((key, topic), f"no source topic {topic!r}", fix)
        for topic, quiet in self.max_quiet.items():
            if quiet == NEVER:
                yield Problem(("max_quiet", topic), "a feed that may be quiet for ever is never doubted", "leave the topic out")

    @property
    def unproven_after_ms(self) -> int | None:
        """How long a silence is held at most; None: as long as its feed is away."""
        return None if self.unproven_after == NEVER else milliseconds(self.unproven_after)

    @property
    def topics_ms(self) -> dict[str, int]:
        """Longest quiet by topic."""
        return {topic: milliseconds(quiet) for topic, quiet in self.max_quiet.items()}

    @property
    def sources_ms(self) -> dict[tuple[str, str], int]:
        """Longest quiet of single publishers, by (topic, source)."""
        return {(topic, name): milliseconds(quiet) for topic, names in self.sources.items() for name, quiet in names.items()}
