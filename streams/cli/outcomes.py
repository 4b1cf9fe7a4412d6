"""`playcall outcomes`: what became of the plays that were launched."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from plays.loading.errors import ConfigError
from plays.loading.reports import load_reports
from plays.loading.rules import LIBRARY
from plays.outcomes.measures import BYS, By
from plays.outcomes.quarter import Quarter, QuarterError
from plays.outcomes.review import as_data, review, reviews
from streams.cli.account_file import refuse
from streams.cli.exits import ANSWER_IS_NO
from streams.cli.options import AsJson
from streams.cli.outcome_files import read_outcomes
from streams.cli.terminal import print_json
from streams.report.review_table import measures_table, review_table

REPORT = "PB6"
_WIDTH = 150  # of the tables where no terminal says how wide it is

app = typer.Typer(name="outcomes", help="What became of the plays that were launched.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    pass


@app.command()
def report(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...",
            help="JSON lines, plain or .gz: outcomes, play messages, `replay --json`, events.",
            exists=True,
            dir_okay=False,
        ),
    ],
    quarter: Annotated[str | None, typer.Option(metavar="2026Q3", help="Only this quarter.", show_default="all with launches")] = None,
    library: Annotated[
        Path, typer.Option("--library", help="Folder whose reports/PB6.yaml counts.", show_default="the built-in library")
    ] = LIBRARY,
    by: Annotated[
        list[str] | None,
        typer.Option("--by", help="Add a table of measures by rule, play, segment or code; may be repeated.", show_default=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """The quarterly review: per playbook times fired, steps completed, closure codes, and whether the accounts stayed; how triggers
    turn into actions and actions into outcomes, and how long that takes.

    Closed runs are known from `play-outcomes`; where a file has only `play-launches`, from the messages. Runs still open are only
    in `play-launches`.

    Accounts that left are known from `account.churned` in event files among FILE, and from runs closed with customer_churned:
    give the events too, or an account that left without an open run counts as kept.
    Exit code 1: nothing was launched. 2: a file, the quarter or the report's definition is refused.
    """
    try:
        days = next((one.retained_days for one in load_reports(library) if one.id == REPORT), 90)
        wanted = None if quarter is None else Quarter.parse(quarter)
        groups = tuple(_group_of(name) for name in dict.fromkeys(by or ()))
        read = read_outcomes(files)
    except (ConfigError, QuarterError, OSError) as error:
        raise refuse(str(error)) from None
    found = reviews(read.outcomes, days) if wanted is None else (review(read.outcomes, wanted, days),)
    for line in read.unreadable:
        typer.echo(f"  unreadable: {line}", err=True)
    if read.bad:
        typer.echo(f"  {read.bad:,} lines unreadable; read: {read.concluded:,} outcomes, {read.messages:,} play messages", err=True)
    if as_json:
        print_json([as_data(one) for one in found])
    else:
        console = Console(width=None if sys.stdout.isatty() else _WIDTH)
        for one in found:
            console.print(review_table(one), highlight=False)
            for group in groups:
                console.print(measures_table(one, group), highlight=False)
    if not any(one.total.fired for one in found):
        typer.echo(f"playcall: nothing was launched{'' if wanted is None else f' in {wanted}'} in these files", err=True)
        raise typer.Exit(ANSWER_IS_NO)


def _group_of(name: str) -> By:
    for by in BYS:
        if name == by:
            return by
    raise typer.BadParameter(f"{name!r}: use one of {', '.join(BYS)}", param_hint="--by")
