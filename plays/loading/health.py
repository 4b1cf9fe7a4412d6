"""The health file of a policy folder."""

from collections.abc import Sequence
from pathlib import Path

from plays.loading.document import read_document
from plays.loading.errors import ConfigError
from plays.loading.segments import POLICY
from plays.policy.health import HealthPolicy

HEALTH_FILE = "health.yaml"


def load_health(folder: Path, segments: Sequence[str]) -> HealthPolicy:
    """`health.yaml` of the folder, or the one shipped where there is none. Raises `ConfigError` with every complaint."""
    path = folder / HEALTH_FILE
    if not path.is_file():
        path = POLICY / HEALTH_FILE
    document = read_document(path)
    policy = document.validate(HealthPolicy, HealthPolicy.problems)
    problems = list(policy.segment_problems(segments))
    if problems:
        raise ConfigError([document.complain(problem) for problem in problems])
    return policy
