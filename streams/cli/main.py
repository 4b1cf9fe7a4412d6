"""The `playcall` command. Every sub-command lives in the file of its name and is imported only when it is asked for.

A file defines `app`, a typer.Typer. Given a name (`typer.Typer(name="topics", ...)`) it is a group of commands; without one, its
commands stand at the top (`@app.command("worker")`). Adding a command is adding a file and its name to COMMANDS.
"""

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version as distribution_version
from typing import Annotated

import typer

from streams.broker.errors import BrokerError
from streams.cli.exits import REFUSED
from streams.settings import SettingsError

COMMANDS = (
    "worker",
    "replay",
    "demo",
    "rules",
    "plays",
    "route",
    "runs",
    "sla",
    "outcomes",
    "segments",
    "silences",
    "health",
    "topics",
    "acls",
    "feeds",
    "dlq",
    "doctor",
    "kafka",
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and exit: 0 done, 1 it ran and the answer is no (a difference, a failing test), 2 it could not run."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    asked = next((word for word in given if not word.startswith("-")), None)
    app = _build((asked,) if asked in COMMANDS else COMMANDS)
    try:
        app(args=given, prog_name="playcall")
    except (SettingsError, BrokerError) as error:
        print(f"playcall: {error}", file=sys.stderr)
        sys.exit(REFUSED)


def _build(commands: Sequence[str]) -> typer.Typer:
    app = typer.Typer(
        help="Customer signals in, owned plays out, exactly once, on Kafka.",
        epilog="Settings: file (playcall.toml, or --config) < environment (PLAYCALL_BOOTSTRAP, ...) < flag. "
        "Exit codes: 0 done, 1 the answer is no, 2 it could not run.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    for name in commands:
        app.add_typer(import_module(f"streams.cli.{name}").app)
    return app


def _root(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", help="Show the version and exit.", callback=lambda asked: _print_version() if asked else None, is_eager=True
        ),
    ] = False,
) -> None:
    pass


def _print_version() -> None:
    print(f"playcall {distribution_version('playcall')}")
    raise typer.Exit


if __name__ == "__main__":
    main()
