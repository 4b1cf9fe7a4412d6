"""`playcall route`: where a trigger would go, and why."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from plays.loading.errors import ConfigError
from plays.loading.run_policy import DEFAULT_POLICY
from plays.playbooks.book import UnknownPlayError
from plays.runs.roles import RoleError, parse_role
from plays.sla.first_action import FirstActionError, check_first_action
from schemas.records.wire import epoch_ms
from streams.cli.account_file import AccountFile, read_json, refuse
from streams.cli.compose import DEFAULT_LIBRARY, chosen, load_configuration
from streams.cli.exits import ANSWER_IS_NO, DONE
from streams.cli.options import AsJson, Rules
from streams.cli.preview import SAMPLE_ACCOUNT, sample_trigger
from streams.cli.retracing import retrace
from streams.cli.route_data import data
from streams.cli.route_words import told
from streams.cli.routing import path_of, resolved_fields, route
from streams.cli.runs import moment_of
from streams.cli.terminal import print_json, progress
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
    library: Annotated[Path, typer.Option("--library", help="Folder of rules and playbooks.", show_default="the built-in library")] = (
        DEFAULT_LIBRARY
    ),
    policy: Annotated[
        Path, typer.Option("--policy", help="Folder of owners, calendars, suppression.", show_default="the built-in policy")
    ] = (DEFAULT_POLICY),
    rules: Rules = None,
    as_json: AsJson = False,
) -> None:
    """Print segments, play, owner with scores and runners-up, each clock with the working hours it counts, and what would suppress it.

    What the trigger leaves out is as its rule has it for the account's segments. It is judged on the account as its events have made
    it: runs that are open, messages sent. Nobody is taken to hold anything that these do not give them.

    Exit code 0: a named person would have it now, or automation where the rule asks for that; in a run of its own, or in one that is
    open and takes it in. 1: it goes to the fallback person, is suppressed, or nothing comes of it. 2: a file or an option is refused.
    """
    stated = read_json(trigger)
    if not isinstance(stated, dict):
        raise refuse(f"{trigger}: give one trigger, an object")
    stated = stated.get("record", stated)  # as `playcall replay --json` prints it
    stated = {**stated, "time": _time(trigger, stated, at).isoformat()}
    try:
        configuration = load_configuration(library, policy, ("all",))  # any rule may be tried
        running = load_configuration(library, policy, chosen(rules))
    except ConfigError as error:
        raise refuse(str(error)) from None
    reader = _account(trigger, stated.get("account_id"), account)
    at_ms = epoch_ms(datetime.fromisoformat(stated["time"]))
    if reader.dated:
        progress(f"reading the events of {reader.account_id}")
    known = retrace(running, reader, at_ms, SystemClock().now_ms())
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
    found = route(configuration, fired, known, {name: where for name, where in set_by.items() if name not in stated})
    if as_json:
        print_json(data(found))
    else:
        print("\n".join(told(found)))
    raise typer.Exit(DONE if found.reaches_somebody else ANSWER_IS_NO)


def _time(trigger: Path, stated: dict[str, Any], at: str | None) -> datetime:
    """When it is taken to fire."""
    if at is not None or "time" not in stated:
        return moment_of(at)
    try:
        moment = datetime.fromisoformat(str(stated["time"]))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise refuse(f"{trigger}: `time` {stated['time']!r} is no moment with an offset: write 2026-03-02T09:15:00Z")
    return moment


def _account(trigger: Path, account_id: object, file: Path | None) -> AccountFile:
    """Whose trigger it is: what it leaves out the file says, and the other way round."""
    named = None if account_id is None else str(account_id)
    if file is None:
        return SAMPLE_ACCOUNT if named is None else SAMPLE_ACCOUNT.of(named)
    reader = AccountFile.read(file, named)
    if named not in (None, reader.account_id):
        raise refuse(f"{trigger} is about the account {named}, {file} about {reader.account_id}: give the events of the trigger's account")
    return reader
