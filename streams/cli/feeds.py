"""`playcall feeds`: the topics that events arrive on, as the workers see them."""

import asyncio
from difflib import get_close_matches
from typing import Annotated

import typer

from schemas.catalogue import task_topics
from schemas.records.wire import rfc3339, utc
from streams.cli.options import AppId, AsJson, Bootstrap, Config, TopicPrefix
from streams.cli.terminal import print_json, progress
from streams.clock import SystemClock
from streams.kafka.resumes import ask_for_resume
from streams.settings import load_settings

app = typer.Typer(name="feeds", help="The topics that events arrive on: read on after a pause.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    pass


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
    if name not in task_topics():
        close = get_close_matches(name, task_topics(), n=1)
        hint = f"did you mean {close[0]}?" if close else f"topics that can be paused: {', '.join(task_topics())}"
        raise typer.BadParameter(f"{name} is no topic that events arrive on: {hint}")
    settings = load_settings({"bootstrap": bootstrap, "topic_prefix": topic_prefix, "app_id": app_id}, config)
    progress(f"asking the workers of {settings.app_id} at {settings.bootstrap}")
    asked = asyncio.run(ask_for_resume(settings, name, SystemClock()))
    if as_json:
        print_json({"topic": name, "app_id": settings.app_id, "at": rfc3339(utc(asked.at_ms)), "upto": asked.upto})
        return
    ends = ", ".join(f"{partition}:{end}" for partition, end in enumerate(asked.upto))
    print(f"{name} is read on by the workers of {settings.app_id}; what lies before partition:offset {ends} counts towards no new pause")
