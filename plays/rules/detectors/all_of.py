"""Fires when the last of several conditions becomes true."""

from typing import Literal

from plays.rules.detectors.parameters import CompositeParameters


class AllOfParameters(CompositeParameters):
    """All parts hold at once: judged at events that may change a part, and at day closes where a measure goes by days.

    The episode begins at that moment and ends with the first judgement at which a part does not hold. Parts are looked at in
    their order and the first that fails ends the look: write the rarest first.
    """

    kind: Literal["all_of"]
