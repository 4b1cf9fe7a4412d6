"""The measures of an account that rules may speak of: name, unit, meaning. How each is taken is in `streams/signals/measures`."""

from collections.abc import Mapping
from typing import NamedTuple


class MeasureKind(NamedTuple):
    """What a measure says. A unit of "word" or "yes/no" is compared with `equals`."""

    unit: str
    meaning: str


MEASURES: Mapping[str, MeasureKind] = {
    "active_users_7d": MeasureKind("users", "distinct people with human usage in the last seven complete days"),
    "onboarding_open": MeasureKind("yes/no", "the account was created or handed over, and its onboarding is not completed"),
}
