"""`playcall feeds`: the topics that events arrive on, as the workers see them."""

import asyncio
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

import typer

from plays.loading.errors import ConfigError
from plays.loading.feeds import load_feed_policy
from schemas.catalogue import read_topics
from schemas.records.wire import rfc3339, utc
from streams.cli.exits import ANSWER_IS_NO, DONE, REFUSED
from streams.cli.feeds_overview import Overview
from streams.cli.options import AppId, AsJson, Bootstrap, Config, TopicPrefix
from streams.cli.terminal import print_json, progress
from streams.cli.worker import clock_of
from streams.kafka.feed_report import read_news
from streams.kafka.feed_report import retire as retire_feed
from streams.kafka.resumes import ask_for_resume
from streams.settings import load_settings

app = typer.Typer(name="feeds", help="The publishers of events: who is alive, what waits for whom; read on after a pause.")


@app.callback(invoke_without_command=True)
def show(
    context: typer.Context,
    bootstrap: Bootstrap = None,
    topic_prefix: TopicPrefix = None,
    app_id: AppId = None,
    policy: Annotated[Path | None, typer.Option(help="Folder of policies whose feeds.yaml counts instead of the one shipped.")] = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Every feed, partition by partition: when it was last heard, whether that is recent enough, and what is held because of it.

    Exit codes: 0 every feed is alive, 1 one is not, or something is held or paused, 2 could not look.
    """
    if context.invoked_subcommand is not None:
        return
    flags = {"bootstrap": bootstrap, "topic_prefix": topic_prefix, "app_id": app_id, "policy": policy}
    settings = load_settings(flags, config)
    try:
        rules = load_feed_policy(settings.policy) if settings.policy else load_feed_policy()
    except ConfigError as problem:
        typer.echo(f"playcall: {problem}", err=True)
        raise typer.Exit(REFUSED) from problem
    progress(f"reading what the workers of {settings.app_id} told at {settings.bootstrap}")
    news, partitions = asyncio.run(read_news(settings))
    overview = Overview(news.reports, news.retired, partitions, rules, clock_of(settings).now_ms())
    if as_json:
        print_json(overview.as_json())
    else:
        print("\n".join(overview.lines()))
    raise typer.Exit(DONE if overview.well else ANSWER_IS_NO)


@app.command()
def retire(
    topic: Annotated[str, typer.Argument(help="The topic, without prefix, such as billing.")],
    source: Annotated[str, typer.Argument(help="The publisher, as its events name it.")],
    bootstrap: Bootstrap = None,
    topic_prefix: TopicPrefix = None,
    app_id: AppId = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Say that a publisher is gone for good: silences wait for it no longer. It counts again as soon as it is heard."""
    _known(topic)
    settings = load_settings({"bootstrap": bootstrap, "topic_prefix": topic_prefix, "app_id": app_id}, config)
    at_ms = asyncio.run(retire_feed(settings, topic, source, clock_of(settings)))
    if as_json:
        print_json({"topic": topic, "source": source, "app_id": settings.app_id, "at": rfc3339(utc(at_ms))})
    else:
        print(f"{topic}/{source} is retired for {settings.app_id} as of {rfc3339(utc(at_ms))}; it counts again when it is heard")


@app.command()
def resume(
    name: Annotated[str, typer.Argument(help="The paused topic, without prefix, such as tickets.", metavar="TOPIC")],
    bootstrap: Bootstrap = None,
    topic_prefix: TopicPrefix = None,
    app_id: AppId = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Have a topic read on that was paused because of its dead letters. Fix the publisher first.

    What is in the topic now is read whatever it holds: records that cannot be understood go to the dead letters. What comes after
    is watched anew. Asking for a topic that is not paused changes nothing but that.
    """
    _known(name)
    settings = load_settings({"bootstrap": bootstrap, "topic_prefix": topic_prefix, "app_id": app_id}, config)
    progress(f"asking the workers of {settings.app_id} at {settings.bootstrap}")
    asked = asyncio.run(ask_for_resume(settings, name, clock_of(settings)))
    if as_json:
        print_json({"topic": name, "app_id": settings.app_id, "at": rfc3339(utc(asked.at_ms)), "upto": asked.upto})
        return
    ends = ", ".join(f"{partition}:{end}" for partition, end in enumerate(asked.upto))
    print(f"{name} is read on by the workers of {settings.app_id}; what lies before partition:offset {ends} counts towards no new pause")


def _known(topic: str) -> None:
    if topic not in read_topics():
        close = get_close_matches(topic, read_topics(), n=1)
        hint = f"did you mean {close[0]}?" if close else f"the topics are {', '.join(read_topics())}"
        raise typer.BadParameter(f"{topic} is no topic that events arrive on: {hint}")
