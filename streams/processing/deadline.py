"""A moment at which a processor wants to be called although nothing arrives."""

from typing import NamedTuple


class Deadline(NamedTuple):
    """A due deadline as handed to `on_deadline`.

    `name` is the owner's own word ("day_close", "T02", "run:<id>:acknowledge:50"); (owner, name) is unique per account.
    """

    name: str
    at_ms: int
