"""The switches file of a policy folder."""

from pathlib import Path

from plays.loading.document import read_document
from plays.loading.segments import POLICY
from plays.policy.switches import Switches

SWITCHES_FILE = "rules.yaml"


def load_switches(folder: Path) -> Switches:
    """`rules.yaml` of the folder, or the one shipped where there is none. Raises `ConfigError` with every complaint."""
    path = folder / SWITCHES_FILE
    if not path.is_file():
        path = POLICY / SWITCHES_FILE
    return read_document(path).validate(Switches, Switches.problems)
