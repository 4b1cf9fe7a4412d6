"""The SLA clocks of one run, each on its own scale: launch at the left, 100 % the deadline, beyond it the time overdue.

An acknowledge clock of minutes and a resolve clock of weeks cannot share an axis; shares of their own time can.
"""

from collections.abc import Sequence

from markupsafe import Markup, escape

from streams.report.calendar import LocalTime
from streams.report.runs import ClockStory
from streams.report.svg.canvas import canvas
from streams.report.words import duration, moment_words, role_words

WIDTH = 540
_LEFT = 84.0
_FULL = 190.0  # units of 100 %
_MOST = 1.25  # overdue drawn up to 125 %, then an arrow
_ROW = 25.0


def gauges(clocks: Sequence[ClockStory], now_ms: int, clock: LocalTime) -> Markup:
    """One row per SLA clock."""
    if not clocks:
        return Markup("")
    height = 16 + len(clocks) * _ROW
    ticks = ((0.5, "50 %"), (0.8, "80 %"), (1.0, "due"))
    marks = "".join(f'<text class="ax mid" x="{_LEFT + _FULL * share}" y="9">{word}</text>' for share, word in ticks)
    lines = "".join(f'<path class="grid" d="M{_LEFT + _FULL * share} 13V{height}"/>' for share in (0.5, 0.8))
    due = f'<path class="due line" d="M{_LEFT + _FULL} 13V{height}"/>'
    rows = "".join(_row(story, now_ms, clock, 16 + index * _ROW + 11) for index, story in enumerate(clocks))
    words = "; ".join(f"{story.clock}: {verdict(story, now_ms)}" for story in clocks)
    return canvas("gauge", (WIDTH, height), words, f"{marks}{lines}{rows}{due}")


def _row(story: ClockStory, now_ms: int, clock: LocalTime, y: float) -> str:
    span = max(1, story.deadline_ms - story.start_ms)
    until = story.stopped_ms if story.stopped_ms is not None else now_ms
    share = max(0.0, (until - story.start_ms) / span)
    shown = min(share, _MOST)
    x = round(_LEFT + _FULL * min(shown, 1.0), 1)
    parts = [
        f'<text class="lane" x="0" y="{y + 3.5}">{story.clock.capitalize()}</text>',
        f'<path class="track" d="M{_LEFT} {y}H{_LEFT + _FULL}"/><path class="spent {story.verdict}" d="M{_LEFT} {y}H{x}"/>',
    ]
    if shown > 1:
        end = round(_LEFT + _FULL * shown, 1)
        parts.append(f'<path class="over" d="M{_LEFT + _FULL} {y}H{end}"/>')
        if share > _MOST:
            parts.append(f'<path class="f red" d="M{end + 7} {y}l-7-4.5v9z"/>')
    parts.extend(
        f'<circle class="warn big" cx="{_LEFT + _FULL * warned / 100}" cy="{y}" r="3"><title>Warned at {warned} %</title></circle>'
        for warned in story.warned
    )
    if story.verdict == "met":
        parts.append(f'<path class="ln ok" d="M{x - 3} {y - 0.5}l2.6 3L{x + 4} {y - 4}"/>')
    css = " red" if story.verdict == "missed" else ""
    text = round(_LEFT + _FULL * max(1.0, shown) + 14, 1)
    handed = "".join(f" ▲ {escape(owner.name)}" for _, owner in story.handed[-1:])
    due = moment_words(clock.local_ms(story.deadline_ms))
    words = "".join(f", escalated to {escape(owner.name)} ({escape(role_words(owner.role))})" for _, owner in story.handed)
    parts.append(f'<text class="lb{css}" x="{text}" y="{y + 3.5}">{verdict(story, now_ms)}{handed}<title>Due {due}{words}</title></text>')
    return "".join(parts)


def verdict(story: ClockStory, now_ms: int) -> str:
    """How the clock went, in a few words."""
    if story.verdict == "missed":
        if story.stopped_ms is None:
            return f"{duration(now_ms - story.deadline_ms)} overdue"
        return f"{duration(story.stopped_ms - story.deadline_ms)} late"
    if story.verdict == "met" and story.stopped_ms is not None:
        return f"in {duration(story.stopped_ms - story.start_ms)} of {duration(story.deadline_ms - story.start_ms)}"
    if story.verdict == "running":
        return f"{duration(story.deadline_ms - now_ms)} left"
    return "dropped with the play"
