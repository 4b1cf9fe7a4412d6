"""`playcall doctor`: what is wrong, where, and what to do."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from importlib.metadata import version as distribution_version
from pathlib import Path
from typing import Annotated, Any

import typer

from plays.loading.errors import ConfigError
from schemas.catalogue import physical
from schemas.records.wire import rfc3339, utc
from streams.cli.cells import CELLS
from streams.cli.compose import load_configuration
from streams.cli.exits import ANSWER_IS_NO, REFUSED
from streams.cli.options import AppId, AsJson, Bootstrap, Config, TopicPrefix
from streams.cli.terminal import print_json, progress
from streams.cli.worker import clock_of, engine_policy, plan_of
from streams.engine.finding import by_severity, unwell
from streams.engine.quarantine import Quarantine
from streams.engine.task import PartitionTask
from streams.kafka.doctor import PartitionReport, Product, Report, examine
from streams.kafka.kinds import ACCOUNT, Kinds
from streams.settings import load_settings

app = typer.Typer()


@app.command("doctor")
def command(
    partition: Annotated[int | None, typer.Option(min=0, help="Only this partition [default: all].", show_default=False)] = None,
    records: Annotated[int, typer.Option(min=0, help="Records of each topic-partition after the cursor to try in memory.")] = 10_000,
    bootstrap: Bootstrap = None,
    topic_prefix: TopicPrefix = None,
    app_id: AppId = None,
    library: Annotated[Path | None, typer.Option(help="Folder of rules and playbooks instead of the one shipped.")] = None,
    policy: Annotated[Path | None, typer.Option(help="Folder of segments, owners and defaults instead of the ones shipped.")] = None,
    output_prefix: Annotated[str | None, typer.Option(help="As given to the worker.")] = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Examine topics, state and positions, and try the next records in memory. Reads only: workers may run meanwhile.

    Names every record, account and cell that would stop a worker, with the flag that goes on without it. Settings and quarantine
    as the worker has them. Exit code 0: healthy. 1: something was found. 2: it could not look.
    """
    flags = {"bootstrap": bootstrap, "topic_prefix": topic_prefix, "app_id": app_id, "library": library, "policy": policy}
    settings = load_settings(flags, config)
    try:
        configuration = load_configuration(settings.library, settings.policy, settings.rules)
    except ConfigError as problem:
        typer.echo(f"playcall: {problem}", err=True)
        raise typer.Exit(REFUSED) from problem
    release = distribution_version("playcall")

    def accounts(number: int, partitions: int, go_live_ms: int, quarantine: Quarantine) -> PartitionTask:
        policy = engine_policy(settings, configuration, partitions, go_live_ms, quarantine, release)
        # Nobody answers here: what is asked is not waited for.
        return PartitionTask(number, configuration.pipeline(roster=settings.roster != "off"), replace(policy, answer_patience_ms=0))

    def roster(number: int, partitions: int, go_live_ms: int, quarantine: Quarantine) -> PartitionTask:
        policy = engine_policy(settings, configuration, partitions, go_live_ms, quarantine, release)
        return PartitionTask(number, configuration.roster_pipeline(), policy.of_roster())

    prefix = settings.topic_prefix if output_prefix is None else output_prefix
    plan = plan_of(settings, configuration, output_prefix)
    output = partial(physical, prefix)
    kinds = Kinds(plan.kinds, settings.topic, output, plan.recorded)
    products = [
        Product(
            kind,
            CELLS,
            str(configuration.revision),
            accounts if kind.name == ACCOUNT else roster,
            kinds.names(kind.name),
            kinds.states[kind.name],
        )
        for kind in plan.kinds
    ]
    progress(f"examining {settings.app_id} at {settings.bootstrap}")
    report = asyncio.run(examine(settings, products, output, clock_of(settings), records, partition))
    report.findings = by_severity(report.findings)
    if as_json:
        print_json(as_data(report))
    else:
        for line in as_text(report):
            print(line)
    if unwell(report.findings):
        raise typer.Exit(ANSWER_IS_NO)


def as_text(report: Report) -> Iterator[str]:
    """The findings, then a paragraph per partition."""
    for finding in report.findings:
        yield f"{finding.severity.upper():<7}  {finding.where}  {finding.what}"
        yield f"         do: {finding.remedy}"
    if not unwell(report.findings):
        yield "healthy"
    for known in report.partitions:
        yield from _partition(known)


def _partition(known: PartitionReport) -> Iterator[str]:
    sizes, cursor = known.sizes, known.cursor
    name = f"partition {known.task.partition}" if known.task.kind == ACCOUNT else known.task.kind
    yield f"{name}: {sizes.cells:,} cells of {sizes.accounts:,} accounts, {sizes.bytes:,} bytes"
    if cursor is not None:
        behind = sum(max(0, count) for count in known.ahead.values())
        yield f"  task time {rfc3339(utc(cursor.task_time_ms))}, {cursor.mode.value}, library {cursor.revision}; {behind:,} offsets to read"
    if sizes.largest_cells:
        yield "  largest cells: " + ", ".join(f"{name} of {account} {size:,} B" for account, name, size in sizes.largest_cells)
        yield "  largest accounts: " + ", ".join(f"{account} {size:,} B" for account, size in sizes.largest_accounts)
    if known.run is not None:
        outcomes = ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(known.run.inputs.items())) or "nothing"
        waiting = f"; {known.run.left:,} wait for what comes after them" if known.run.left else ""
        yield f"  dry run: {outcomes}{waiting}; {len(known.run.failures)} failures"


def as_data(report: Report) -> dict[str, Any]:
    """The same for machines."""
    return {
        "healthy": not unwell(report.findings),
        "findings": [finding._asdict() for finding in report.findings],
        "partitions": [
            {
                "partition": known.task.label,
                **known.sizes._asdict(),
                "ahead": known.ahead,
                "revision": None if known.cursor is None else known.cursor.revision,
                "task_time": None if known.cursor is None else rfc3339(utc(known.cursor.task_time_ms)),
                "dry_run": None
                if known.run is None
                else {
                    "inputs": dict(known.run.inputs),
                    "left": known.run.left,
                    "failures": [{"place": p.place, "account": p.account, "cell": p.cell, "flag": p.flag} for p in known.run.failures],
                },
            }
            for known in report.partitions
        ],
    }
