"""`playcall topics`: the catalogue against a broker."""

import asyncio
import dataclasses
from collections.abc import Sequence
from pathlib import Path

import typer

from streams.cli.exits import ANSWER_IS_NO
from streams.cli.options import AsJson, Bootstrap, Config, Partitions, ReplicationFactor, TopicPrefix
from streams.cli.terminal import print_json, progress
from streams.kafka.admin import Difference, apply_topics, check_topics
from streams.settings import Settings, load_settings

app = typer.Typer(name="topics", help="Create the topics of the catalogue, and compare them with a broker.", no_args_is_help=True)


@app.command()
def apply(
    bootstrap: Bootstrap = None,
    topic_prefix: TopicPrefix = None,
    partitions: Partitions = None,
    replication_factor: ReplicationFactor = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Create the topics that are missing; never alter one that is there.

    Exit code 1 where an existing topic differs from the catalogue, as in `topics check`.
    """
    settings = _settings(config, bootstrap, topic_prefix, partitions, replication_factor)
    progress(f"creating topics at {settings.bootstrap}")
    created, remaining = asyncio.run(apply_topics(settings))
    if as_json:
        print_json({"created": created, "differences": [dataclasses.asdict(difference) for difference in remaining]})
    else:
        for name in created:
            print(f"created {name}")
        if not created and not remaining:
            print("nothing to create: every topic is as the catalogue says")
    _end(remaining, quiet=as_json)


@app.command()
def check(
    bootstrap: Bootstrap = None,
    topic_prefix: TopicPrefix = None,
    partitions: Partitions = None,
    replication_factor: ReplicationFactor = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Compare partitions, replication and configuration of every topic with the catalogue, and name each difference and its fix.

    Exit code 0: all equal. 1: something differs. 2: the broker or the settings cannot be used.
    """
    settings = _settings(config, bootstrap, topic_prefix, partitions, replication_factor)
    progress(f"comparing topics at {settings.bootstrap}")
    found = asyncio.run(check_topics(settings))
    if as_json:
        print_json({"differences": [dataclasses.asdict(difference) for difference in found]})
    elif not found:
        print("every topic is as the catalogue says")
    _end(found, quiet=as_json)


def _settings(
    config: Path | None, bootstrap: str | None, topic_prefix: str | None, partitions: int | None, replication_factor: int | None
) -> Settings:
    flags = {"bootstrap": bootstrap, "topic_prefix": topic_prefix, "partitions": partitions, "replication_factor": replication_factor}
    return load_settings(flags, config)


def _end(differences: Sequence[Difference], *, quiet: bool) -> None:
    if not quiet:
        for difference in differences:
            print(difference)
    if differences:
        raise typer.Exit(ANSWER_IS_NO)
