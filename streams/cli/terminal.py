"""What a command says beside its answer: on stderr, and only to a person."""

import sys
from typing import Any

import orjson
from rich.console import Console
from rich.markup import escape


def progress(text: str) -> None:
    """A line about what takes time: on stderr, and only where that is a terminal."""
    if sys.stderr.isatty():
        print(f"… {text}", file=sys.stderr, flush=True)


def print_json(value: Any) -> None:
    """The machine-readable answer: one line of JSON on stdout, keys sorted."""
    sys.stdout.write(orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode() + "\n")
    sys.stdout.flush()


def say_refused(console: Console, problem: Exception) -> None:
    """Why the command will not: the words as they are, so that a path can be copied and brackets in it are no markup."""
    console.print(f"[bold red]refused[/]: {escape(str(problem))}", highlight=False, soft_wrap=True)
