"""The owners file, the numbers of the SLA clocks and the calendars, from a policy folder."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from plays.loading.calendars import CALENDARS_FILE, load_calendars
from plays.loading.closure_codes import load_closure_codes
from plays.loading.document import read_document
from plays.loading.errors import Complaint, ConfigError
from plays.policy.closure_codes import ANY_CODE
from plays.policy.closures import ClosedDays
from plays.policy.owners import Team
from plays.problem import Problem
from plays.runs.policy import RunPolicy
from plays.sla.calendars import Calendars
from plays.sla.policy import SlaPolicy

DEFAULT_POLICY = Path(__file__).parent.parent / "policy" / "default"


class Defaults(BaseModel):
    """`defaults.yaml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sla: SlaPolicy = SlaPolicy()


def load_run_policy(folder: Path = DEFAULT_POLICY, plays: Iterable[str] | None = None, closed: ClosedDays | None = None) -> RunPolicy:
    """`owners.yaml` (mandatory), `defaults.yaml`, `calendars.yaml` and `closure-codes.yaml` (optional) of the folder.

    Closure codes may be for `plays` only, where these are given. `closed`: days on which customers are closed, else by closures.yaml.
    Raises `ConfigError` with every complaint.
    """
    owners, defaults = folder / "owners.yaml", folder / "defaults.yaml"
    if not owners.is_file():
        fix = f"copy {DEFAULT_POLICY / 'owners.yaml'} there and put your own team in"
        raise ConfigError([Complaint(owners, 1, "the owners file is missing: no run could be given to anybody", fix)])
    complaints: list[Complaint] = []
    team, sla, calendars = None, SlaPolicy(), None
    try:
        calendars = load_calendars(folder, closed)
    except ConfigError as error:
        complaints.extend(error.complaints)
    try:
        team = read_document(owners).validate(Team, lambda found: (*found.problems(), *_unknown_calendars(found, calendars)))
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
    if team is None or calendars is None or complaints:
        raise ConfigError(complaints)
    return RunPolicy(team, sla, calendars, codes=codes)


def _unknown_calendars(team: Team, calendars: Calendars | None) -> Iterator[Problem]:
    for index, person in enumerate(team.people):
        if calendars is not None and person.calendar is not None and person.calendar not in calendars:
            what = f"{person.id} works by calendar {person.calendar!r}, which nobody wrote"
            yield Problem(("people", index, "calendar"), what, f"add it to {CALENDARS_FILE}, or name one of {', '.join(calendars.names)}")
