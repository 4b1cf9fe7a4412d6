"""The timeline of one account: usage, tickets, billing, people, triggers and runs on one axis of local time."""

from collections.abc import Sequence

from markupsafe import Markup

from schemas.records.trigger import Trigger
from streams.report.accounts import Account
from streams.report.runs import Run
from streams.report.svg.canvas import canvas
from streams.report.svg.flags import compared_levels, flags
from streams.report.svg.marks import labelled_lane, lane_marks, ticket_lane
from streams.report.svg.runbars import run_bars
from streams.report.svg.scale import TimeScale, ceiling, month_lines
from streams.report.svg.usage import usage_panel, weekends
from streams.report.words import plural

WIDTH = 1080
LEFT = 78.0
RIGHT = 1060.0
USAGE_TOP = 26.0
USAGE_HEIGHT = 104.0


def timeline(account: Account, triggers: Sequence[Trigger], runs: Sequence[Run], window_ms: tuple[int, int]) -> Markup:
    """The whole drawing. `window_ms`: UTC `[start, end)`; the end is where open runs end."""
    clock = account.clock
    scale = TimeScale(clock.local_ms(window_ms[0]), clock.local_ms(window_ms[1]), LEFT, RIGHT)
    base = USAGE_TOP + USAGE_HEIGHT
    high = ceiling(max((count for day, count in account.usage.items() if scale.first_day <= day < scale.last_day), default=0))
    y = base + 8
    body: list[str] = []
    tickets, height = ticket_lane(lane_marks(account.marks, "tickets", clock, scale), scale, y)
    body.append(_lane("Tickets", y, height) + tickets)
    y += height + 4
    for lane, word in (("billing", "Billing"), ("people", "People")):
        marks = lane_marks(account.marks, lane, clock, scale)  # type: ignore[arg-type]
        body.append(_lane(word, y, 18) + labelled_lane(marks, scale, y + 9))
        y += 22
    raised, height = flags(triggers, clock, scale, y, USAGE_TOP)
    body.append(_lane("Triggers", y, 17) + raised)
    y += height + 4
    bars, height = run_bars(runs, window_ms[1], clock, scale, y)
    body.append(_lane("Plays", y, 21) + bars)
    y += height
    counts = ",".join(str(account.usage.get(day, 0)) for day in range(scale.first_day, scale.last_day))
    words = (
        f"Timeline of {account.name}: daily usage, {plural(len(triggers), 'trigger')}, {plural(len(runs), 'play')}. "
        "The same facts are in words below."
    )
    levels = compared_levels(triggers, account.usage, clock, scale, (base, USAGE_HEIGHT / high))
    drawn = (
        f"{weekends(scale, USAGE_TOP, round(y - USAGE_TOP, 1))}{month_lines(scale, y)}"
        f"{_lane('Uses a day', base - 18, 20)}{usage_panel(account.usage, scale, USAGE_TOP, USAGE_HEIGHT)}{levels}"
        f'<path class="base" d="M{LEFT} {base}H{RIGHT}"/>{"".join(body)}<path class="cross" d="M0 {USAGE_TOP}V{round(y, 1)}"/>'
    )
    data = f' data-first="{scale.first_day}" data-left="{LEFT}" data-right="{RIGHT}" data-uses="{counts}"'
    return canvas("tl", (WIDTH, y), words, drawn, data)


def _lane(word: str, top: float, height: float) -> str:
    return f'<text class="lane" x="0" y="{round(top + height / 2 + 4, 1)}">{word}</text>'
