"""`render_report`: data in, one HTML page out. Nothing is fetched, by this code or by the page."""

import base64
import hashlib
from datetime import datetime
from functools import lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from schemas.records.decision import Reason
from schemas.records.trigger import Scalar, Window
from streams.report import words
from streams.report.calendar import LocalTime
from streams.report.data import ReportData
from streams.report.glance import REASON_WORDS
from streams.report.svg.bullet import bullet
from streams.report.svg.fleet import fleet_days
from streams.report.svg.gauge import gauges
from streams.report.svg.marks import SYMBOLS
from streams.report.svg.spark import spark
from streams.report.svg.timeline import timeline
from streams.report.view import page_of

_BECAUSE = {
    "account": "named on the account",
    "pool": "chosen from the pool",
    "fallback": "fallback owner",
    "escalation": "next in the line of escalation",
    "automation": "done without a person",
}


def render_report(data: ReportData) -> str:
    """The page. Equal data give equal bytes; no clock is read. Raises what iterating `data.events` raises."""
    page = page_of(data)
    environment = _environment()
    style, script = _asset("style.css"), _asset("script.js")
    return (
        environment.get_template("report.html.j2")
        .render(
            meta=data.meta,
            page=page,
            style=style,
            script=script,
            style_hash=_csp_hash(style),
            script_hash=_csp_hash(script),
            symbols=Markup(SYMBOLS),  # noqa: S704 a constant
            fleet=fleet_days(page.usage, data.triggers, page.window_ms),
        )
        .lstrip()
    )


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("streams.report", "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals.update(bullet=bullet, gauges=gauges, spark=spark, timeline=timeline, span=_span)
    environment.filters.update(
        because=lambda reason: _BECAUSE.get(reason, reason),
        fact=_fact,
        figure=words.figure,
        grouped=words.grouped,
        moment=words.moment_words,
        plural=words.plural,
        reason=lambda reason: REASON_WORDS[Reason(reason)],
        role=words.role_words,
        seconds=_seconds,
        since=_since,
        spaced=words.spaced,
        title_case=lambda name: name.replace("-", " ").replace("_", " ").capitalize(),
    )
    return environment


@lru_cache(maxsize=4)
def _asset(name: str) -> Markup:
    loader = _environment().loader
    if loader is None:
        raise RuntimeError("the report's environment has no loader")
    return Markup(loader.get_source(_environment(), name)[0])  # noqa: S704 a file of this package


def _csp_hash(text: str) -> str:
    """SHA-256 of an inline element's text, as Content-Security-Policy names it."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _span(clock: LocalTime, window: Window) -> str:
    return words.span_words(clock.local(window.start), clock.local(window.end))


def _since(episode: str, clock: LocalTime) -> str:
    """When the condition began, in the account's time; an episode that is not a date is shown as it is."""
    try:
        return words.moment_words(clock.local(datetime.fromisoformat(episode)))
    except ValueError:
        return episode


def _fact(value: Scalar) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "unknown"
    return words.figure(value) if isinstance(value, int | float) else value


def _seconds(value: float) -> str:
    return f"{value:.1f} s" if value < 120 else words.duration(int(value * 1000))
