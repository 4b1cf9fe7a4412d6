"""`playcall runs`: the launched plays, whose they are and what is due; and the whole history of one."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from schemas.records.wire import utc
from streams.cli.account_file import refuse
from streams.cli.exits import ANSWER_IS_NO
from streams.cli.options import AsJson, Bootstrap, Config, TopicPrefix
from streams.cli.run_listing import Wanted, data, listed, table
from streams.cli.run_source import FileRuns, TopicRuns
from streams.cli.terminal import print_json, progress
from streams.clock import SystemClock
from streams.settings import load_settings

_WIDTH = 200  # of the table where no terminal says how wide it is

_PEOPLE_SHOWN = 20

app = typer.Typer(name="runs", help="Launched plays: whose they are, what is due, what has happened.", no_args_is_help=True)

Files = Annotated[
    list[Path] | None,
    typer.Option(
        "--file",
        help="Read these JSON lines (plain or .gz: a dump of play-launches, `replay --json`) instead of Kafka; may be repeated.",
        exists=True,
        dir_okay=False,
        show_default=False,
    ),
]


@app.command()
def ls(
    owner: Annotated[
        str | None, typer.Option("--owner", help="Only of this person: id, name or e-mail address.", show_default=False)
    ] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only those with a clock that has run out, or a late step.")] = False,
    play: Annotated[str | None, typer.Option("--play", help="Only of this play.", show_default=False)] = None,
    account: Annotated[str | None, typer.Option("--account", help="Only of this account.", show_default=False)] = None,
    closed: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
    at: Annotated[str | None, typer.Option("--at", help="As of this moment, RFC 3339, for what is due.", show_default="now")] = None,
    files: Files = None,
    bootstrap: Bootstrap = None,
    topic_prefix: TopicPrefix = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """List open runs, the most urgent first: those at rest after those whose clocks run. Reads all of `play-launches`.

    Exit code 0: done, also where there is none. 2: could not read, or an option is refused.
    """
    now = moment_of(at)
    source = _source(files, bootstrap, topic_prefix, config)
    chronicle = source.chronicle(account, closed=closed)
    found = listed(chronicle, Wanted(owner, play, account, overdue, closed), now)
    _doubt(source)
    if owner is not None and not found and not listed(chronicle, Wanted(owner, closed=closed), now):
        people = sorted({story.last.owner.id for story in chronicle})
        has = ", ".join(people[:_PEOPLE_SHOWN]) + (", ..." if len(people) > _PEOPLE_SHOWN else "")
        typer.echo(
            f"playcall: {owner} has no run in what can be read; {f'those who have: {has}' if people else 'nobody has one'}", err=True
        )
    if as_json:
        print_json([data(story, now) for story in found])
    else:
        Console(width=None if sys.stdout.isatty() else _WIDTH).print(table(found, now), highlight=False)


@app.command()
def show(
    run: Annotated[str, typer.Argument(metavar="RUN", help="The run's id, or how it begins.")],
    files: Files = None,
    bootstrap: Bootstrap = None,
    topic_prefix: TopicPrefix = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Show the whole history of one run: messages, decisions about it, its outcome. Reads these topics whole.

    Exit code 0: done. 1: there is no such run, as far as the topics reach back. 2: could not read, or several runs begin so.
    """
    source = _source(files, bootstrap, topic_prefix, config)
    found = {name: history for name, history in source.histories(run).items() if history.messages}
    _doubt(source)
    if not found:
        typer.echo(f"playcall: no run {run!r} in what can be read: `playcall runs ls --all` lists those there are", err=True)
        raise typer.Exit(ANSWER_IS_NO)
    if run not in found and len(found) > 1:
        raise refuse(f"{len(found)} runs begin with {run!r}: {', '.join(sorted(found)[:5])}{', ...' if len(found) > 5 else ''}")
    history = found.get(run) or next(iter(found.values()))
    if as_json:
        print_json(history.data())
    else:
        print("\n".join(history.lines()))


def _source(files: list[Path] | None, bootstrap: str | None, topic_prefix: str | None, config: Path | None) -> FileRuns | TopicRuns:
    if files:
        return FileRuns(files)
    settings = load_settings({"bootstrap": bootstrap, "topic_prefix": topic_prefix}, config)
    progress(f"reading runs at {settings.bootstrap}")
    return TopicRuns(settings)


def _doubt(source: FileRuns | TopicRuns) -> None:
    if source.unreadable:
        typer.echo(f"  {source.unreadable:,} records unreadable, the first: {source.first_problem}", err=True)


def moment_of(text: str | None) -> datetime:
    """The moment of an option `--at`; None is now. Exits where it is none."""
    if text is None:
        return utc(SystemClock().now_ms())
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no moment: write 2026-03-02T09:15:00Z", param_hint="--at") from None
    if moment.tzinfo is None:
        raise typer.BadParameter(f"{text!r} has no offset: write 2026-03-02T09:15:00Z", param_hint="--at")
    return moment
