"""Daily usage: bars per day, paler on weekends, and the mean of the last seven days as a line."""

from collections.abc import Mapping

from streams.report.calendar import is_weekend
from streams.report.svg.scale import TimeScale, ceiling
from streams.report.words import grouped

_MAX_BARS = 400  # beyond, several days share a bar: there are not more pixels


def weekends(scale: TimeScale, top: float, height: float) -> str:
    """Shading of Saturdays and Sundays; nothing where a day is too narrow to be seen."""
    if scale.day_width < 2:
        return ""
    width = round(scale.day_width, 2)
    path = [f"M{scale.x_day(day)} {top}h{width}v{height}h-{width}z" for day in range(scale.first_day, scale.last_day) if is_weekend(day)]
    return f'<path class="we" d="{"".join(path)}"/>'


def usage_panel(usage: Mapping[int, int], scale: TimeScale, top: float, height: float) -> str:
    """Bars, mean line and a value axis. `usage`: day number -> uses."""
    days = range(scale.first_day, scale.last_day)
    counts = [usage.get(day, 0) for day in days]
    high = ceiling(max(counts, default=0))
    base = top + height
    per = height / high
    axis = "".join(
        f'<path class="grid" d="M{scale.left} {round(base - value * per, 1)}H{scale.right}"/>'
        f'<text class="ax end" x="{scale.left - 6}" y="{round(base - value * per + 3.5, 1)}">{grouped(value)}</text>'
        for value in (high // 2, high)
    )
    weekday, weekend = _bars(counts, scale, base, per)
    line = mean_line(counts, scale, base, per)
    return f'{axis}<path class="bar" d="{weekday}"/><path class="bar off" d="{weekend}"/><path class="mean" d="{line}"/>'


def _bars(counts: list[int], scale: TimeScale, base: float, per: float) -> tuple[str, str]:
    """Closed outlines of weekday and weekend bars. Long windows: one bar for several days, at their mean."""
    share = -(-len(counts) // _MAX_BARS)
    width = round(scale.day_width * share * 0.72, 1)
    inset = scale.day_width * share * 0.14
    paths: tuple[list[str], list[str]] = ([], [])
    for index in range(0, len(counts), share):
        chunk = counts[index : index + share]
        tall = round(sum(chunk) / len(chunk) * per, 1)
        if tall:
            day = scale.first_day + index
            off = share == 1 and is_weekend(day)
            paths[off].append(f"M{round(scale.x_day(day) + inset, 1)} {round(base, 1)}v-{tall}h{width}v{tall}")
    return "".join(paths[0]), "".join(paths[1])


def mean_line(counts: list[int], scale: TimeScale, base: float, per: float) -> str:
    """Mean of the seven days up to and with each day, drawn at the day's end; starts with the first whole week of use."""
    points: list[str] = []
    step = max(1, len(counts) // _MAX_BARS)
    first = next((index for index, count in enumerate(counts) if count), len(counts))
    total = sum(counts[first : first + 6])
    for index in range(first + 6, len(counts)):
        total += counts[index] - (counts[index - 7] if index >= first + 7 else 0)
        if index % step == 0 or index == len(counts) - 1:
            points.append(f"{scale.x_day(scale.first_day + index + 1)} {round(base - total / 7 * per, 1)}")
    return "M" + "L".join(points) if points else ""
