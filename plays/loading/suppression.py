"""The suppression file of a policy folder."""

from collections.abc import Iterable
from pathlib import Path

from plays.loading.document import read_document
from plays.loading.errors import Complaint, ConfigError
from plays.loading.run_policy import DEFAULT_POLICY
from plays.problem import Problem
from plays.suppression.policy import SuppressionPolicy
from plays.suppression.standing import standing
from schemas.records.wire import rfc3339

SUPPRESSION_FILE = "suppression.yaml"


def load_suppression(folder: Path, segments: Iterable[str], rules: Iterable[str], plays: Iterable[str]) -> SuppressionPolicy:
    """`suppression.yaml` of the folder, or the one shipped where there is none; checked against the names there are.

    Raises `ConfigError` with every complaint.
    """
    document = read_document(_path(folder))
    policy = document.validate(SuppressionPolicy, SuppressionPolicy.problems)
    problems = list(policy.names_problems(frozenset(segments), frozenset(rules), frozenset(plays)))
    if problems:
        raise ConfigError([document.complain(problem) for problem in problems])
    return policy


def expired_silences(folder: Path, now_ms: int) -> list[Complaint]:
    """Silences that are over and still in the file: no error, since they mute nothing. Raises `ConfigError` for a bad file."""
    document = read_document(_path(folder))
    policy = document.validate(SuppressionPolicy, SuppressionPolicy.problems)
    return [
        document.complain(Problem(("silences", index), f"silence {one.name!r} expired at {rfc3339(one.expires)}", "remove it"))
        for index, one in enumerate(policy.silences)
        if standing(one, now_ms) == "expired"
    ]


def _path(folder: Path) -> Path:
    path = folder / SUPPRESSION_FILE
    return path if path.is_file() else DEFAULT_POLICY / SUPPRESSION_FILE
