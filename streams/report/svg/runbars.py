"""Runs as bars from launch to closure, with deadlines, warnings, breaches and escalations where they happened."""

from collections.abc import Sequence

from markupsafe import Markup, escape

from schemas.records.play_message import PlayMessage
from streams.report.calendar import LocalTime
from streams.report.runs import Run
from streams.report.svg.labels import Rows, text_width
from streams.report.svg.scale import TimeScale
from streams.report.words import moment_words, spaced

ROW = 21.0
_BAR = 7.0
_APART = 3.0  # units below which a mark would sit on the launch itself; the gauges below show it enlarged


def run_bars(runs: Sequence[Run], now_ms: int, clock: LocalTime, scale: TimeScale, top: float) -> tuple[str, float]:
    """One bar per run, packed into rows with their labels. Returns the SVG and its height."""
    rows = Rows(gap=10)
    out: list[str] = []
    for run in runs:
        x0 = scale.x(clock.local_ms(run.start_ms))
        x1 = max(x0 + 3, scale.x(clock.local_ms(run.end_ms if run.end_ms is not None else now_ms)))
        ends = [x1] + [scale.x(clock.local_ms(story.deadline_ms)) for story in run.clocks if run.is_open]
        label = f"{run.priority} {spaced(run.first.play)} · {run.owner.name}"
        width = text_width(label)
        reach = max(ends) + 7
        on_right = reach + width <= scale.right + 16
        start, end = (x0, reach + width) if on_right else (min(x0, max(scale.left, x0 - 8 - width)), max(ends))
        y = top + rows.place(start, end) * ROW + 10
        css, at = ("lb", reach) if on_right else ("lb end", x0 - 6)
        text = f'<text class="{css}" x="{round(at, 1)}" y="{round(y + 3.4, 1)}">{escape(label)}</text>'
        out.append(f'<a href="#run-{escape(run.run_id)}">{_bar(run, (x0, x1, y), clock, scale)}{text}</a>')
    return "".join(out), max(1, rows.count) * ROW + 4


def _bar(run: Run, place: tuple[float, float, float], clock: LocalTime, scale: TimeScale) -> str:
    """`place`: x of the launch, x of the end, y of the middle."""
    x0, x1, y = place
    css = run.priority.lower()
    top = y - _BAR / 2
    held = scale.x(clock.local_ms(run.acknowledged_ms)) if run.acknowledged_ms is not None else x1
    parts = [
        (
            f'<g class="run {css}"><title>{_title(run, clock)}</title>'
            f'<rect class="wait" x="{x0}" y="{top}" width="{round(x1 - x0, 1)}" height="{_BAR}" rx="2"/>'
        )
    ]
    if held < x1:
        parts.append(f'<rect class="work" x="{held}" y="{top}" width="{round(x1 - held, 1)}" height="{_BAR}" rx="2"/>')
    parts.append("</g>")
    for story in run.clocks:
        x = scale.x(clock.local_ms(story.deadline_ms))
        if story.verdict == "missed":
            until = scale.x(clock.local_ms(story.stopped_ms)) if story.stopped_ms is not None else x1
            parts.append(f'<path class="late" d="M{x} {y + _BAR / 2 + 1.6}H{max(x + 4, until)}"/>')
        if x - x0 >= _APART and x < scale.right and (x <= x1 or run.is_open):
            verdict = {"met": "met", "missed": "missed", "running": "still running", "dropped": "dropped"}[story.verdict]
            words = f"{story.clock} by {moment_words(clock.local_ms(story.deadline_ms))}: {verdict}"
            if x > x1:
                parts.append(f'<path class="ahead" d="M{x1} {y}H{x}"/>')
            parts.append(f'<path class="due {story.verdict}" d="M{x} {y - 7}V{y + 7}"><title>{words}</title></path>')
    parts.extend(_happened(message, x0, y, clock, scale) for message in run.messages)
    if run.end_ms is not None:
        parts.append(f'<circle class="cap {css}" cx="{x1}" cy="{y}" r="3.4"/>')
    return "".join(parts)


def _happened(message: PlayMessage, x0: float, y: float, clock: LocalTime, scale: TimeScale) -> str:
    local = clock.local(message.time)
    x = scale.x(local)
    if x - x0 < _APART:
        return ""
    if message.kind == "sla_warning":
        title = f"{message.percent} % of the time to {message.clock} used, {moment_words(local)}"
        return f'<circle class="warn" cx="{x}" cy="{y}" r="1.7"><title>{title}</title></circle>'
    if message.kind == "sla_breach":
        title = f"Time to {message.clock} ran out {moment_words(local)}"
        return f'<path class="ln red" d="M{x - 3.4} {y - 3.4}l6.8 6.8m0-6.8l-6.8 6.8"><title>{title}</title></path>'
    if message.kind == "escalated":
        title = escape(f"Escalated to {message.owner.name} ({spaced(message.owner.role)}), {moment_words(local)}")
        return f'<path class="f red" d="M{x} {y - 13}l4 6.5h-8z"><title>{title}</title></path>'
    return ""


def _title(run: Run, clock: LocalTime) -> Markup:
    began = moment_words(clock.local_ms(run.start_ms))
    ended = f"closed {moment_words(clock.local_ms(run.end_ms))}" if run.end_ms is not None else "still open"
    if run.cancelled:
        ended = ended.replace("closed", "cancelled")
    code = f" ({spaced(run.code)})" if run.code else ""
    return escape(f"{run.priority} {spaced(run.first.play)}, launched {began}, {ended}{code}. Owner {run.owner.name}.")
