"""`playcall replay`: run event files through the same engine and rules as live, without Kafka."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console

from plays.loading.errors import ConfigError
from schemas.catalogue import BETWEEN_TASKS
from streams.cli.compose import chosen, load_configuration
from streams.cli.exits import ANSWER_IS_NO, REFUSED
from streams.cli.options import Rules
from streams.cli.replay_difference import tell
from streams.cli.replaying import apply_files, read_files, span_of
from streams.cli.terminal import say_refused
from streams.replay.difference import compare, triggers_of
from streams.replay.errors import ReplayError
from streams.replay.run import ReplayResult
from streams.replay.source import EventFiles

_RFC3339 = ["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S.%f%z"]

app = typer.Typer()


@app.command("replay")
def command(
    files: Annotated[
        list[Path], typer.Argument(help="Event files: JSON lines, plain or .gz, one event a line.", exists=True, dir_okay=False)
    ],
    library: Annotated[Path | None, typer.Option(help="Folder of rules and playbooks instead of the one shipped.")] = None,
    policy: Annotated[Path | None, typer.Option(help="Folder of segments, owners and defaults instead of the ones shipped.")] = None,
    rules: Rules = None,
    partitions: Annotated[
        int, typer.Option(min=1, help="Partitions of the account-keyed topics; use the live number to compare with it.")
    ] = 4,
    assignments: Annotated[
        Path | None,
        typer.Option(
            help="Answers of a roster that ran before: owners are theirs. Without, and with none among the files, a roster answers.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=_RFC3339, help="Where time stops, RFC 3339; by default at the last event.")
    ] = None,
    go_live_at: Annotated[
        datetime | None, typer.Option(formats=_RFC3339, help="Triggers before this are historical and launch nothing.")
    ] = None,
    diff: Annotated[
        tuple[Path, Path] | None,
        typer.Option(
            "--diff",
            metavar="OLD NEW",
            help="Two libraries: the triggers that the new one gains and loses against the old one.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    fail_on_change: Annotated[bool, typer.Option("--fail-on-change", help="With --diff: exit with 1 when they differ.")] = False,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="One JSON line per trigger, play message and decision on standard output; with --diff one in all."),
    ] = False,
) -> None:
    """Replay event files through the rules: what would have fired, who would have been asked, by when.

    With --diff OLD NEW both libraries read the same events under the same policy. Triggers are the same if rule, account, subject
    and episode are; a trigger of both that comes at another time, or asks for something else, has changed.

    Exit codes: 0 done, 1 the libraries differ (--fail-on-change), 2 a file or the configuration was refused.
    """
    console = Console(stderr=True)
    try:
        if diff is not None and library is not None:
            raise ReplayError("--library and --diff: give one of them")
        libraries = (library,) if diff is None else diff
        configurations = [load_configuration(one, policy, chosen(rules)) for one in libraries]
        source = read_files(console, [*files, *filter(None, [assignments])], partitions, answered=assignments is not None)
        span = span_of(source, until, go_live_at)
        results = [apply_files(console, source, configuration, span) for configuration in configurations]
    except (ReplayError, ConfigError) as problem:
        say_refused(console, problem)
        raise typer.Exit(REFUSED) from problem
    if diff is not None:
        difference = compare(*(triggers_of(result.records) for result in results))
        tell(difference, as_json=as_json)
        if fail_on_change and not difference.empty:
            raise typer.Exit(ANSWER_IS_NO)
        return
    result = results[0]
    if as_json:
        write = sys.stdout.buffer.write
        for record in result.records:
            if record.topic in BETWEEN_TASKS:  # what router and roster say to each other; the launches tell what came of it
                continue
            write(orjson.dumps({"topic": record.topic, "record": orjson.Fragment(record.value or b"null")}) + b"\n")
        sys.stdout.buffer.flush()
    _summary(console, result, source, as_json=as_json)


def _summary(console: Console, result: ReplayResult, source: EventFiles, *, as_json: bool) -> None:
    kinds = {topic: sum(record.topic == topic for record in result.records) for topic in ("triggers", "play-launches", "decisions")}
    outcomes = {
        outcome: sum(n for (_, o), n in result.inputs.items() if o == outcome) for outcome in ("duplicate", "ignored", "dead_lettered")
    }
    figures = ", ".join(f"{n:,} {what.replace('_', '-')}" for what, n in outcomes.items())
    console.print(
        f"{source.lines:,} lines ({figures}, {source.unknown_types:,} of unknown type, {source.unreadable:,} unreadable): "
        f"{kinds['triggers']:,} triggers, "
        f"{kinds['play-launches']:,} play messages, {kinds['decisions']:,} decisions",
        highlight=False,
        soft_wrap=True,
    )
    for complaint in source.complaints:
        console.print(f"  unreadable: {complaint}", highlight=False, soft_wrap=True, markup=False)
    for topic in sorted({topic for topic, _ in result.dead_letters}):
        reasons = {reason: count for (name, reason), count in result.dead_letters.items() if name == topic}
        listed = ", ".join(f"{reason} {count:,}" for reason, count in sorted(reasons.items()))
        dead, records = sum(reasons.values()), sum(count for (name, _), count in result.inputs.items() if name == topic)
        console.print(
            f"  dead letters: {dead:,} of {records:,} records of {topic} ({dead / records:.1%}): {listed}", highlight=False, soft_wrap=True
        )
    if not as_json:
        by_rule: dict[str, int] = {}
        for record in result.records:
            if record.topic == "triggers":
                rule = orjson.loads(record.value or b"")["rule"]
                by_rule[rule] = by_rule.get(rule, 0) + 1
        for rule in sorted(by_rule):
            console.print(f"  {rule:<5} {by_rule[rule]:>7,}", highlight=False, soft_wrap=True)
