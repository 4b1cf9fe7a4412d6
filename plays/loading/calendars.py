"""The calendars file of a policy folder."""

from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from plays.loading.closures import load_closures
from plays.loading.document import read_document
from plays.policy.calendars import CalendarPolicy
from plays.policy.closures import ClosedDays
from plays.sla.calendars import Calendars

CALENDARS_FILE = "calendars.yaml"
_SHIPPED = Path(__file__).parent.parent / "policy" / "default" / CALENDARS_FILE


def load_calendars(folder: Path, closed: ClosedDays | None = None) -> Calendars:
    """`calendars.yaml` of the folder, or as shipped where there is none; customers are closed as `closed` says, else `closures.yaml`.

    Raises `ConfigError` with every complaint.
    """
    closed = load_closures(folder) if closed is None else closed
    path = folder / CALENDARS_FILE
    document = read_document(path if path.is_file() else _SHIPPED)
    policy = document.validate(CalendarPolicy, lambda found: found.problems(timezones(), closed))
    return policy.build(timezones(), closed)


@lru_cache(maxsize=1)
def timezones() -> frozenset[str]:
    """The IANA timezones, links included, from the time zone database itself: a machine's own may list its local files too."""
    return frozenset(files("tzdata").joinpath("zones").read_text(encoding="utf-8").split())
