"""Lanes of marks: tickets stacked by day, billing and people events with direct labels where there is room."""

from markupsafe import escape

from streams.report.calendar import DAY_MS, LocalTime
from streams.report.happenings import Lane, Mark
from streams.report.svg.labels import text_width
from streams.report.svg.scale import TimeScale
from streams.report.words import moment_words

SYMBOLS = """
<g id="m-p1"><circle class="hit" r="9"/><path class="f p1" d="M0-5.6 5.6 0 0 5.6-5.6 0z"/></g>
<g id="m-p2"><circle class="hit" r="9"/><circle class="f p2" r="4"/></g>
<g id="m-p3"><circle class="hit" r="9"/><circle class="ring p3" r="3.2"/></g>
<g id="m-p4"><circle class="hit" r="9"/><circle class="f p4" r="2.1"/></g>
<g id="m-up"><circle class="hit" r="9"/><path class="f p1" d="M0-5.4 5 4H-5z"/></g>
<g id="m-again"><circle class="hit" r="9"/><circle class="ring p2" r="3.4"/><path class="f p2" d="M0-3.4a3.4 3.4 0 0 1 0 6.8z"/></g>
<g id="m-good"><circle class="hit" r="9"/><path class="ln ok" d="M-3.6 0h7.2M0-3.6v7.2"/></g>
<g id="m-bad"><circle class="hit" r="9"/><path class="ln bad" d="M-3.1-3.1 3.1 3.1M3.1-3.1-3.1 3.1"/></g>
<g id="m-plain"><circle class="hit" r="9"/><circle class="f ink" r="2.6"/></g>
<g id="m-met"><circle class="hit" r="9"/><circle class="ring mut" r="2.4"/></g>
<g id="m-done"><circle class="hit" r="9"/><path class="ln mut" d="M-3 0l2.2 2.4L3-2.6"/></g>
"""

_STACK = 4
_STEP = 9.5
_ORDER = {"up": 0, "p1": 1, "p2": 2, "again": 3, "p3": 4, "p4": 5}


def lane_marks(marks: list[Mark], lane: Lane, clock: LocalTime, scale: TimeScale) -> list[tuple[int, Mark]]:
    """The lane's marks within the window, with local times, in order."""
    own = [(clock.local_ms(mark.at_ms), mark) for mark in marks if mark.lane == lane]
    return sorted(((ms, mark) for ms, mark in own if scale.start_ms <= ms < scale.end_ms), key=lambda pair: pair[0])


def ticket_lane(marks: list[tuple[int, Mark]], scale: TimeScale, top: float) -> tuple[str, float]:
    """Marks stacked per day, the gravest lowest; more than four in a day become a count. Returns the SVG and its height."""
    days: dict[int, list[tuple[int, Mark]]] = {}
    for ms, mark in marks:
        days.setdefault(ms // DAY_MS, []).append((ms, mark))
    tallest = max((min(len(day), _STACK) + (len(day) > _STACK) for day in days.values()), default=1)
    height = max(18.0, tallest * _STEP + 8)
    base = top + height - 9
    out: list[str] = []
    for day, own in days.items():
        own.sort(key=lambda pair: (_ORDER.get(pair[1].shape, 9), pair[0]))
        x = round(scale.x_day(day) + scale.day_width / 2, 1)
        for index, (ms, mark) in enumerate(own[:_STACK]):
            out.append(use(mark, x, round(base - index * _STEP, 1), ms))
        if len(own) > _STACK:
            rest = "\n".join(mark.title for _, mark in own[_STACK : _STACK + 12])
            y = round(base - _STACK * _STEP + 3, 1)
            out.append(f'<text class="ax mid" x="{x}" y="{y}">+{len(own) - _STACK}<title>{escape(rest)}</title></text>')
    return "".join(out), height


def labelled_lane(marks: list[tuple[int, Mark]], scale: TimeScale, middle: float) -> str:
    """Marks on one line. The weightiest get their words beside them, as far as there is room."""
    spots = [(scale.x(ms), ms, mark) for ms, mark in marks]
    taken = [(x - 5, x + 5) for x, _, _ in spots]
    out = [use(mark, x, middle, ms) for x, ms, mark in spots]
    for x, _, mark in sorted(spots, key=lambda spot: (-spot[2].weight, spot[0])):
        if not mark.label:
            continue
        width = text_width(mark.label)
        for start, css in ((x + 7, ""), (x - 7 - width, " end")):
            if start < scale.left or start + width > scale.right + 16:
                continue
            # Its own mark ends short of the label on either side, so touching means another one.
            if all(end <= start or begin >= start + width for begin, end in taken):
                taken.append((start, start + width + 3))
                at = round(start if not css else x - 7, 1)
                out.append(f'<text class="lb{css}" x="{at}" y="{middle + 3.5}">{escape(mark.label)}</text>')
                break
    return "".join(out)


def use(mark: Mark, x: float, y: float, local_ms: int) -> str:
    """One mark with its words as title."""
    return f'<use href="#m-{mark.shape}" x="{x}" y="{y}"><title>{moment_words(local_ms)} · {escape(mark.title)}</title></use>'
