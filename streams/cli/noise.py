"""`playcall rules noise`: how often rules would speak, and whether it would mean anything."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from plays.loading.errors import ConfigError
from streams.cli.compose import chosen, load_configuration
from streams.cli.exits import REFUSED
from streams.cli.terminal import print_json, say_refused
from streams.collector import collect_rarely
from streams.noise.alerts import Watched, watch
from streams.noise.lift import Life, Noise, measure
from streams.noise.outcomes import read_outcomes
from streams.noise.reading import EventReader
from streams.replay.errors import ReplayError
from streams.signals.processor import SignalsProcessor

_TOGETHER = "together"


def noise(
    files: Annotated[
        list[Path],
        typer.Argument(help="Event files as `playcall replay` reads them, each in the order of time.", exists=True, dir_okay=False),
    ],
    outcome: Annotated[
        str | None,
        typer.Option(help="What alerts should foretell: FILE.csv:COLUMN with account_id and dates, or an event type (account.churned)."),
    ] = None,
    within: Annotated[int, typer.Option(min=1, max=730, help="Days after an alert in which the outcome counts.")] = 60,
    rules: Annotated[str, typer.Option(help="Rules and packs, comma separated.")] = "all",
    alternatives: Annotated[str | None, typer.Option(help="Alternatives of the policy to choose, comma separated.")] = None,
    library: Annotated[Path | None, typer.Option(help="Folder of rules and playbooks instead of the one shipped.")] = None,
    policy: Annotated[Path | None, typer.Option(help="Folder of the policy instead of the one shipped.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer as one line of JSON.")] = False,
) -> None:
    """Replay event files through rules: alerts per account-month, and the lift and lead time over an outcome.

    Lift: how much likelier the outcome is within so many days after an alert than after random dates of the same accounts,
    with a 95 % interval over accounts. 1 means that the alert says nothing about it.

    Feeds count as alive all the time, and repeated events count again. Exit codes: 0 done, 2 a file or the configuration was refused.
    """
    console = Console(stderr=True)
    try:
        configuration = load_configuration(library, policy, chosen(rules), chosen(alternatives))
        configuration.segments.closed.load()
        outcomes = None if outcome is None else read_outcomes(outcome)
        reader, accounts = _watch(
            console, files, SignalsProcessor(configuration.rules, configuration.segments, configuration.health), outcomes
        )
    except (ReplayError, ConfigError) as problem:
        say_refused(console, problem)
        raise typer.Exit(REFUSED) from problem
    lives = {account_id: _life(account_id, one, outcomes) for account_id, one in accounts.items()}
    until_ms = max((life.end_ms for life in lives.values()), default=0)
    ids = [compiled.rule.id for compiled in configuration.rules]
    found = {rule: measure(lives, _times(accounts, (rule,)), within, until_ms) for rule in ids}
    found[_TOGETHER] = measure(lives, _times(accounts, ids), within, until_ms)
    said = {
        "accounts": len(lives), "account_months": round(sum(life.months for life in lives.values()), 2), "events": reader.lines,
        "refused": reader.refused, "outcome": outcome, "outcomes": sum(len(life.outcomes) for life in lives.values()),
        "within_days": within,
    }  # fmt: skip
    if as_json:
        print_json({**said, "rules": {rule: _row(one) for rule, one in found.items()}})
        return
    print(
        f"{said['accounts']:,} accounts over {said['account_months']:,} account-months, {said['events']:,} events "
        f"({said['refused']:,} refused), {said['outcomes']:,} outcomes"
    )
    Console().print(_table(found, within, with_outcome=outcome is not None))


def _watch(
    console: Console, files: list[Path], processor: SignalsProcessor, outcomes: dict[str, list[int]] | str | None
) -> tuple[EventReader, dict[str, Watched]]:
    collect_rarely()
    reader = EventReader()
    kept = frozenset({outcomes}) if isinstance(outcomes, str) else frozenset()
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task("applying", total=sum(path.stat().st_size for path in files))
        events = reader.events(files)
        return reader, watch(processor, events, kept, lambda _: bar.update(task, completed=sum(reader.bytes_read.values())))


def _life(account_id: str, one: Watched, outcomes: dict[str, list[int]] | str | None) -> Life:
    found = one.events.get(outcomes, []) if isinstance(outcomes, str) else (outcomes or {}).get(account_id, [])
    return Life(one.first_ms, one.end_ms, tuple(sorted(found)))


def _times(accounts: dict[str, Watched], rules: tuple[str, ...] | list[str]) -> dict[str, list[int]]:
    times = {account_id: sorted(at for rule in rules for at in one.alerts.get(rule, ())) for account_id, one in accounts.items()}
    return {account_id: found for account_id, found in times.items() if found}


def _row(one: Noise) -> dict[str, Any]:
    return {
        "alerts": one.alerts, "accounts": one.accounts, "per_account_month": round(one.per_account_month, 4),
        "followed": one.followed, "hits": one.hits, "lift": None if one.lift is None else round(one.lift, 3),
        "interval_95": None if one.interval is None else [round(end, 3) for end in one.interval],
        "caught": one.caught, "lead_days": None if one.lead_days is None else round(one.lead_days, 1),
    }  # fmt: skip


def _table(found: dict[str, Noise], within: int, *, with_outcome: bool) -> Table:
    table = Table("rule", box=None, pad_edge=False)
    columns = ["alerts", "accounts", "per account-month"]
    if with_outcome:
        columns += [f"outcome within {within} d", "lift", "95 % interval", "outcomes caught", "median lead"]
    for name in columns:
        table.add_column(name, justify="right")
    for rule, one in found.items():
        if not one.alerts and rule != _TOGETHER:
            continue
        cells = [f"{one.alerts:,}", f"{one.accounts:,}", f"{one.per_account_month:.3f}"]
        if with_outcome:
            cells += [
                f"{one.hits} of {one.followed}",
                "-" if one.lift is None else f"{one.lift:.2f}",
                "-" if one.interval is None else f"{one.interval[0]:.2f} - {one.interval[1]:.2f}",
                str(one.caught),
                "-" if one.lead_days is None else f"{one.lead_days:.0f} d",
            ]
        table.add_row(rule, *cells)
    return table
