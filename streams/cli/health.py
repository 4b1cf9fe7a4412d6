"""`playcall health`: what the score of an account is made of."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from plays.loading.errors import ConfigError
from schemas.records.health_changed import HealthChanged
from schemas.records.wire import rfc3339
from streams.cli.compose import load_configuration
from streams.cli.exits import ANSWER_IS_NO, REFUSED
from streams.cli.replaying import replay_files
from streams.cli.terminal import print_json, say_refused
from streams.replay.errors import ReplayError

app = typer.Typer(name="health", help="The health score: what it is made of, and how it came to be.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    pass


@app.command()
def explain(
    account: Annotated[str, typer.Argument(help="Account id.")],
    files: Annotated[
        list[Path], typer.Argument(help="Event files: JSON lines, plain or .gz, one event a line.", exists=True, dir_okay=False)
    ],
    policy: Annotated[Path | None, typer.Option(help="Folder of the policy instead of the one shipped; health.yaml is in it.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The changes, oldest first, as one line of JSON.")] = False,
) -> None:
    """Show the account's health as its events make it: every change, and each part of the last score with the facts behind it.

    The same records are on topic `health`. Exit codes: 0 shown, 1 the events say nothing about this account's health, 2 a file
    or the configuration was refused.
    """
    console = Console(stderr=True)
    try:
        result, _ = replay_files(console, files, load_configuration(policy=policy))
    except (ReplayError, ConfigError) as problem:
        say_refused(console, problem)
        raise typer.Exit(REFUSED) from problem
    key = account.encode()
    changes = [HealthChanged.model_validate_json(one.value or b"") for one in result.records if one.topic == "health" and one.key == key]
    if as_json:
        print_json([change.model_dump(mode="json") for change in changes])
    if not changes:
        typer.echo(f"playcall: these events say nothing about the health of {account!r}: no indicator has data", err=True)
        raise typer.Exit(ANSWER_IS_NO)
    if not as_json:
        _show(changes)


def _show(changes: list[HealthChanged]) -> None:
    out, last = Console(highlight=False), changes[-1]
    out.print(f"[bold]{last.account_id}[/]: {last.score:g}, {last.band} since {rfc3339(_since(changes).time)}; weights {last.weights}")
    table = Table("indicator", "weight", "counts as", "points", "adds", "measure", "value", "facts")
    for part in last.parts:
        facts = ", ".join(f"{name} {value}" for name, value in part.facts.items())
        points = "no data" if part.points is None else f"{part.points:g}"
        adds = f"{part.effective_weight * (part.points or 0) / 100:.1f}"
        table.add_row(part.indicator, str(part.weight), f"{part.effective_weight:g} %", points, adds, part.measure, str(part.value), facts)
    out.print(table)
    missing = [part.indicator for part in last.parts if part.points is None]
    if missing:
        out.print(f"No data for {', '.join(missing)}: the weight is spread over the others.")
    for change in changes[-10:]:
        before = "" if change.score_before is None else f" from {change.score_before:g} ({change.band_before})"
        out.print(f"  {rfc3339(change.time)}  {change.score:g} ({change.band}){before}")


def _since(changes: list[HealthChanged]) -> HealthChanged:
    """The change with which the present band began."""
    found = changes[-1]
    for change in reversed(changes):
        if change.band != found.band:
            break
        found = change
    return found
