"""Numbers, dates and durations as people read them."""

from streams.report.calendar import DAY_MS, HOUR_MS, day_date

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def grouped(number: int) -> str:
    """12345 -> `12,345`."""
    return f"{number:,}"


def figure(value: float) -> str:
    """A measured value with no more digits than it deserves."""
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    magnitude = abs(value)
    return f"{value:,.0f}" if magnitude >= 100 else f"{value:.1f}" if magnitude >= 10 else f"{value:.2f}"


def percent(part: int, whole: int) -> str:
    """Rounded down, so that `100 %` means all of them; a dash for nothing."""
    return f"{part * 100 // whole} %" if whole else "-"


def plural(count: int, noun: str, many: str | None = None) -> str:
    """`1 ticket`, `2 tickets`."""
    return f"{grouped(count)} {noun if count == 1 else many or noun + 's'}"


def small(count: int) -> str:
    """`three`, `12`."""
    return _SMALL[count] if 0 <= count < len(_SMALL) else grouped(count)


def spaced(name: str) -> str:
    """`support_lead` -> `support lead`."""
    return name.replace("_", " ")


def role_words(name: str) -> str:
    """`csm+account_executive` -> `CSM and account executive`."""
    return " and ".join(spaced(part).replace("csm", "CSM").replace("cs lead", "CS lead") for part in name.split("+"))


def day_words(local_ms: int) -> str:
    """`12 May`."""
    when = day_date(local_ms // DAY_MS)
    return f"{when.day} {MONTHS[when.month - 1]}"


def long_day(day: int) -> str:
    """`Tue 12 May 2026` of a day number."""
    when = day_date(day)
    return f"{WEEKDAYS[when.weekday()]} {when.day} {MONTHS[when.month - 1]} {when.year}"


def moment_words(local_ms: int) -> str:
    """`12 May 14:05`."""
    minutes = local_ms % DAY_MS // 60_000
    return f"{day_words(local_ms)} {minutes // 60:02d}:{minutes % 60:02d}"


def duration(ms: int) -> str:
    """The two largest units: `3 d 4 h`, `1 h 30 min`, `45 s`."""
    seconds = abs(ms) // 1000
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, left = divmod(rest, 60)
    if days:
        return f"{days} d {hours} h" if hours and days < 10 else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    if minutes:
        return f"{minutes} min"
    return f"{left} s"


def span_words(start_ms: int, end_ms: int) -> str:
    """A half-open window: by dates when it lies on local midnights (last day included), else by moments."""
    if start_ms % DAY_MS == 0 and end_ms % DAY_MS == 0 and end_ms > start_ms:
        days = (end_ms - start_ms) // DAY_MS
        last = day_words(end_ms - HOUR_MS)
        first = day_words(start_ms)
        return f"{first} ({plural(days, 'day')})" if days == 1 else f"{first} to {last} ({days} days)"
    return f"{moment_words(start_ms)} to {moment_words(end_ms)} ({duration(end_ms - start_ms)})"
