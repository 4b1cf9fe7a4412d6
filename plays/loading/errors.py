"""A configuration file that is refused."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple


class Complaint(NamedTuple):
    """One thing wrong with one file, at a line (1-based)."""

    path: Path
    line: int
    what: str
    fix: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}. Fix: {self.fix}"


class ConfigError(Exception):
    """One or more files are refused; the text lists every complaint, one a line."""

    def __init__(self, complaints: Sequence[Complaint]) -> None:
        super().__init__("\n".join(str(complaint) for complaint in complaints))
        self.complaints = tuple(complaints)
