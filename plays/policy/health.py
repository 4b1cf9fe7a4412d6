"""How healthy an account is: indicators over measures, their weights by segment, the bands of the score."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from plays.problem import Problem
from plays.rules.measures import MEASURES
from plays.rules.parts import Bound

HEALTHY, AT_RISK, CRITICAL = BANDS = ("healthy", "at_risk", "critical")
"""The bands, best first."""

Weight = Annotated[int, Field(ge=1, le=100)]
Value = float | bool | str | None


class Indicator(BaseModel):
    """100 points where the measure is within `healthy`, 50 within `at_risk`, else 0; with `points` the measure counts points itself.

    `usage` marks indicators of use: falls that come from them are another matter than bad words. Before day `from_day` of the
    account (day 0 is that of its creation, else of the first we heard) there is no data: what has only begun is not absent.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    measure: str
    healthy: Bound | None = None
    at_risk: Bound | None = None
    points: bool = False
    usage: bool = False
    from_day: Annotated[int, Field(ge=0, le=400)] = 0

    def problems(self) -> Iterator[Problem]:
        """What is wrong although each field by itself is right."""
        if self.measure not in MEASURES:
            yield Problem(("measure",), f"no measure {self.measure!r}", f"use one of {', '.join(sorted(MEASURES))}")
        if self.measure.startswith("health_"):
            yield Problem(("measure",), "health cannot rest on itself", "use another measure")
        if self.points == (self.healthy is not None) or (self.healthy is None) != (self.at_risk is None):
            yield Problem((), "how the measure becomes points is not clear", "give `healthy` and `at_risk`, or `points: true`")
        for name in ("healthy", "at_risk"):
            bound: Bound | None = getattr(self, name)
            for problem in bound.problems() if bound is not None else ():
                yield Problem((name, *problem.loc), problem.what, problem.fix)

    def points_of(self, value: Value) -> float | None:
        """0 to 100; None where the measure is not known."""
        if value is None:
            return None
        if self.healthy is None or self.at_risk is None:
            return min(max(float(value), 0.0), 100.0) if not isinstance(value, str) else None
        return 100.0 if self.healthy.holds(value) else 50.0 if self.at_risk.holds(value) else 0.0


class Levels(BaseModel):
    """Least score of the bands above critical."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    healthy: Annotated[float, Field(gt=0, le=100)] = 70
    at_risk: Annotated[float, Field(gt=0, le=100)] = 40

    def band(self, score: float) -> str:
        """The band of a score from 0 to 100."""
        return HEALTHY if score >= self.healthy else AT_RISK if score >= self.at_risk else CRITICAL


class HealthPolicy(BaseModel):
    """`health.yaml`. `by_segment` names a set of weights for segments; the most specific segment of an account that has one wins."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bands: Levels = Levels()
    indicators: Annotated[Mapping[str, Indicator], Field(min_length=1)]
    weights: Annotated[Mapping[str, Mapping[str, Weight]], Field(min_length=1)]
    by_segment: Annotated[Mapping[str, str], Field(min_length=1)]

    def problems(self) -> Iterator[Problem]:
        """What is wrong although each field by itself is right."""
        if self.bands.at_risk >= self.bands.healthy:
            yield Problem(("bands", "at_risk"), "at risk begins at or above healthy", "make `at_risk` smaller than `healthy`")
        for name, indicator in self.indicators.items():
            for problem in indicator.problems():
                yield Problem(("indicators", name, *problem.loc), problem.what, problem.fix)
        for name, weights in self.weights.items():
            for indicator_name in weights:
                if indicator_name not in self.indicators:
                    fix = f"use one of {', '.join(self.indicators)}"
                    yield Problem(("weights", name, indicator_name), f"no indicator {indicator_name!r}", fix)
            if sum(weights.values()) != 100:
                yield Problem(("weights", name), f"the weights add up to {sum(weights.values())}", "make them add up to 100")
        for segment, name in self.by_segment.items():
            if name not in self.weights:
                yield Problem(("by_segment", segment), f"no weights {name!r}", f"use one of {', '.join(self.weights)}")

    def segment_problems(self, segments: Iterable[str]) -> Iterator[Problem]:
        """Names of segments that the tree does not have, and accounts that no set of weights is for."""
        known = tuple(segments)
        for segment in self.by_segment:
            if segment not in known:
                yield Problem(("by_segment", segment), f"no segment {segment!r}", f"use one of {', '.join(known)}")
        if known[0] not in self.by_segment:
            yield Problem(("by_segment",), "some accounts have no weights", f"name a set for {known[0]}")

    def set_for(self, path: tuple[str, ...]) -> str:
        """Name of the weights for accounts on this segment path."""
        return next(self.by_segment[segment] for segment in reversed(path) if segment in self.by_segment)
