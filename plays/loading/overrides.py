"""The overrides file of a policy folder."""

from collections.abc import Sequence
from pathlib import Path

from plays.loading.document import read_document
from plays.loading.errors import ConfigError
from plays.policy.overrides import Overrides
from plays.rules.rule import Rule

OVERRIDES_FILE = "overrides.yaml"


def load_overrides(folder: Path, library: Sequence[Rule], segments: Sequence[str]) -> Overrides:
    """`overrides.yaml` of the folder, checked against rules and segments; where there is none, nothing is set.

    Raises `ConfigError` with every complaint.
    """
    path = folder / OVERRIDES_FILE
    if not path.is_file():
        return Overrides()
    document = read_document(path)
    overrides = document.validate(Overrides, Overrides.problems)
    problems = list(overrides.library_problems(library, segments))
    if problems:
        raise ConfigError([document.complain(problem) for problem in problems])
    return overrides
