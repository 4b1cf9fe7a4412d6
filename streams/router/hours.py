"""In whose working hours the business spans of a run are counted."""

from plays.runs.policy import RunPolicy
from plays.sla.calendar import WorkingCalendar
from schemas.records.trigger import Priority
from streams.processing.account import PROFILE
from streams.processing.cells import Cells


def working_hours(cells: Cells, policy: RunPolicy, priority: Priority, owner: str | None = None) -> WorkingCalendar:
    """As the policy says for a run of this priority: the company's, those of the owner (an id of the team), or the customer's."""
    whose = policy.sla.whose(priority)
    if whose == "customer":
        profile = cells[PROFILE]
        return policy.calendars.customer(cells.account_id, profile.region, profile.timezone)
    person = next((one for one in policy.team.people if one.id == owner), None) if whose == "owner" else None
    return policy.calendars.company if person is None else policy.calendars.person(person.calendar, person.timezone)
