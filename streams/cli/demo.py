"""`playcall demo`: months of a customer fleet through a real Kafka in a few minutes."""

import asyncio
import secrets
import signal
import sys
import time
from collections.abc import Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from schemas.records.decision import Decision
from schemas.records.play_message import PlayMessage
from schemas.records.play_outcome import PlayOutcome
from schemas.records.trigger import Trigger
from streams.broker.ladder import Kafka, running_kafka
from streams.cli.compose import load_configuration
from streams.cli.exits import ANSWER_IS_NO
from streams.cli.terminal import progress as say
from streams.clock import SystemClock
from streams.demo.errors import DemoError
from streams.demo.feeding import Fed
from streams.demo.outcome import Outcome, measure
from streams.demo.outcome_file import write_outcome
from streams.demo.parity import ParityCheck, check_parity
from streams.demo.picture import draw, noise_note, scores
from streams.demo.plan import DemoPlan
from streams.demo.review import quarterly
from streams.demo.slices import Slice
from streams.demo.stage import Shown, perform, sweep
from streams.demo.tables import figures, launches_table, rules_table
from streams.fleet.fleet import Fleet
from streams.fleet.span import rfc3339
from streams.report.data import RuleLine
from streams.report.review_table import review_table

app = typer.Typer()

T = TypeVar("T")

_WIDTH = 140  # of the tables where no terminal says how wide it is


@app.command("demo")
def command(
    out: Annotated[Path, typer.Option(help="Folder for events, answers, logs and the report.")] = Path("out/demo"),
    seed: Annotated[int, typer.Option(help="Another seed is another fleet; the same seed is the same fleet.")] = 7,
    quick: Annotated[bool, typer.Option("--quick", help="20 accounts over 40 days instead of 160 over 245.")] = False,
    parity: Annotated[bool, typer.Option(help="Check at the end that a fresh worker decides what `playcall replay` decides.")] = True,
    rows: Annotated[int, typer.Option(min=0, help="How many launches to print.")] = 25,
) -> None:
    """Let a simulated customer fleet live for months on a real Kafka, with two workers and a CRM that answers.

    Kafka: PLAYCALL_BOOTSTRAP if set, else Docker, else a local node. The report is OUT/report.html.
    Exit codes: 0 done, 1 the parity check found a difference (or a bar was missed on the full fleet), 2 it could not run.
    """
    begun = time.monotonic()
    today = datetime.fromtimestamp(SystemClock().now_ms() / 1000, UTC).date()
    plan = (DemoPlan.quick if quick else DemoPlan.full)(out.resolve(), secrets.token_hex(4), seed, today)
    notes = Console(stderr=True)
    console = Console() if sys.stdout.isatty() else Console(width=_WIDTH)
    try:
        with running_kafka(say) as kafka:
            say(f"using {kafka}")
            shown, check = _run(_show(plan, kafka, notes, parity=parity))
    except DemoError as error:
        notes.print(f"playcall demo: {error}", style="bold red", highlight=False, markup=False)
        raise typer.Exit(2) from error
    except (KeyboardInterrupt, asyncio.CancelledError) as stopped:
        notes.print("stopped: no process is left behind")
        raise typer.Exit(130) from stopped
    triggers = [Trigger.model_validate_json(value) for value in shown.outputs["triggers"]]
    messages = [PlayMessage.model_validate_json(value) for value in shown.outputs["play-launches"]]
    decisions = [Decision.model_validate_json(value) for value in shown.outputs["decisions"]]
    rules = [compiled.rule for compiled in load_configuration(only=plan.rules).rules]
    outcome = measure(Fleet(plan.spec), triggers, messages, [rule.id for rule in rules], shown.letters)
    lines = [RuleLine(rule.id, rule.title, rule.concern, rule.priority, noise_note(outcome, rule.id)) for rule in rules]
    events = shown.fed.events + shown.fed.updates
    draw(plan, str(kafka), time.monotonic() - begun, events, (triggers, messages, decisions), outcome, check, lines)
    concluded = [PlayOutcome.model_validate_json(value) for value in shown.outputs["play-outcomes"]]
    quarters = quarterly(plan, messages, concluded)
    write_outcome(plan, str(kafka), outcome, check, quarters)
    console.print(launches_table(messages, rows))
    console.print(rules_table(outcome, lines))
    for quarter in quarters:
        console.print(review_table(quarter), highlight=False)
    console.print(figures(outcome))
    console.print(_summary(plan, str(kafka), shown, time.monotonic() - begun), highlight=False)
    if check is not None:
        console.print(f"Parity of a fresh worker with the replay: [bold]{check}[/]", highlight=False)
    console.print(f"Report: {_short(plan.report_file)}", highlight=False, soft_wrap=True)
    if not _good(outcome, check, quick=quick):
        raise typer.Exit(ANSWER_IS_NO)


async def _show(plan: DemoPlan, kafka: Kafka, notes: Console, *, parity: bool) -> tuple[Shown, ParityCheck | None]:
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[what]}"), TimeElapsedColumn())
    span = plan.spec.span
    try:
        with Progress(*columns, console=notes, disable=not notes.is_terminal, transient=True) as bar:
            living = bar.add_task("the fleet lives", total=span.end_ms - span.start_ms, what="")

            def told(piece: Slice, fed: Fed) -> None:
                what = f"{rfc3339(piece.end_ms)[:10]}, {fed.events:,} events, {fed.updates:,} answers"
                bar.update(living, completed=piece.end_ms - span.start_ms, what=what)

            shown = await perform(plan, kafka.bootstrap, told)
            if not parity:
                return shown, None
            bar.update(living, description="a fresh worker and the replay read it again")
            return shown, await check_parity(plan, kafka.bootstrap)
    finally:
        if kafka.kind == "given":
            await sweep(plan, kafka.bootstrap)


def _run(show: Coroutine[Any, Any, T]) -> T:
    """Run to the end; SIGTERM stops it in the same order as Ctrl-C does."""

    async def stoppable() -> T:
        task = asyncio.ensure_future(show)
        if sys.platform != "win32":
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        return await task

    return asyncio.run(stoppable())


def _summary(plan: DemoPlan, kafka: str, shown: Shown, seconds: float) -> str:
    fed = shown.fed
    restarts = f", {shown.restarts} restarts of workers" if shown.restarts else ""
    return (
        f"{kafka}: {fed.events:,} events of {plan.spec.accounts} accounts over {plan.spec.days} days, {fed.updates:,} answers of the CRM, "
        f"{fed.slices} slices, {shown.letters}{restarts}, {seconds:.0f} s in all."
    )


def _good(outcome: Outcome, check: ParityCheck | None, *, quick: bool) -> bool:
    if check is not None and not check.equal:
        return False
    return quick or all(score.passed is not False for score in scores(outcome))


def _short(path: Path) -> str:
    try:
        return f"./{path.relative_to(Path.cwd())}"
    except ValueError:
        return str(path)
