"""The quarterly review as a table for people."""

from rich.table import Table

from plays.outcomes.measures import By, Measures, Spans
from plays.outcomes.review import Review
from plays.outcomes.share import Share


def review_table(one: Review) -> Table:
    """One row a playbook, and one over all of them."""
    so_far = "" if one.complete else ", as far as the records go"
    table = Table(title=f"Playbooks in {one.quarter}{so_far}", title_justify="left")
    table.add_column("play", no_wrap=True)
    for name in ("fired", "joined", "open", "steps done", "accounts", "stayed", f"after {one.days} days"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("closed as")
    for play in (*one.plays, one.total):
        if play is one.total:
            table.add_section()
        table.add_row(
            play.play,
            f"{play.fired:,}",
            f"{play.joined:,}",
            f"{play.open:,}",
            _share(play.steps),
            f"{play.accounts:,}",
            _share(play.stayed),
            _share(play.stayed_days) + (f", {play.pending} pending" if play.pending else ""),
            ", ".join(f"{code} {count}" for code, count in play.codes.items()),
        )
    return table


def measures_table(one: Review, by: By) -> Table:
    """How triggers turn into actions and outcomes, and how long that takes: one row for each rule, play, segment or code."""
    table = Table(title=f"Closed runs of {one.quarter} by {by}", title_justify="left")
    table.add_column(by, no_wrap=True)
    for name in ("runs", "acted upon", "achieved", "breached", "escalated"):
        table.add_column(name, justify="right", no_wrap=True)
    for name in ("acknowledged", "acted", "closed"):
        table.add_column(f"{name} p50 / p90", justify="right", no_wrap=True)
    for group in (*one.measures[by], one.overall):
        if group is one.overall:
            table.add_section()
        table.add_row(group.name, *_cells(group))
    return table


def _cells(group: Measures) -> tuple[str, ...]:
    shares = (_share(share) for share in (group.acted, group.achieved, group.breached))
    return (f"{group.runs:,}", *shares, f"{group.escalations:,}", *map(_spans, (group.acknowledge, group.act, group.resolve)))


def _spans(spans: Spans) -> str:
    return "-" if spans.p50 is None or spans.p90 is None else f"{_span(spans.p50)} / {_span(spans.p90)}"


def _span(seconds: float) -> str:
    """With two figures: `45s`, `12m`, `3.5h`, `2.1d`."""
    for unit, size in (("d", 86_400), ("h", 3600)):
        if seconds >= 2 * size or (unit == "h" and seconds >= size):
            return f"{seconds / size:.1f}{unit}"
    return f"{seconds / 60:.0f}m" if seconds >= 60 else f"{seconds:.0f}s"


def _share(share: Share) -> str:
    return "-" if share.value is None else f"{share.value:.0%} of {share.whole:,}"
