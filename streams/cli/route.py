"""`playcall route`: where a trigger would go, and why."""

from pathlib import Path
from typing import Annotated, Any

import typer

from plays.loading.errors import ConfigError
from plays.playbooks.book import UnknownPlayError
from plays.runs.roles import RoleError, parse_role
from plays.sla.first_action import FirstActionError, check_first_action
from schemas.records.wire import epoch_ms
from streams.cli.account_file import read_json, refuse
from streams.cli.compose import Configuration, chosen, load_configuration
from streams.cli.exits import ANSWER_IS_NO, DONE
from streams.cli.known import Known
from streams.cli.options import AsJson, Bootstrap, Config, Rules, TopicPrefix
from streams.cli.preview import sample_trigger
from streams.cli.route_data import data
from streams.cli.route_sources import Sources, time_of
from streams.cli.route_view import Route
from streams.cli.route_words import told
from streams.cli.routing import path_of, resolved_fields, route
from streams.cli.runs import moment_of
from streams.cli.terminal import print_json
from streams.processing.cell import CellError
from streams.settings import load_settings

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
    runs: Annotated[
        list[Path] | None,
        typer.Option(
            "--runs",
            metavar="FILE",
            help="Open runs and what people hold by these JSON lines (a dump of play-launches, `replay --json`), up to the trigger; may be "
            "repeated.",
            exists=True,
            dir_okay=False,
            show_default=False,
        ),
    ] = None,
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
    it, or as it is where Playcall runs: runs that are open, messages sent. Without --live and
    --runs nobody is taken to hold anything that the account's own runs do not give them.

    Exit code 0: a named person would have it now, or automation where the rule asks for that; in a run of its own, or in one that is
    open and takes it in. 1: it goes to the fallback person, is suppressed, or nothing comes of it. 2: a file, an option or a record is
    refused, or Kafka cannot be read.
    """
    stated = read_json(trigger)
    if not isinstance(stated, dict):
        raise refuse(f"{trigger}: give one trigger, an object")
    stated = stated.get("record", stated)  # as `playcall replay --json` prints it
    moment = moment_of(at) if live or at is not None or "time" not in stated else time_of(trigger, stated["time"])
    stated, at_ms = {**stated, "time": moment.isoformat()}, epoch_ms(moment)
    if not live and (bootstrap or topic_prefix or config):
        raise refuse("--bootstrap, --topic-prefix and --config say where --live reads: add --live, or leave them out")
    if live and runs:
        raise refuse("--live and --runs both tell what people hold: give one of them")
    settings = load_settings({"bootstrap": bootstrap, "topic_prefix": topic_prefix}, config) if live else None
    if settings is not None:
        library, policy = library or settings.library, policy or settings.policy
    try:
        configuration = load_configuration(library, policy, ("all",))  # any rule may be tried
        only = chosen(rules) or (None if settings is None else settings.rules)
        running = load_configuration(library, policy, only)
    except ConfigError as error:
        raise refuse(str(error)) from None
    try:
        known = Sources(trigger, account, tuple(runs or ()), settings).known(stated.get("account_id"), running, at_ms)
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
