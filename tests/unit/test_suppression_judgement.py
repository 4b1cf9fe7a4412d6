"""What stands against an action: the windows that speak of it, quiet hours to the minute, who was written to."""

import pytest
from pydantic import TypeAdapter, ValidationError

from plays.suppression.judgement import judge
from plays.suppression.moments import TimeOfDay
from plays.suppression.policy import Maintenance, QuietHours, SuppressionPolicy
from plays.suppression.quiet import quiet_until
from plays.suppression.touches import CONTACTS_AT_MOST, Touches
from plays.suppression.verdict import Action, Hold
from schemas.records.wire import utc

T0 = 1_772_000_000_000
MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR

TIME_OF_DAY: TypeAdapter[int] = TypeAdapter(TimeOfDay)


def window(name: str, starts_ms: int, ends_ms: int, **where: tuple[str, ...]) -> Maintenance:
    return Maintenance.model_validate({"name": name, "reason": "moving house", "starts": utc(starts_ms), "ends": utc(ends_ms), **where})


WINDOWS = (
    window("over", T0 - HOUR, T0),
    window("to come", T0 + 1, T0 + HOUR),
    window("everywhere", T0, T0 + 1),
    window("europe", T0, T0 + HOUR, regions=("EU", "CH")),
    window("large ones", T0, T0 + HOUR, segments=("enterprise", "strategic")),
)


def against(region: str | None, path: tuple[str, ...], at_ms: int) -> list[str]:
    action = Action(
        kind="launch", account_id="acme", priority="P1", concern="support", rule="T07", play="swat", path=path, region=region
    )  # fmt: skip
    verdict = judge(SuppressionPolicy(maintenance=WINDOWS), action, (), Touches(), at_ms)
    return [cause.by for cause in verdict.causes] if isinstance(verdict, Hold) else []


@pytest.mark.parametrize(
    ("region", "path", "at_ms", "windows"),
    [
        ("US", ("all", "smb"), T0, ["everywhere"]),
        ("US", ("all", "smb"), T0 - 1, ["over"]),
        ("US", ("all", "smb"), T0 + 1, ["to come"]),
        ("EU", ("all", "smb"), T0, ["everywhere", "europe"]),
        (None, ("all", "enterprise"), T0, ["everywhere", "large ones"]),
        ("CH", ("all", "strategic"), T0 + HOUR - 1, ["to come", "europe", "large ones"]),
        ("CH", ("all", "strategic"), T0 + HOUR, []),
    ],
)
def test_a_window_holds_what_it_names_while_it_lasts(region: str | None, path: tuple[str, ...], at_ms: int, windows: list[str]) -> None:
    assert against(region, path, at_ms) == windows


@pytest.mark.parametrize(("written", "minute"), [("00:00", 0), ("20:30", 1230), ("23:59", 1439), (0, 0), (1439, 1439)])
def test_a_time_of_day_is_hours_and_minutes_or_what_yaml_makes_of_them(written: object, minute: int) -> None:
    assert TIME_OF_DAY.validate_python(written) == minute
    assert TIME_OF_DAY.validate_python(TIME_OF_DAY.dump_python(minute, mode="json")) == minute


@pytest.mark.parametrize("written", ["24:00", "9:00", "20", "", -1, 1440, True, None, 8.5])
def test_what_is_no_time_of_day_is_refused(written: object) -> None:
    with pytest.raises(ValidationError, match="write a time of day such as 20:00"):
        TIME_OF_DAY.validate_python(written)


@pytest.mark.parametrize(("starts", "ends"), [(1200, 480), (720, 780)])
def test_quiet_begins_with_its_first_minute_and_ends_before_its_last(starts: int, ends: int) -> None:
    quiet, midnight = QuietHours(starts=starts, ends=ends, days_off=()), T0 // DAY * DAY
    over_ms = midnight + ends * MINUTE + (DAY if ends < starts else 0)

    def until(at_ms: int) -> int | None:
        return quiet_until(quiet, "UTC", at_ms)

    assert until(midnight + starts * MINUTE - 1) is None
    assert until(midnight + starts * MINUTE) == until(over_ms - 1) == over_ms
    assert until(over_ms) is None


def test_so_many_contacts_are_remembered_and_the_latest_of_more() -> None:
    touches = Touches()
    for number in range(CONTACTS_AT_MOST):
        touches.note(f"c-{number}", T0 + number)
    assert len(touches.contacts) == CONTACTS_AT_MOST

    touches.note("one more", T0 + CONTACTS_AT_MOST)
    assert [*touches.contacts] == [*(f"c-{number}" for number in range(1, CONTACTS_AT_MOST)), "one more"]
