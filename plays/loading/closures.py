"""The closures file of a policy folder, and the countries of the timezones."""

from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from plays.loading.document import read_document
from plays.policy.closures import ClosedDays, ClosurePolicy

CLOSURES_FILE = "closures.yaml"


def load_closures(folder: Path) -> ClosedDays:
    """`closures.yaml` of the folder; where there is none, public holidays alone. Raises `ConfigError` with every complaint."""
    path = folder / CLOSURES_FILE
    policy = read_document(path).validate(ClosurePolicy, ClosurePolicy.problems) if path.is_file() else ClosurePolicy()
    return ClosedDays(policy, countries_of_zones())


@lru_cache(maxsize=1)
def countries_of_zones() -> dict[str, str]:
    """ISO 3166 country by IANA timezone, from the time zone database itself (`zone.tab`: one country a zone)."""
    lines = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if not line.startswith("#"))
    return {row[2]: row[0] for row in rows}
