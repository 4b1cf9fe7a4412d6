"""What an examination found: what happened, where, and what to do about it."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

Severity = Literal["error", "warning", "note"]
"""A worker cannot run or will stop at it; something will go wrong later; good to know."""

_ORDER: dict[Severity, int] = {"error": 0, "warning": 1, "note": 2}


class Finding(NamedTuple):
    """One of them. `where` is a topic, `topic:partition`, `topic:partition:offset`, or a cell of an account."""

    severity: Severity
    where: str
    what: str
    remedy: str


def by_severity(findings: Iterable[Finding]) -> list[Finding]:
    """The worst first; otherwise in the order found."""
    return sorted(findings, key=lambda finding: _ORDER[finding.severity])


def unwell(findings: Iterable[Finding]) -> bool:
    """Whether anything is worse than a note."""
    return any(finding.severity != "note" for finding in findings)
