"""What a command says beside its answer: on stderr, and only to a person."""

import sys
from typing import Any

import orjson


def progress(text: str) -> None:
    """A line about what takes time: on stderr, and only where that is a terminal."""
    if sys.stderr.isatty():
        print(f"… {text}", file=sys.stderr, flush=True)


def print_json(value: Any) -> None:
    """The machine-readable answer: one line of JSON on stdout, keys sorted."""
    sys.stdout.write(orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode() + "\n")
    sys.stdout.flush()
