"""The fleet by day: all usage above, every trigger of the day as a dot below."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup, escape

from schemas.records.trigger import Trigger
from streams.report.calendar import DAY_MS, epoch_ms
from streams.report.svg.canvas import canvas
from streams.report.svg.scale import TimeScale, month_lines
from streams.report.svg.usage import usage_panel, weekends
from streams.report.words import grouped, long_day, plural

WIDTH = 1080
_LEFT = 78.0
_RIGHT = 1060.0
_TOP = 26.0
_HEIGHT = 120.0
_STACK = 16


def fleet_days(usage: Mapping[int, int], triggers: Sequence[Trigger], window_ms: tuple[int, int]) -> Markup:
    """UTC days. A day with more dots than fit shows the first ones and its count."""
    scale = TimeScale(window_ms[0], window_ms[1], _LEFT, _RIGHT)
    days: dict[int, list[Trigger]] = {}
    for trigger in triggers:
        day = epoch_ms(trigger.time) // DAY_MS
        if scale.first_day <= day < scale.last_day:
            days.setdefault(day, []).append(trigger)
    tallest = max((min(len(own), _STACK) for own in days.values()), default=1)
    step = max(3.0, min(7.0, round(scale.day_width, 1)))
    top = _TOP + _HEIGHT + 12
    height = top + tallest * step + 16
    dots = "".join(_column(day, days[day], scale, top, step) for day in sorted(days))
    months = month_lines(scale, height)
    counts = ",".join(str(usage.get(day, 0)) for day in range(scale.first_day, scale.last_day))
    words = f"{grouped(sum(usage.values()))} uses and {plural(len(triggers), 'trigger')} by day"
    body = (
        f"{weekends(scale, _TOP, round(height - _TOP, 1))}{months}"
        f'<text class="lane" x="0" y="{_TOP + _HEIGHT - 4}">Uses a day</text>{usage_panel(usage, scale, _TOP, _HEIGHT)}'
        f'<path class="base" d="M{_LEFT} {_TOP + _HEIGHT}H{_RIGHT}"/><text class="lane" x="0" y="{top + 7}">Triggers</text>{dots}'
        f'<path class="cross" d="M0 {_TOP}V{round(height, 1)}"/>'
    )
    data = f' data-first="{scale.first_day}" data-left="{_LEFT}" data-right="{_RIGHT}" data-uses="{counts}"'
    return canvas("tl", (WIDTH, height), words, body, data)


def _column(day: int, own: list[Trigger], scale: TimeScale, top: float, step: float) -> str:
    x = round(scale.x_day(day) + scale.day_width / 2, 1)
    radius = round(step * 0.4, 2)
    ranked = sorted(own, key=lambda trigger: (trigger.priority, trigger.rule, trigger.trigger_id))
    rules = dict.fromkeys(trigger.rule for trigger in ranked)
    tally = ", ".join(f"{rule} {sum(trigger.rule == rule for trigger in ranked)}" for rule in rules)
    words = f"{long_day(day)} · {plural(len(own), 'trigger')}: {tally}"
    dots = "".join(
        f'<circle class="f {trigger.priority.lower()}" cx="{x}" cy="{round(top + (index + 0.5) * step, 1)}" r="{radius}"/>'
        for index, trigger in enumerate(ranked[:_STACK])
    )
    more = f'<text class="ax mid" x="{x}" y="{round(top + _STACK * step + 9, 1)}">{len(own)}</text>' if len(own) > _STACK else ""
    return f"<g><title>{escape(words)}</title>{dots}{more}</g>"
