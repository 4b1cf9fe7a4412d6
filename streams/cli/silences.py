"""`playcall silences`: what is muted by hand, by whom, why, and for how long."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from plays.loading.errors import ConfigError
from plays.loading.run_policy import DEFAULT_POLICY
from plays.suppression.policy import Silence
from plays.suppression.standing import Standing, standing
from schemas.records.wire import epoch_ms, rfc3339, utc
from streams.cli.account_file import refuse
from streams.cli.compose import DEFAULT_LIBRARY, load_configuration
from streams.cli.options import AsJson
from streams.cli.terminal import print_json
from streams.clock import SystemClock

app = typer.Typer(name="silences", help="What is muted by hand, by whom, why, and for how long.", no_args_is_help=True)

_ORDER: tuple[Standing, ...] = ("expiring", "active", "to come", "expired")


@app.callback()
def _group() -> None:
    pass


@app.command("ls")
def list_(
    library: Annotated[Path, typer.Option("--library", help="Folder of rules and playbooks.", show_default="the built-in library")] = (
        DEFAULT_LIBRARY
    ),
    policy: Annotated[Path, typer.Option("--policy", help="Folder with suppression.yaml.", show_default="the built-in policy")] = (
        DEFAULT_POLICY
    ),
    at: Annotated[str | None, typer.Option("--at", metavar="MOMENT", help="As things stand then (RFC 3339).", show_default="now")] = None,
    as_json: AsJson = False,
) -> None:
    """Print the silences of the policy: those that end within a day first, then those in force, to come, and expired.

    Exit code 2: a file is refused.
    """
    now_ms = _moment(at)
    try:
        silences = load_configuration(library, policy, ("all",)).suppression.silences
    except ConfigError as error:
        raise refuse(str(error)) from None
    found = sorted(((standing(one, now_ms), one) for one in silences), key=lambda pair: (_ORDER.index(pair[0]), pair[1].expires))
    if as_json:
        print_json([_view(one, state) for state, one in found])
        return
    if not found:
        print("nothing is silenced")
    for state, one in found:
        print(f"{one.name}: {state}, until {rfc3339(one.expires)}, by {one.author}")
        print(f"  {_scope(one)}{', not even kept' if one.drop else ''}")
        print(f"  {one.reason}")


def _moment(text: str | None) -> int:
    if text is None:
        return SystemClock().now_ms()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise refuse(f"--at {text!r}: write a moment with its offset from UTC, such as {rfc3339(utc(0))}")
    return epoch_ms(moment)


def _scope(one: Silence) -> str:
    stated = {"accounts": one.accounts, "rules": one.rules, "plays": one.plays, "segments": one.segments}
    return "; ".join(f"{name} {', '.join(values)}" for name, values in stated.items() if values)


def _view(one: Silence, state: Standing) -> dict[str, Any]:
    return {
        "name": one.name,
        "state": state,
        "author": one.author,
        "reason": one.reason,
        "starts": None if one.starts is None else rfc3339(one.starts),
        "expires": rfc3339(one.expires),
        "accounts": one.accounts,
        "rules": one.rules,
        "plays": one.plays,
        "segments": one.segments,
        "drop": one.drop,
    }
