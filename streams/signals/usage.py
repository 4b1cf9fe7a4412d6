"""Takes product usage in: the hot path of the whole system, and the day close that follows from it."""

from collections.abc import Iterable, Sequence

from schemas.events.event import Event
from streams.processing.account import PROFILE
from streams.processing.cells import Cells
from streams.processing.deadline import Deadline
from streams.processing.effects import Effect, SetDeadline
from streams.processing.moment import Moment
from streams.signals.calendar import calendar_of
from streams.signals.day_close import DayClose
from streams.signals.facts import logins
from streams.signals.facts.past import keep_usage
from streams.signals.state import NEVER, TODAY, WEEKS, Today, Weeks
from streams.signals.weeks import MAX_DAY_FEATURES, MAX_DAY_USERS, add, add_features, moves_on, newest_day, roll

DAY_CLOSE = "day_close"
QUIET_DAYS = 42
"""Days without usage after which no rule over usage can change its mind: the longest baseline has run empty."""

_NOTHING: tuple[Effect, ...] = ()


def is_usage(event: Event) -> bool:
    """Whether a feature.used event is human usage: what no actor did, a person did."""
    actor = event.data.get("actor")
    return actor is None or actor == "human"


def feature_used(cells: Cells, event: Event, moment: Moment) -> Iterable[Effect]:
    """Count one event of usage on its own day. Most events fall into the newest day and touch one small cell."""
    data = event.data
    if data.get("actor", "human") != "human":
        return _NOTHING
    today = cells.edit(TODAY)
    if today.start_ms <= event.time_ms < today.end_ms:
        _gather(today, data.get("user_id"), data["feature"])
        return _NOTHING
    if cells[PROFILE].churned_ms is not None:
        cells.drop(TODAY)
        return _NOTHING
    calendar = calendar_of(cells[PROFILE].timezone)
    day = calendar.day_of(event.time_ms)
    if day < today.day:  # late: its own day is complete, or at least not the newest
        user = data.get("user_id")
        add(_weeks(cells, day), day, 1, () if user is None else (user,), (data["feature"],))
    else:
        if day > today.day:
            if today.count:
                roll(today, _weeks(cells, today.day))
            today.day, today.approximate = day, False
        today.start_ms, today.end_ms = calendar.midnight(day), calendar.close(day)
        today.zone = cells[PROFILE].timezone
        _gather(today, data.get("user_id"), data["feature"])
    today.since_day = min(today.since_day, day)
    today.active_day = min(today.active_day, day)
    if today.closing:
        return _NOTHING
    today.closing = True
    return (SetDeadline(DAY_CLOSE, calendar.close(max(day, calendar.day_of(moment.now_ms))), silence=True),)


def user_login(cells: Cells, event: Event) -> None:
    """Note the first day anybody was active at all."""
    today = cells[TODAY]
    if today.active_day <= today.day and 0 < today.start_ms <= event.time_ms:
        return
    day = calendar_of(cells[PROFILE].timezone).day_of(event.time_ms)
    if day < today.active_day:
        cells.edit(TODAY).active_day = day


def feature_activated(cells: Cells, event: Event) -> None:
    """Note the first day of the feature."""
    day = calendar_of(cells[PROFILE].timezone).day_of(event.time_ms)
    if day < cells[WEEKS].features.get(event.data["feature"], NEVER):
        add_features(cells.edit(WEEKS), day, (event.data["feature"],), used=False)


def close_day(cells: Cells, deadline: Deadline, effects: list[Effect], for_ever: bool) -> DayClose:
    """The day that ended at the deadline is complete; plans the next close unless nothing can change until usage returns.

    On a day without usage nothing is written: which day it is follows from the deadline.
    """
    today = cells[TODAY]
    calendar = calendar_of(today.zone)
    day = calendar.day_of(deadline.at_ms) - 1
    if today.count and today.day <= day:
        today = cells.edit(TODAY)
        roll(today, _weeks(cells, today.day))
    weeks = cells[WEEKS]
    following_ms = calendar.close(day + 1)  # not later only where the calendar ends
    if (for_ever or today.count or day - newest_day(weeks) < QUIET_DAYS) and following_ms > deadline.at_ms:
        effects.append(SetDeadline(DAY_CLOSE, following_ms, silence=True))
    else:
        cells.edit(TODAY).closing = False
    return DayClose(day, today.since_day, weeks, calendar)


def closed(cells: Cells, at_ms: int, back: int) -> DayClose:
    """The day `back` days before that of the instant, as its close left it. It must have been complete for long enough."""
    today = cells[TODAY]
    calendar = calendar_of(cells[PROFILE].timezone)  # a login alone leaves a cell without a zone
    day = calendar.day_of(at_ms) - back
    if today.count and today.day <= day:
        roll(cells.edit(TODAY), _weeks(cells, today.day))
    return DayClose(day, today.since_day, cells[WEEKS], calendar)


def change_zone(cells: Cells, event: Event, timezone: str | None) -> Sequence[Effect]:
    """From now on days are those of another zone: what was counted stays, the open day gets new bounds with its next event."""
    logins.change_zone(cells)
    if TODAY not in cells:
        return ()
    today = cells.edit(TODAY)
    today.zone = timezone
    today.start_ms = today.end_ms = 0
    if not today.closing:
        return ()
    calendar = calendar_of(timezone)
    return (SetDeadline(DAY_CLOSE, calendar.close(calendar.day_of(event.time_ms)), silence=True),)


def start_closing(cells: Cells, since_ms: int) -> Sequence[Effect]:
    """Close days from now on although there may never be usage: for rules that look at its absence."""
    today = cells.edit(TODAY)
    today.closing = True
    today.zone = cells[PROFILE].timezone
    calendar = calendar_of(today.zone)
    return (SetDeadline(DAY_CLOSE, calendar.close(calendar.day_of(since_ms)), silence=True),)


def _weeks(cells: Cells, day: int) -> Weeks:
    """Complete days, to add `day` to."""
    weeks = cells.edit(WEEKS)
    if moves_on(weeks, day):
        keep_usage(cells, weeks, day)
    return weeks


def _gather(today: Today, user: str | None, feature: str) -> None:
    today.count += 1
    users = today.users
    if user is not None and user not in users:
        if len(users) < MAX_DAY_USERS:
            users[user] = 1
        else:
            today.approximate = True
    features = today.features
    if feature not in features and len(features) < MAX_DAY_FEATURES:
        features[feature] = 1
