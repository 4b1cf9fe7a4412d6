"""The closed set of detector kinds."""

from typing import Annotated

from pydantic import Field

from plays.rules.detectors.absence import AbsenceParameters
from plays.rules.detectors.achievement import AchievementParameters
from plays.rules.detectors.all_of import AllOfParameters
from plays.rules.detectors.anniversary import AnniversaryParameters
from plays.rules.detectors.any_of import AnyOfParameters
from plays.rules.detectors.change import ChangeParameters
from plays.rules.detectors.checkpoint import CheckpointParameters
from plays.rules.detectors.count import CountParameters
from plays.rules.detectors.drop import DropParameters
from plays.rules.detectors.due import DueParameters
from plays.rules.detectors.event import EventParameters
from plays.rules.detectors.milestone import MilestoneParameters
from plays.rules.detectors.overdue import OverdueParameters
from plays.rules.detectors.silence import SilenceParameters
from plays.rules.detectors.spike import SpikeParameters
from plays.rules.detectors.threshold import ThresholdParameters

AnyParameters = Annotated[
    EventParameters
    | CountParameters
    | SpikeParameters
    | DropParameters
    | ThresholdParameters
    | AbsenceParameters
    | MilestoneParameters
    | CheckpointParameters
    | ChangeParameters
    | DueParameters
    | OverdueParameters
    | SilenceParameters
    | AllOfParameters
    | AnyOfParameters
    | AnniversaryParameters
    | AchievementParameters,
    Field(discriminator="kind"),
]
