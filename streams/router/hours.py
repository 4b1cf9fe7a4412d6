"""In whose working hours the business spans of a run are counted."""

from plays.runs.policy import RunPolicy
from plays.sla.calendar import WorkingCalendar
from schemas.records.trigger import Priority
from streams.processing.account import PROFILE
from streams.processing.cells import Cells


def working_hours(
    cells: Cells,
    policy: RunPolicy,
    priority: Priority,
    owner: str | None = None,
    calendar: str | None = None,
    timezone: str | None = None,
) -> WorkingCalendar:
    """As the policy says for a run of this priority: the company's, those of the owner (an id of the team), or the customer's.

    `calendar` and `timezone` are the owner's where the roster said so: it may know more than the owners file.
    """
    whose = policy.sla.whose(priority)
    if whose == "customer":
        profile = cells[PROFILE]
        return policy.calendars.customer(cells.account_id, profile.region, profile.timezone)
    if whose == "company":
        return policy.calendars.company
    person = next((one for one in policy.team.people if one.id == owner), None)
    if person is not None:
        calendar, timezone = calendar or person.calendar, timezone or person.timezone
    return policy.calendars.person(calendar, timezone)
