"""Triggers as flags at the moment they fired, with the levels an adoption rule compared drawn into the usage."""

from collections.abc import Mapping, Sequence

from markupsafe import escape

from schemas.records.trigger import Trigger, Window
from streams.report.calendar import DAY_MS, LocalTime
from streams.report.svg.labels import Rows, text_width
from streams.report.svg.scale import TimeScale
from streams.report.words import figure, moment_words

ROW = 17.0


def flags(triggers: Sequence[Trigger], clock: LocalTime, scale: TimeScale, top: float, pole_top: float) -> tuple[str, float]:
    """Flags in as many rows as they need; poles reach up to `pole_top`. Returns the SVG and its height."""
    rows = Rows(gap=3)
    poles: list[str] = []
    out: list[str] = []
    for trigger in sorted(triggers, key=lambda t: (t.time, t.trigger_id)):
        x = scale.x(clock.local(trigger.time))
        width = round(text_width(trigger.rule, 9.5) + 10, 1)
        left = min(x, scale.right - width + 14)
        row = rows.place(left, left + width)
        y = top + row * ROW + 2
        poles.append(f"M{x} {pole_top}V{y + 13}")
        title = f"{moment_words(clock.local(trigger.time))} · {trigger.rule} · {trigger.priority} · {trigger.evidence.summary}"
        out.append(
            f'<g class="flag {trigger.priority.lower()}{" past" if trigger.historical else ""}"><title>{escape(title)}</title>'
            f'<rect x="{left}" y="{y}" width="{width}" height="13" rx="2"/>'
            f'<text x="{round(left + width / 2, 1)}" y="{y + 9.8}">{escape(trigger.rule)}</text></g>'
        )
    height = max(1, rows.count) * ROW + 2
    return f'<path class="pole" d="{"".join(poles)}"/>{"".join(out)}', height


def compared_levels(
    triggers: Sequence[Trigger], usage: Mapping[int, int], clock: LocalTime, scale: TimeScale, axis: tuple[float, float]
) -> str:
    """Mean daily usage over the baseline and the observed window of adoption rules, as two steps.

    `axis`: y of zero, units per use.
    """
    base, per = axis
    out: list[str] = []
    for trigger in triggers:
        evidence = trigger.evidence
        if trigger.concern != "adoption" or evidence.window is None or evidence.baseline_window is None:
            continue
        for css, window, word in (("was", evidence.baseline_window, "before"), ("now", evidence.window, "after")):
            first, last = _days(window, clock)
            if last <= scale.first_day or first >= scale.last_day or last <= first:
                continue
            mean = sum(usage.get(day, 0) for day in range(first, last)) / (last - first)
            y = round(base - mean * per, 1)
            title = f"{trigger.rule}: {figure(mean)} uses a day {word}"
            out.append(f'<path class="lv {css}" d="M{scale.x_day(first)} {y}H{scale.x_day(last)}"><title>{escape(title)}</title></path>')
    return "".join(out)


def _days(window: Window, clock: LocalTime) -> tuple[int, int]:
    return clock.local(window.start) // DAY_MS, clock.local(window.end) // DAY_MS
