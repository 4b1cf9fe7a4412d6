"""Running event files through a configuration, with progress for people: what several commands do."""

from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from schemas.catalogue import input_topics
from streams.cli.compose import Configuration
from streams.clock import SystemClock
from streams.collector import collect_rarely
from streams.engine.policy import EnginePolicy
from streams.replay.errors import ReplayError
from streams.replay.run import ReplayResult, replay
from streams.replay.source import EventFiles


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
    collect_rarely()
    source = EventFiles(partitions)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        for path in files:
            reading = bar.add_task(f"reading {path.name}", total=path.stat().st_size)
            for position in source.read(path):
                bar.update(reading, completed=position)
        applying = bar.add_task("applying", total=source.lines)
        wall_ms = SystemClock().now_ms()
        policy = EnginePolicy(
            partitions=partitions,
            topics=input_topics(),
            until_ms=_ms(until) if until else min(source.last_event_ms, wall_ms),
            go_live_ms=_ms(go_live_at) if go_live_at else 0,
            quiet=configuration.quiet(),
        )
        return replay(source.logs, configuration.pipeline, policy, wall_ms, lambda events: bar.advance(applying, events)), source


def _ms(moment: datetime) -> int:
    if moment.tzinfo is None:
        raise ReplayError(f"{moment.isoformat()}: the time needs an offset, e.g. 2026-03-01T00:00:00+00:00")
    return int(moment.timestamp() * 1000)
