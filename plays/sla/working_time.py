"""Business time. The seam where calendars will come in: nothing else knows how long a business day is."""

DAY_MS = 86_400_000


def add_business_days(start_ms: int, days: int) -> int:
    """The moment `days` business days after `start_ms` (ms since the epoch, UTC).

    Elapsed time for now: a business day counts as 24 h x 7/5, the share of a whole week that one of its five working
    days stands for, so 5bd are exactly seven days. Rounded down to the millisecond.
    """
    return start_ms + days * DAY_MS * 7 // 5
