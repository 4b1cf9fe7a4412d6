"""`playcall route`: where a trigger would go, and why."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from plays.loading.errors import ConfigError
from plays.playbooks.book import UnknownPlayError
from plays.runs.roles import RoleError, parse_role
from plays.sla.first_action import FirstActionError, check_first_action
from schemas.records.wire import epoch_ms
from streams.cli.account_file import AccountFile, read_json, refuse
from streams.cli.compose import Configuration, chosen, load_configuration
from streams.cli.exits import ANSWER_IS_NO, DONE
from streams.cli.known import Known
from streams.cli.live_state import live as live_account
from streams.cli.live_state import with_live_loads
from streams.cli.options import AsJson, Bootstrap, Config, Rules, TopicPrefix
from streams.cli.preview import SAMPLE_ACCOUNT, sample_trigger
from streams.cli.retracing import retrace
from streams.cli.route_data import data
from streams.cli.route_view import Route
from streams.cli.route_words import told
from streams.cli.routing import path_of, resolved_fields, route
from streams.cli.runs import moment_of
from streams.cli.terminal import print_json, progress
from streams.clock import SystemClock
from streams.processing.cell import CellError
from streams.settings import Settings, load_settings

_SHIPPED = "the built-in one, or with --live that of the settings"

app = typer.Typer(name="route", help="Where a trigger would go, and why.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    pass


@app.command("test")
def try_(
    trigger: Annotated[
        Path, typer.Argument(metavar="TRIGGER.json", help="A trigger as on the topic `triggers`, whole or some of its fields: `rule`, say.")
    ],
    account: Annotated[
        Path | None,
        typer.Option(
            "--account",
            metavar="ACCOUNT.json",
            help="The fields of account.updated, or a list of events of one account: its history, up to the trigger.",
            show_default="a sample account",
        ),
    ] = None,
    at: Annotated[
        str | None, typer.Option("--at", help="As if it fired at this moment, RFC 3339.", show_default="its time, or now")
    ] = None,
    live: Annotated[
        bool,
        typer.Option(
            "--live", help="Read from Kafka what people hold, and the trigger's account too where no --account is given; as of now."
        ),
    ] = False,
    library: Annotated[Path | None, typer.Option("--library", help="Folder of rules and playbooks.", show_default=_SHIPPED)] = None,
    policy: Annotated[
        Path | None, typer.Option("--policy", help="Folder of owners, calendars, suppression.", show_default=_SHIPPED)
    ] = None,
    rules: Rules = None,
    bootstrap: Bootstrap = None,
    topic_prefix: TopicPrefix = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Print segments, play, owner with scores and runners-up, each clock with the working hours it counts, and what would suppress it.

    What the trigger leaves out is as its rule has it for the account's segments. It is judged on the account as its events have made
    it, or as it is where Playcall runs: runs that are open, messages sent. Without --live nobody is taken to hold anything that the
    account's own runs do not give them.

    Exit code 0: a named person would have it now, or automation where the rule asks for that; in a run of its own, or in one that is
    open and takes it in. 1: it goes to the fallback person, is suppressed, or nothing comes of it. 2: a file, an option or a record is
    refused, or Kafka cannot be read.
    """
    stated = read_json(trigger)
    if not isinstance(stated, dict):
        raise refuse(f"{trigger}: give one trigger, an object")
    stated = stated.get("record", stated)  # as `playcall replay --json` prints it
    stated = {**stated, "time": _time(trigger, stated, at, live=live).isoformat()}
    if not live and (bootstrap or topic_prefix or config):
        raise refuse("--bootstrap, --topic-prefix and --config say where --live reads: add --live, or leave them out")
    settings = load_settings({"bootstrap": bootstrap, "topic_prefix": topic_prefix}, config) if live else None
    if settings is not None:
        library, policy = library or settings.library, policy or settings.policy
    try:
        configuration = load_configuration(library, policy, ("all",))  # any rule may be tried
        only = chosen(rules) or (None if settings is None else settings.rules)
        running = load_configuration(library, policy, only)
    except ConfigError as error:
        raise refuse(str(error)) from None
    at_ms = epoch_ms(datetime.fromisoformat(stated["time"]))
    try:
        known = _known(trigger, stated.get("account_id"), account, settings, running, at_ms)
        found = _found(trigger, stated, configuration, known, at_ms)
    except CellError as error:
        raise refuse(f"the state there cannot be read by this release: {error}") from None
    if as_json:
        print_json(data(found))
    else:
        print("\n".join(told(found)))
    raise typer.Exit(DONE if found.reaches_somebody else ANSWER_IS_NO)


def _found(trigger: Path, stated: dict[str, Any], configuration: Configuration, known: Known, at_ms: int) -> Route:
    path = path_of(configuration, known, at_ms)
    fields, set_by = resolved_fields(configuration, stated.get("rule"), path)
    whole = {**fields, **stated}
    play = whole.get("play")
    if not isinstance(play, str):
        raise refuse(f"{trigger}: say which `rule` fired, one of the library, or name the `play`")
    fired = sample_trigger(play, configuration.stated, known.account_id, at_ms, whole)
    try:
        parse_role(fired.owner_role)
        check_first_action(fired.first_action)
        configuration.playbooks.require([play])
    except (RoleError, FirstActionError, UnknownPlayError) as error:
        raise refuse(f"{trigger}: {error}") from None
    return route(configuration, fired, known, {name: where for name, where in set_by.items() if name not in stated})


def _time(trigger: Path, stated: dict[str, Any], at: str | None, *, live: bool) -> datetime:
    """When it is taken to fire. What is read live is as of now, whenever the trigger was raised."""
    if live or at is not None or "time" not in stated:
        return moment_of(at)
    try:
        moment = datetime.fromisoformat(str(stated["time"]))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise refuse(f"{trigger}: `time` {stated['time']!r} is no moment with an offset: write 2026-03-02T09:15:00Z")
    return moment


def _known(trigger: Path, account_id: object, file: Path | None, settings: Settings | None, running: Configuration, at_ms: int) -> Known:
    """Whose trigger it is, and how things stand: what the trigger leaves out the file says, and the other way round."""
    named = None if account_id is None else str(account_id)
    if settings is not None:
        progress(f"reading the state at {settings.bootstrap}")
        if file is None:
            if named is None:
                raise refuse(f"{trigger}: say whose trigger it is (`account_id`), or give --account")
            known = live_account(settings, named)
            if known is None:
                raise refuse(f"nothing is known of the account {named} at {settings.bootstrap}: check `account_id`, or give --account")
            return known
    if file is None:
        reader = SAMPLE_ACCOUNT if named is None else SAMPLE_ACCOUNT.of(named)
    else:
        reader = AccountFile.read(file, named)
        if named not in (None, reader.account_id):
            raise refuse(
                f"{trigger} is about the account {named}, {file} about {reader.account_id}: give the events of the trigger's account"
            )
    if reader.dated:
        progress(f"reading the events of {reader.account_id}")
    known = retrace(running, reader, at_ms, SystemClock().now_ms())
    return known if settings is None else with_live_loads(known, settings)
