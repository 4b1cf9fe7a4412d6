"""The checklist file: one row per trigger, journey, touchpoint and playbook that practice asks for."""

import csv
from pathlib import Path

from plays.loading.errors import Complaint, ConfigError
from plays.loading.rules import LIBRARY
from plays.rules.checklist import Row

CHECKLIST = LIBRARY / "checklist.csv"
_COLUMNS = (
    "id", "concern", "subject", "applies_to", "timer", "priority", "owner", "first_action_sla", "outcome", "play", "definition",
)  # fmt: skip


def load_checklist(path: Path = CHECKLIST) -> dict[str, Row]:
    """Rows by id, in their order. Raises `ConfigError` for a file that is not such a table."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([Complaint(path, 1, f"cannot be read ({error})", "name a CSV file with the columns of the checklist")]) from None
    reader = csv.DictReader(lines)
    missing = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise ConfigError([Complaint(path, 1, f"no column {', '.join(missing)}", f"the columns are {', '.join(_COLUMNS)}")])
    return {row["id"]: row for row in reader}
