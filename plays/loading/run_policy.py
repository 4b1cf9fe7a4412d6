"""The owners file and the numbers of the SLA clocks, from a policy folder."""

from collections.abc import Iterable
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from plays.loading.closure_codes import load_closure_codes
from plays.loading.document import read_document
from plays.loading.errors import Complaint, ConfigError
from plays.policy.closure_codes import ANY_CODE
from plays.policy.owners import Team
from plays.runs.policy import RunPolicy
from plays.sla.policy import SlaPolicy

DEFAULT_POLICY = Path(__file__).parent.parent / "policy" / "default"


class Defaults(BaseModel):
    """`defaults.yaml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sla: SlaPolicy = SlaPolicy()


def load_run_policy(folder: Path = DEFAULT_POLICY, plays: Iterable[str] | None = None) -> RunPolicy:
    """`owners.yaml` (mandatory), `defaults.yaml` and `closure-codes.yaml` (optional) of the folder.

    Closure codes may be for `plays` only, where these are given. Raises `ConfigError` with every complaint.
    """
    owners, defaults = folder / "owners.yaml", folder / "defaults.yaml"
    if not owners.is_file():
        fix = f"copy {DEFAULT_POLICY / 'owners.yaml'} there and put your own team in"
        raise ConfigError([Complaint(owners, 1, "the owners file is missing: no run could be given to anybody", fix)])
    complaints: list[Complaint] = []
    team, sla = None, SlaPolicy()
    try:
        team = read_document(owners).validate(Team, Team.problems)
    except ConfigError as error:
        complaints.extend(error.complaints)
    try:
        if defaults.is_file():
            sla = read_document(defaults).validate(Defaults).sla
    except ConfigError as error:
        complaints.extend(error.complaints)
    codes = ANY_CODE
    try:
        codes = load_closure_codes(folder, plays)
    except ConfigError as error:
        complaints.extend(error.complaints)
    if team is None or complaints:
        raise ConfigError(complaints)
    return RunPolicy(team, sla, codes=codes)
