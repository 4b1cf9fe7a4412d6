"""One thing wrong with a configuration file."""

from typing import NamedTuple


class Problem(NamedTuple):
    """`loc` is the path of keys and indexes inside the document, from which the loader finds the line."""

    loc: tuple[str | int, ...]
    what: str
    fix: str
