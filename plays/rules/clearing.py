"""Whether the episodes of a rule end by themselves: by what happens, or by what does not, with nobody saying so."""

from plays.rules.detectors.all_of import AllOfParameters
from plays.rules.detectors.any_of import AnyOfParameters
from plays.rules.detectors.drop import DropParameters
from plays.rules.detectors.due import DueParameters
from plays.rules.detectors.event import EventParameters
from plays.rules.detectors.milestone import MilestoneParameters
from plays.rules.detectors.threshold import ThresholdParameters
from plays.rules.rule import Rule

_CONDITIONS = (AllOfParameters, AnyOfParameters, DropParameters, DueParameters, MilestoneParameters, ThresholdParameters)


def clears_by_itself(rule: Rule) -> bool:
    """Whether signals can say that an episode of this rule is over."""
    detector = rule.detector
    if isinstance(detector, EventParameters):
        return bool(detector.ended_by)
    return isinstance(detector, _CONDITIONS)
