"""Running event files through a configuration, with progress for people: what several commands do."""

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from schemas.catalogue import ASSIGNMENTS, input_topics
from streams.cli.compose import Configuration
from streams.clock import SystemClock
from streams.collector import collect_rarely
from streams.engine.policy import EnginePolicy
from streams.replay.errors import ReplayError
from streams.replay.run import ReplayResult, RosterPlan, replay
from streams.replay.source import EventFiles


class Span(NamedTuple):
    """When time stops, from when on runs are launched, and what the wall clock said at the beginning; ms since the epoch."""

    until_ms: int
    go_live_ms: int
    wall_ms: int


def replay_files(
    console: Console,
    files: list[Path],
    configuration: Configuration,
    partitions: int = 4,
    until: datetime | None = None,
    go_live_at: datetime | None = None,
) -> tuple[ReplayResult, EventFiles]:
    """Everything the files make of the configuration. Raises `ReplayError` for a file that cannot be read.

    Time stops at `until`, else at the last event; before `go_live_at` triggers are historical. Progress goes to the console
    where it is a terminal.
    """
    source = read_files(console, files, partitions)
    return apply_files(console, source, configuration, span_of(source, until, go_live_at)), source


def read_files(console: Console, files: list[Path], partitions: int, *, answered: bool = False) -> EventFiles:
    """The logs that a broker would hold. `answered`: a roster answered already, if only nothing. Raises `ReplayError`."""
    collect_rarely()
    source = EventFiles(partitions)
    source.answered = answered
    with _progress(console) as bar:
        for path in files:
            reading = bar.add_task(f"reading {path.name}", total=path.stat().st_size)
            for position in source.read(path):
                bar.update(reading, completed=position)
    return source


def span_of(source: EventFiles, until: datetime | None, go_live_at: datetime | None) -> Span:
    """The span of a replay of these files; the same for every configuration that is compared. Raises `ReplayError`."""
    wall_ms = SystemClock().now_ms()
    return Span(_ms(until) if until else min(source.last_event_ms, wall_ms), _ms(go_live_at) if go_live_at else 0, wall_ms)


def apply_files(console: Console, source: EventFiles, configuration: Configuration, span: Span) -> ReplayResult:
    """Run what was read through a configuration; may be repeated with others.

    Where the files hold answers of a roster, owners are theirs; else a roster answers as the replay goes.
    """
    policy = EnginePolicy(
        partitions=source.partitions,
        topics=(*input_topics(), ASSIGNMENTS),
        until_ms=span.until_ms,
        go_live_ms=span.go_live_ms,
        quiet=configuration.quiet(),
    )
    with _progress(console) as bar:
        applying = bar.add_task("applying", total=source.lines)
        roster = None if source.answered else RosterPlan(configuration.roster_pipeline, source.people)
        build = partial(configuration.pipeline, roster=True)
        return replay(source.logs, build, policy, span.wall_ms, lambda events: bar.advance(applying, events), roster)


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal, transient=True)


def _ms(moment: datetime) -> int:
    if moment.tzinfo is None:
        raise ReplayError(f"{moment.isoformat()}: the time needs an offset, e.g. 2026-03-01T00:00:00+00:00")
    return int(moment.timestamp() * 1000)
