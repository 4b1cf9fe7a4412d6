"""The quarterly review as a table for people."""

from rich.table import Table

from plays.outcomes.review import Review, Share


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


def _share(share: Share) -> str:
    return "-" if share.value is None else f"{share.value:.0%} of {share.whole:,}"
