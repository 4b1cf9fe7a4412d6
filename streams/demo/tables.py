"""The end of the demonstration on a terminal."""

from collections.abc import Sequence
from datetime import datetime

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from schemas.records.play_message import PlayMessage
from streams.demo.outcome import Outcome
from streams.demo.picture import scores
from streams.report.data import RuleLine, Score


def launches_table(messages: Sequence[PlayMessage], rows: int) -> RenderableType:
    """The latest launches: account, why, owner, deadline. Times are UTC."""
    launched = [message for message in messages if message.kind == "launched"]
    shown = sorted(launched, key=lambda message: (message.time, message.run_id))[-rows:]
    table = Table(title=f"Play launches: the last {len(shown)} of {len(launched):,}", title_justify="left", header_style="bold")
    table.add_column("launched", no_wrap=True)
    table.add_column("account", ratio=3, min_width=10)
    table.add_column("rule", no_wrap=True)
    table.add_column("why", ratio=5, min_width=12)
    table.add_column("owner", ratio=2, min_width=8)
    table.add_column("act by", no_wrap=True)
    for message in shown:
        urgent = "bold red" if message.priority == "P1" else ""
        table.add_row(
            _time(message.time),
            message.account_name or message.account_id,
            Text(message.rules[0], style=urgent),
            Text(message.why),
            message.owner.name,
            _time(message.clocks.act_by),
        )
    return table


def rules_table(outcome: Outcome, rules: Sequence[RuleLine]) -> RenderableType:
    """Per rule, by concern: triggers, the launches they led to, and how often it spoke of healthy accounts."""
    table = Table(title="Rules", title_justify="left", header_style="bold")
    for name in ("concern", "rule", "title"):
        table.add_column(name)
    for name in ("triggers", "accounts", "launches", "per healthy account and month"):
        table.add_column(name, justify="right")
    concern = ""
    for rule in sorted(rules, key=lambda rule: (rule.concern, rule.id)):
        fired = outcome.triggers_by_rule.get(rule.id, 0)
        table.add_row(
            rule.concern if rule.concern != concern else "",
            rule.id,
            rule.title,
            f"{fired:,}" if fired else Text("silent", style="bold red"),
            f"{outcome.accounts_by_rule.get(rule.id, 0):,}",
            f"{outcome.launches_by_rule.get(rule.id, 0):,}",
            f"{outcome.noise_of(rule.id):.3f}",
        )
        concern = rule.concern
    return table


def figures(outcome: Outcome) -> RenderableType:
    """Measures against their bars, and what became of the runs."""
    life = ", ".join(f"{count:,} {kind.replace('_', ' ')}" for kind, count in outcome.messages_by_kind.items())
    codes = ", ".join(f"{count:,} {code}" for code, count in outcome.closure_codes.items())
    lines: list[RenderableType] = [_score(score) for score in scores(outcome)]
    return Group(*lines, Text(f"Messages: {life}"), Text(f"Closed with: {codes}"))


def _score(score: Score) -> Text:
    mark = {True: ("✓ ", "green"), False: ("✗ ", "bold red"), None: ("  ", "")}[score.passed]
    detail = f"  {score.detail}" if score.detail else ""
    return Text.assemble(mark, f"{score.label}: ", (score.value, "bold"), f" (bar: {score.bar})", (detail, "dim"))


def _time(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment:%m-%d %H:%M}"
