"""Which maintenance window speaks of an action, and how times of day are written."""

import pytest
from pydantic import TypeAdapter, ValidationError

from plays.suppression.judgement import judge
from plays.suppression.moments import TimeOfDay
from plays.suppression.policy import Maintenance, SuppressionPolicy
from plays.suppression.touches import Touches
from plays.suppression.verdict import Action, Hold
from schemas.records.wire import utc

T0 = 1_772_000_000_000
HOUR = 3_600_000

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
