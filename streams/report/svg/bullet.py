"""Observed against baseline and threshold, as a bullet bar."""

from markupsafe import Markup

from schemas.records.trigger import Evidence
from streams.report.svg.canvas import canvas
from streams.report.svg.labels import text_width
from streams.report.words import figure

WIDTH = 300
_LEFT = 62.0
_RIGHT = 250.0


def bullet(evidence: Evidence) -> Markup:
    """Two bars and a tick; empty where the rule compares no figures, or a figure is below zero."""
    pairs = (("observed", "now", evidence.observed), ("baseline", "was", evidence.baseline))
    rows = [(word, css, value) for word, css, value in pairs if value is not None]
    known = [value for _, _, value in rows] + ([evidence.threshold] if evidence.threshold is not None else [])
    if evidence.observed is None or len(known) < 2 or min(known) < 0 or max(known) <= 0:
        return Markup("")
    per = (_RIGHT - _LEFT) / max(known)
    height = len(rows) * 17 + 15
    mark = _LEFT + evidence.threshold * per if evidence.threshold is not None else -1.0
    out = [
        f'<text class="lane" x="0" y="{index * 17 + 12}">{word}</text>'
        f'<rect class="bl {css}" x="{_LEFT}" y="{index * 17 + 3}" width="{round(max(1.0, value * per), 1)}" height="11" rx="1.5"/>'
        f'<text class="lb" x="{_beside(_LEFT + value * per, mark, figure(value))}" y="{index * 17 + 12}">{figure(value)}</text>'
        for index, (word, css, value) in enumerate(rows)
    ]
    if evidence.threshold is not None:
        x = round(_LEFT + evidence.threshold * per, 1)
        anchor = " end" if x > 190 else " mid" if x > 110 else ""
        words = f"threshold {figure(evidence.threshold)}"
        out.append(f'<path class="due line" d="M{x} 0V{height - 12}"/><text class="ax{anchor}" x="{x}" y="{height - 2}">{words}</text>')
    words = f"observed {figure(evidence.observed)}" + (f", baseline {figure(evidence.baseline)}" if evidence.baseline is not None else "")
    return canvas("bullet", (WIDTH, height), words, "".join(out))


def _beside(end: float, mark: float, text: str) -> float:
    """Where a value is written: right of its bar, or of the threshold if that would run through it."""
    start = end + 6
    return round(mark + 5 if end < mark < start + text_width(text) + 3 else start, 1)
