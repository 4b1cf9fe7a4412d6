"""`playcall rules coverage`: how much of the checklist of practice the library covers, and has been seen to fire."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from plays.loading.checklist import CHECKLIST, load_checklist
from plays.loading.errors import ConfigError
from plays.loading.reports import load_reports
from plays.loading.rules import LIBRARY, load_rules
from plays.loading.segments import POLICY, load_segments
from plays.outcomes.definition import ReportDefinition
from plays.rules.checklist import differences
from plays.rules.rule import Rule
from streams.cli.exits import ANSWER_IS_NO, REFUSED
from streams.cli.terminal import print_json
from streams.demo.errors import DemoError
from streams.demo.outcome_file import DEFAULT, fired_rules, made_reports


def coverage(
    demo: Annotated[Path, typer.Option(help="Outcome file of a demonstration: what fired on a real Kafka.")] = DEFAULT,
    library: Annotated[Path, typer.Option(help="Folder of the rule files.", show_default="the built-in library")] = LIBRARY,
    policy: Annotated[Path, typer.Option(help="Folder of the policy.", show_default="the built-in policy")] = POLICY,
    checklist: Annotated[Path, typer.Option(help="The rows asked for.", show_default="the built-in checklist")] = CHECKLIST,
    as_json: Annotated[bool, typer.Option("--json", help="Answer as one line of JSON.")] = False,
) -> None:
    """Rows of the checklist covered, of rows asked.

    A row counts if the library has it with the checklist's own values, and if it fired in the last `playcall demo`. Exit codes:
    0 every row counts, 1 some do not, 2 a file is refused or no demonstration has been run.
    """
    try:
        rows = load_checklist(checklist)
        things: list[Rule | ReportDefinition] = [*load_rules(library, load_segments(policy).names), *load_reports(library)]
        fired = fired_rules(demo) | made_reports(demo)
    except (ConfigError, DemoError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(REFUSED) from None
    known = {thing.id: thing for thing in things if thing.id in rows}
    lacks = {row_id: list(differences(known[row_id], row)) if row_id in known else ["not in the library"] for row_id, row in rows.items()}
    for row_id, found in lacks.items():
        if not found and not fired.get(row_id):
            found.append("did not fire in the demonstration")
    covered = [row_id for row_id, found in lacks.items() if not found]
    if as_json:
        print_json({"asked": len(rows), "covered": len(covered), "fired": {row: fired.get(row, 0) for row in rows}, "lacks": lacks})
    else:
        _show(rows.keys() - set(covered), lacks)
        print(f"{len(covered)} of {len(rows)} rows covered; they fired {sum(fired.get(row, 0) for row in covered):,} times ({demo})")
    if len(covered) < len(rows):
        raise typer.Exit(ANSWER_IS_NO)


def _show(missing: set[str], lacks: dict[str, list[str]]) -> None:
    if missing:
        table = Table("row", "why it does not count")
        for row_id in sorted(missing):
            table.add_row(row_id, "; ".join(lacks[row_id]))
        Console(highlight=False).print(table)
