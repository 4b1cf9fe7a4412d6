"""`playcall dlq`: what could not be understood, and why."""

import asyncio
import base64
from typing import Annotated, Any

import typer

from schemas.records.dead_letter import SUFFIX
from schemas.records.wire import rfc3339, utc
from streams.cli.options import AsJson, Bootstrap, Config, TopicPrefix
from streams.cli.terminal import print_json, progress
from streams.kafka.dead_letters import DeadLetter, Place, dead_letter_topics, newest, read_one
from streams.settings import load_settings

app = typer.Typer(name="dlq", help="Look at dead letters: what could not be understood or applied, and why.", no_args_is_help=True)

SHOWN_BYTES = 4096


@app.command()
def ls(
    topics: Annotated[list[str] | None, typer.Argument(help="Source or dead letter topics [default: all].", show_default=False)] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000, help="Most letters per topic, the newest.")] = 20,
    bootstrap: Bootstrap = None,
    topic_prefix: TopicPrefix = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """List the newest dead letters, one a line: place, reason, where it came from, error."""
    settings = load_settings({"bootstrap": bootstrap, "topic_prefix": topic_prefix}, config)
    asked = [_topic(name) for name in topics] if topics else dead_letter_topics()
    progress(f"reading dead letters at {settings.bootstrap}")
    for letter in asyncio.run(newest(settings, asked, limit)):
        if as_json:
            print_json(_as_json(letter))
        else:
            print(f"{letter.place}\t{letter.reason}\tfrom {letter.source}\t{printable(letter.error.encode())}")


@app.command()
def show(
    place: Annotated[str, typer.Argument(help="TOPIC:PARTITION:OFFSET as `dlq ls` prints it.", metavar="TOPIC:PARTITION:OFFSET")],
    max_bytes: Annotated[int, typer.Option("--bytes", min=0, help="Most bytes of the value to show.")] = SHOWN_BYTES,
    bootstrap: Bootstrap = None,
    topic_prefix: TopicPrefix = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Show one dead letter: reason, source, key, headers and bytes. --json gives every byte, in base64."""
    try:
        parsed = Place.parse(place)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    settings = load_settings({"bootstrap": bootstrap, "topic_prefix": topic_prefix}, config)
    letter = asyncio.run(read_one(settings, parsed._replace(topic=_topic(parsed.topic))))
    if as_json:
        print_json(_as_json(letter))
        return
    print(f"place    {letter.place}")
    print(f"reason   {letter.reason}")
    print(f"error    {printable(letter.error.encode())}")
    print(f"source   {letter.source}")
    print(f"appended {rfc3339(utc(letter.appended_ms))}")
    print(f"version  {letter.app_version}")
    print(f"key      {'none' if letter.key is None else printable(letter.key)}")
    for name, value in letter.headers:
        print(f"header   {printable(name.encode())}: {printable(value)}")
    if letter.value is None:
        print("value    none (a tombstone)")
        return
    more = len(letter.value) - max_bytes
    print(f"value    {len(letter.value)} bytes{f', the first {max_bytes}' if more > 0 else ''}")
    print(printable(letter.value[:max_bytes]))


def printable(raw: bytes) -> str:
    """Bytes as text that is safe on a terminal: what is no printable UTF-8 stands as a backslash escape."""
    text = raw.decode("utf-8", errors="backslashreplace")
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def _topic(name: str) -> str:
    topic = name if name.endswith(SUFFIX) else name + SUFFIX
    if topic not in dead_letter_topics():
        raise typer.BadParameter(f"{name} has no dead letters; topics that have: {', '.join(dead_letter_topics())}")
    return topic


def _as_json(letter: DeadLetter) -> dict[str, Any]:
    return {
        "place": str(letter.place),
        "source": str(letter.source),
        "reason": letter.reason,
        "error": letter.error,
        "appended": rfc3339(utc(letter.appended_ms)),
        "app_version": letter.app_version,
        "key": _base64(letter.key),
        "value": _base64(letter.value),
        "headers": [[name, _base64(value)] for name, value in letter.headers],
    }


def _base64(raw: bytes | None) -> str | None:
    return None if raw is None else base64.b64encode(raw).decode()
