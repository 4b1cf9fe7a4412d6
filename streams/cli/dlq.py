"""`playcall dlq`: what could not be understood, why, and the way back."""

import asyncio
import base64
from typing import Annotated, Any

import typer

from schemas.catalogue import outside_topics
from schemas.records.dead_letter import SUFFIX
from schemas.records.wire import rfc3339, utc
from streams.cli.exits import ANSWER_IS_NO
from streams.cli.options import AppId, AsJson, Bootstrap, Config, TopicPrefix
from streams.cli.redriving import tell, wanted_of
from streams.cli.terminal import print_json, progress
from streams.clock import SystemClock
from streams.kafka.dead_letters import DeadLetter, Place, dead_letter_topics, newest, read_one
from streams.kafka.redrive import TIMES, Choice, redrive
from streams.settings import load_settings

app = typer.Typer(name="dlq", help="Dead letters: what could not be understood or applied, why, and the way back.", no_args_is_help=True)

SHOWN_BYTES = 4096

Reasons = Annotated[list[str] | None, typer.Option("--reason", help="Only this reason; may be repeated.", show_default=False)]
Since = Annotated[str | None, typer.Option(help="Refused at or after: RFC 3339, or how long ago (24h).", show_default=False)]
Until = Annotated[str | None, typer.Option(help="Refused before: RFC 3339, or how long ago.", show_default=False)]


@app.command()
def ls(
    topics: Annotated[list[str] | None, typer.Argument(help="Source or dead letter topics [default: all].", show_default=False)] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000, help="Most letters per topic, the newest.")] = 20,
    reason: Reasons = None,
    since: Since = None,
    until: Until = None,
    bootstrap: Bootstrap = None,
    topic_prefix: TopicPrefix = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """List the newest dead letters in order of time, one a line: when, place, reason, where it came from, error."""
    wanted = wanted_of(reason, since, until, SystemClock().now_ms())
    settings = load_settings({"bootstrap": bootstrap, "topic_prefix": topic_prefix}, config)
    asked = [_topic(name) for name in topics] if topics else dead_letter_topics()
    progress(f"reading dead letters at {settings.bootstrap}")
    for letter in asyncio.run(newest(settings, asked, limit, wanted)):
        if as_json:
            print_json(_as_json(letter))
        else:
            when = rfc3339(utc(letter.refused_ms))
            print(f"{when}\t{letter.place}\t{letter.reason}\tfrom {letter.source}\t{printable(letter.error.encode())}")


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
    print(f"refused  {rfc3339(utc(letter.refused_ms))}")
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


@app.command("redrive")
def redrive_(
    topics: Annotated[
        list[str] | None, typer.Option("--topic", help="Only letters of this topic; may be repeated.", show_default=False)
    ] = None,
    reason: Reasons = None,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int | None, typer.Option("--limit", "-n", min=1, help="Most letters to put back.", show_default=False)] = None,
    max_times: Annotated[int, typer.Option("--max-times", min=1, help="A record put back so often already is left.")] = TIMES,
    bootstrap: Bootstrap = None,
    topic_prefix: TopicPrefix = None,
    app_id: AppId = None,
    config: Config = None,
    as_json: AsJson = False,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would go, with samples.")] = False,
) -> None:
    """Put dead letters back on the topics they arrived on, once what made them dead letters is mended.

    Each letter goes back once: the same command again, also after a kill, puts back only what is new. A record that comes back as a
    dead letter has been counted in its headers, and is left after --max-times. Needs at least one of --topic, --reason, --since, --until.

    Exit code 0: all that was asked for is back. 1: something is left; the lines say what and why. 2: refused.
    """
    if not (topics or reason or since or until):
        raise typer.BadParameter("say which letters: --reason, --topic, --since or --until; --dry-run shows what would go")
    wanted = wanted_of(reason, since, until, SystemClock().now_ms())
    settings = load_settings({"bootstrap": bootstrap, "topic_prefix": topic_prefix, "app_id": app_id}, config)
    homes = [_topic(name).removesuffix(SUFFIX) for name in topics] if topics else outside_topics()
    choice = Choice(list(dict.fromkeys(homes)), wanted, limit, max_times)
    progress(f"reading dead letters at {settings.bootstrap}")
    result = asyncio.run(redrive(settings, choice, dry_run=dry_run, say=progress))
    tell(result, dry_run=dry_run, max_times=max_times, limit=limit, as_json=as_json)
    if result.left:
        raise typer.Exit(ANSWER_IS_NO)


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
        "refused": rfc3339(utc(letter.refused_ms)),
        "appended": rfc3339(utc(letter.appended_ms)),
        "app_version": letter.app_version,
        "key": _base64(letter.key),
        "value": _base64(letter.value),
        "headers": [[name, _base64(value)] for name, value in letter.headers],
    }


def _base64(raw: bytes | None) -> str | None:
    return None if raw is None else base64.b64encode(raw).decode()
