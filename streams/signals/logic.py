"""The logic of each kind of detector."""

from collections.abc import Mapping

from streams.signals.detector import Detector
from streams.signals.detectors.absence import AbsenceDetector
from streams.signals.detectors.achievement import AchievementDetector
from streams.signals.detectors.all_of import AllOfDetector
from streams.signals.detectors.anniversary import AnniversaryDetector
from streams.signals.detectors.any_of import AnyOfDetector
from streams.signals.detectors.change import ChangeDetector
from streams.signals.detectors.checkpoint import CheckpointDetector
from streams.signals.detectors.count import CountDetector
from streams.signals.detectors.drop import DropDetector
from streams.signals.detectors.due import DueDetector
from streams.signals.detectors.event import EventDetector
from streams.signals.detectors.milestone import MilestoneDetector
from streams.signals.detectors.overdue import OverdueDetector
from streams.signals.detectors.silence import SilenceDetector
from streams.signals.detectors.spike import SpikeDetector
from streams.signals.detectors.threshold import ThresholdDetector

LOGIC: Mapping[str, type[Detector]] = {
    "absence": AbsenceDetector,
    "achievement": AchievementDetector,
    "all_of": AllOfDetector,
    "anniversary": AnniversaryDetector,
    "any_of": AnyOfDetector,
    "change": ChangeDetector,
    "checkpoint": CheckpointDetector,
    "count": CountDetector,
    "drop": DropDetector,
    "due": DueDetector,
    "event": EventDetector,
    "milestone": MilestoneDetector,
    "overdue": OverdueDetector,
    "silence": SilenceDetector,
    "spike": SpikeDetector,
    "threshold": ThresholdDetector,
}
