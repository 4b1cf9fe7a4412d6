"""The first-action SLA as rules write it: `24h`, `30m`, `4bh`, `5bd`, `until day 90`, `-`."""

import re

from plays.sla.calendar import WorkingCalendar

_ELAPSED = re.compile(r"(\d{1,5})(m|h|d)", re.ASCII)
_BUSINESS = re.compile(r"(\d{1,3})(bh|bd)", re.ASCII)
_UNTIL_DAY = re.compile(r"until day (\d{1,4})", re.ASCII)
_UNIT_MS = {"m": 60_000, "h": 3_600_000, "d": 86_400_000}

NONE = "-"


class FirstActionError(ValueError):
    """The text is not a first-action SLA."""

    def __init__(self, text: str) -> None:
        super().__init__(f"first-action SLA {text!r} is not understood: write 24h, 90m, 3d, 4bh, 5bd, `until day 90` or `-` for none")


def check_first_action(text: str) -> None:
    """Raises `FirstActionError` unless the text follows the grammar."""
    if text != NONE and not any(pattern.fullmatch(text) for pattern in (_ELAPSED, _BUSINESS, _UNTIL_DAY)):
        raise FirstActionError(text)


def counts_working_time(text: str) -> bool:
    """Whether the SLA is stated in business hours or days."""
    return _BUSINESS.fullmatch(text) is not None


def first_action_due(text: str, start_ms: int, act_by_ms: int | None, calendar: WorkingCalendar) -> int | None:
    """When the first action is due, in ms since the epoch; None where the rule sets no clock (`-`).

    `4bh` are business hours and `5bd` business days of the calendar; `30m`, `24h`, `3d` are elapsed time.

    `until day N` counts back from a date only the rule knows: it is due at `act_by_ms`. Never before `start_ms`.
    Raises `FirstActionError` for other text, and for `until day N` without `act_by_ms`.
    """
    if text == NONE:
        return None
    if match := _ELAPSED.fullmatch(text):
        return start_ms + int(match[1]) * _UNIT_MS[match[2]]
    if match := _BUSINESS.fullmatch(text):
        count = int(match[1])
        return calendar.add_days(start_ms, count) if match[2] == "bd" else calendar.add(start_ms, count * _UNIT_MS["h"])
    if _UNTIL_DAY.fullmatch(text) and act_by_ms is not None:
        return max(start_ms, act_by_ms)
    raise FirstActionError(text)
