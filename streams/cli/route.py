"""`playcall route`: where a trigger would go, and why."""

from pathlib import Path
from typing import Annotated

import typer

from plays.loading.errors import ConfigError
from plays.loading.run_policy import DEFAULT_POLICY
from plays.playbooks.book import UnknownPlayError
from plays.runs.roles import RoleError, parse_role
from plays.sla.first_action import FirstActionError, check_first_action
from streams.cli.account_file import AccountFile, read_json, refuse
from streams.cli.compose import DEFAULT_LIBRARY, load_configuration
from streams.cli.exits import ANSWER_IS_NO, DONE
from streams.cli.options import AsJson
from streams.cli.preview import SAMPLE_ACCOUNT, sample_trigger
from streams.cli.route_words import data, told
from streams.cli.routing import resolved_fields, route
from streams.cli.runs import moment_of
from streams.cli.terminal import print_json
from streams.clock import SystemClock

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
        typer.Option("--account", metavar="ACCOUNT.json", help="The fields of account.updated, or a list of events of one account."),
    ] = None,
    at: Annotated[
        str | None, typer.Option("--at", help="As if it fired at this moment, RFC 3339.", show_default="its time, or now")
    ] = None,
    library: Annotated[Path, typer.Option("--library", help="Folder of rules and playbooks.", show_default="the built-in library")] = (
        DEFAULT_LIBRARY
    ),
    policy: Annotated[
        Path, typer.Option("--policy", help="Folder of owners, calendars, suppression.", show_default="the built-in policy")
    ] = (DEFAULT_POLICY),
    as_json: AsJson = False,
) -> None:
    """Print segments, play, owner with scores and runners-up, each clock with the working hours it counts, and what would suppress it.

    What the trigger leaves out is as its rule has it for the account's segments. Nobody is taken to hold anything yet, and no run to
    be open. Exit code 0: it would be launched now, for a named person, or for automation where the rule asks for that. 1: it goes to
    the fallback person, is suppressed, or is not launched at all. 2: a file or an option is refused.
    """
    try:
        configuration = load_configuration(library, policy, ("all",))
    except ConfigError as error:
        raise refuse(str(error)) from None
    stated = read_json(trigger)
    if not isinstance(stated, dict):
        raise refuse(f"{trigger}: give one trigger, an object")
    stated = stated.get("record", stated)  # as `playcall replay --json` prints it
    if at is not None:
        stated = {**stated, "time": moment_of(at).isoformat()}
    reader = SAMPLE_ACCOUNT if account is None else AccountFile.read(account)
    context = reader.context(configuration)
    fields, set_by = resolved_fields(configuration, stated.get("rule"), context.path)
    whole = {**fields, **stated}
    play = whole.get("play")
    if not isinstance(play, str):
        raise refuse(f"{trigger}: say which `rule` fired, one of the library, or name the `play`")
    fired = sample_trigger(play, configuration.stated, reader.account_id, SystemClock().now_ms(), whole)
    try:
        parse_role(fired.owner_role)
        check_first_action(fired.first_action)
        configuration.playbooks.require([play])
    except (RoleError, FirstActionError, UnknownPlayError) as error:
        raise refuse(f"{trigger}: {error}") from None
    found = route(configuration, fired, context, {name: where for name, where in set_by.items() if name not in stated})
    if as_json:
        print_json(data(found))
    else:
        print("\n".join(told(found)))
    raise typer.Exit(DONE if found.reaches_somebody else ANSWER_IS_NO)
