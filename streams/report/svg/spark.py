"""Sparklines: weekly rhythm smoothed away, launches as dots under the line."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from streams.report.calendar import LocalTime
from streams.report.runs import Run
from streams.report.svg.canvas import canvas
from streams.report.svg.scale import TimeScale

_POINTS = 60


def spark(usage: Mapping[int, int], clock: LocalTime, runs: Sequence[Run], window_ms: tuple[int, int], size: tuple[int, int]) -> Markup:
    """Seven-day mean of usage against its own maximum; dots are launches, by priority; rings are launches that breached."""
    width, height = size
    scale = TimeScale(clock.local_ms(window_ms[0]), clock.local_ms(window_ms[1]), 2, width - 2)
    floor = height - (10 if runs else 3)
    line = _line(usage, scale, floor, floor - 3)
    dots = "".join(
        f'<circle class="{"ring red" if run.breached else "f " + run.priority.lower()}" '
        f'cx="{scale.x(clock.local_ms(run.start_ms))}" cy="{height - 4}" r="2.7"/>'
        for run in runs
    )
    fill = f'<path class="under" d="{line}V{floor}H{line[1:].split(" ")[0]}z"/>' if line else ""
    return canvas("spark", (width, height), "", f'{fill}<path class="mean" d="{line}"/>{dots}')


def _line(usage: Mapping[int, int], scale: TimeScale, floor: float, room: float) -> str:
    counts = [usage.get(day, 0) for day in range(scale.first_day, scale.last_day)]
    if len(counts) < 8 or not any(counts):
        return ""
    means = [sum(counts[max(0, index - 6) : index + 1]) / 7 for index in range(len(counts))]
    high = max(means[6:]) or 1
    step = max(1, len(counts) // _POINTS)
    kept = sorted({*range(6, len(counts), step), len(counts) - 1})
    return "M" + "L".join(f"{scale.x_day(scale.first_day + index + 1)} {round(floor - means[index] / high * room, 1)}" for index in kept)
