"""Fires when the first of several conditions becomes true."""

from typing import Literal

from plays.rules.detectors.parameters import CompositeParameters


class AnyOfParameters(CompositeParameters):
    """One of the parts holds: judged at events that may change a part, and at day closes where a measure goes by days.

    The episode begins at that moment and ends with the first judgement at which none holds.
    """

    kind: Literal["any_of"]
