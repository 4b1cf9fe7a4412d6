"""What waits goes at the first moment at which nothing stands against it, and never earlier."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from plays.suppression.judgement import judge
from plays.suppression.policy import ContactBudget, Inhibition, Kinds, Maintenance, QuietHours, Silence, SuppressionPolicy
from plays.suppression.quiet import quiet_until
from plays.suppression.touches import Touches
from plays.suppression.verdict import Action, Hold, OpenRun
from schemas.records.wire import utc

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
T0 = 1_772_000_000_000 // HOUR * HOUR

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ZONES = ("UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "Africa/Casablanca")
PRIORITIES = ("P1", "P2", "P3", "P4")
CONCERNS = ("support", "expansion", "adoption")

minutes = st.integers(0, 24 * 60 - 1)


def quiets(days_off: int = 6) -> st.SearchStrategy[QuietHours]:
    return st.builds(
        QuietHours,
        starts=minutes,
        ends=minutes,
        days_off=st.lists(st.sampled_from(DAYS), unique=True, max_size=days_off).map(tuple),
        exempt=st.sampled_from(((), ("P2",))),
    ).filter(lambda quiet: quiet.starts != quiet.ends)


def is_quiet(quiet: QuietHours, local: datetime) -> bool:
    """By what the clocks show, and nothing else."""
    minute = local.hour * 60 + local.minute
    inside = quiet.starts <= minute < quiet.ends if quiet.starts < quiet.ends else minute >= quiet.starts or minute < quiet.ends
    return inside or DAYS[local.weekday()] in quiet.days_off


@settings(max_examples=500, deadline=None)
@given(
    quiet=quiets(days_off=2), zone=st.sampled_from(ZONES), at=st.integers(1_577_836_800_000, 1_830_297_600_000), near=st.booleans(),
    change=st.integers(-12 * 60, 12 * 60),
)  # fmt: skip
def test_quiet_ends_in_the_first_minute_that_is_not_quiet_by_the_clocks(
    quiet: QuietHours, zone: str, at: int, near: bool, change: int
) -> None:
    if near:  # around a change of the clocks of central Europe: 2026-03-29T01:00Z
        at = 1_774_746_000_000 + change * MINUTE
    found = quiet_until(quiet, zone, at)

    minute = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=at // MINUTE)).astimezone(UTC)
    if not is_quiet(quiet, minute.astimezone(ZoneInfo(zone))):
        assert found is None
        return
    while is_quiet(quiet, minute.astimezone(ZoneInfo(zone))):
        minute += timedelta(minutes=1)
    assert found == int(minute.timestamp()) * 1000


@settings(max_examples=500, deadline=None)
@given(
    budget=st.builds(ContactBudget, window=st.integers(1, 9), per_contact=st.integers(1, 4), per_account=st.integers(4, 8)),
    wishes=st.lists(
        st.tuples(st.integers(0, 40), st.sampled_from(("ana", "bo", "cem", None)), st.sampled_from(("P1", "P2", "P3"))), max_size=60
    ),
)
def test_the_budget_is_kept_in_every_window_and_used_at_the_first_moment_it_can_be(
    budget: ContactBudget, wishes: list[tuple[int, str | None, str]]
) -> None:
    """Against a record of every message ever sent, counted window by window."""
    policy, touches = SuppressionPolicy(contact_budget=budget), Touches()
    sent: list[tuple[int, str | None]] = []
    now = T0

    def room(at: int, contact: str | None) -> bool:
        lately = [who for when, who in sent if when > at - budget.window * DAY]
        of_contact = sum(who == contact for who in lately) if contact is not None else 0
        return len(lately) < budget.per_account and of_contact < budget.per_contact

    for hours, contact, priority in wishes:
        now += hours * HOUR
        action = Action("message", "acme", "T04", "usage-review", "adoption", priority, contact=contact)  # type: ignore[arg-type]
        verdict = judge(policy, action, (), touches, now)
        if priority == "P1":
            assert verdict is None  # counted, never stopped
        elif verdict is not None:
            assert isinstance(verdict, Hold)
            assert not room(now, contact)
            assert verdict.until_ms is not None
            assert not room(verdict.until_ms - 1, contact)
            assert room(verdict.until_ms, contact)
            continue
        else:
            assert room(now, contact)
        sent.append((now, contact))
        touches.note(contact, now)


hours = st.integers(0, 200)


def windows() -> st.SearchStrategy[tuple[int, int]]:
    return st.tuples(hours, st.integers(1, 60)).map(lambda pair: (T0 + pair[0] * HOUR, T0 + (pair[0] + pair[1]) * HOUR))


@st.composite
def policies(draw: st.DrawFn) -> SuppressionPolicy:
    spans = draw(st.lists(windows(), max_size=4))
    silenced = draw(st.lists(windows(), max_size=4))
    quiet = draw(st.none() | st.just(QuietHours(starts=20 * 60, ends=8 * 60, days_off=("sun",))))
    budget = draw(st.none() | st.just(ContactBudget(window=2, per_contact=1, per_account=2)))
    mute = (Kinds(concerns=("expansion",)), Kinds(priorities=("P4",)))
    inhibition = Inhibition(name="trouble", reason="a P1 is open", while_open=Kinds(priorities=("P1",)), mute=mute)
    return SuppressionPolicy(
        inhibitions=draw(st.sampled_from(((), (inhibition,)))),
        silences=tuple(
            Silence(
                name=f"s-{n}", author="maya", reason="because", starts=utc(a), expires=utc(b),
                rules=draw(st.sampled_from(((), ("T04",), ("T99",)))), segments=draw(st.sampled_from((("tech",), ("high",)))),
            )
            for n, (a, b) in enumerate(silenced)
        ),
        maintenance=tuple(
            Maintenance(name=f"m-{n}", reason="because", starts=utc(a), ends=utc(b), regions=draw(st.sampled_from(((), ("EU",), ("US",)))))
            for n, (a, b) in enumerate(spans)
        ),
        contact_budget=budget,
        quiet_hours=quiet,
    )  # fmt: skip


def stands(policy: SuppressionPolicy, action: Action, runs: Sequence[OpenRun], sent: list[int], at: int) -> list[str]:
    """Names of the entries that stand against the action, by the words of the page."""
    found = [m.name for m in policy.maintenance if utc(at) >= m.starts and utc(at) < m.ends and m.regions in ((), ("EU",))]
    found += [
        s.name
        for s in policy.silences
        if (s.starts is None or utc(at) >= s.starts) and utc(at) < s.expires and s.rules in ((), ("T04",)) and s.segments == ("tech",)
    ]
    if action.priority == "P1":
        return found
    muted = action.concern == "expansion" or action.priority == "P4"
    found += [i.name for i in policy.inhibitions if muted and any(run.priority == "P1" for run in runs)]
    if action.kind == "message":
        if policy.contact_budget is not None and any(at - 2 * DAY < when <= at for when in sent):
            found.append("contact budget")
        if policy.quiet_hours is not None and is_quiet(policy.quiet_hours, utc(at).astimezone(ZoneInfo("Asia/Tokyo"))):
            found.append("quiet hours")
    return found


@settings(max_examples=500, deadline=None)
@given(
    policy=policies(), kind=st.sampled_from(("launch", "message")), concern=st.sampled_from(CONCERNS), priority=st.sampled_from(PRIORITIES),
    runs=st.lists(st.tuples(st.sampled_from(CONCERNS), st.sampled_from(PRIORITIES)), max_size=2), start=hours,
    sent=st.lists(st.integers(-60, 0), max_size=2),
)  # fmt: skip
def test_what_waits_goes_at_the_first_moment_at_which_nothing_stands_against_it(
    policy: SuppressionPolicy, kind: str, concern: str, priority: str, runs: list[tuple[str, str]], start: int, sent: list[int]
) -> None:
    """Everything happens on the hour here, so looking at every hour is looking at everything."""
    action = Action(
        kind, "acme", "T04", "usage-review", concern, priority, path=("all", "tech"), region="EU", timezone="Asia/Tokyo", contact="ana"  # type: ignore[arg-type]
    )  # fmt: skip
    open_runs = [OpenRun(f"r-{n}", run[0], run[1]) for n, run in enumerate(runs)]  # type: ignore[arg-type]
    touches, times = Touches(), sorted(T0 + (start + hour) * HOUR for hour in sent)
    for when in times:
        touches.note("ana", when)
    now = T0 + start * HOUR
    for _ in range(40):
        verdict = judge(policy, action, open_runs, touches, now)
        standing = stands(policy, action, open_runs, times, now)
        if verdict is None:
            assert standing == []
            return
        assert isinstance(verdict, Hold)
        assert [cause.by for cause in verdict.causes] == standing  # all of them are named
        until = verdict.until_ms
        if until is None:
            assert verdict.governing.kind == "inhibited"
            return
        assert until == max(cause.until_ms or 0 for cause in verdict.causes) > now
        for hour in range(now, until, HOUR):
            assert stands(policy, action, open_runs, times, hour)
        now = until
    raise AssertionError("it waits for ever")


@settings(max_examples=500, deadline=None)
@given(
    notes=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 700)), min_size=1, max_size=900),
)
def test_what_is_remembered_of_touches_is_bounded(notes: list[tuple[int, int]]) -> None:
    touches, now = Touches(), T0
    for hours_on, contact in notes:
        now += hours_on * HOUR
        touches.note(f"c-{contact}", now)
    assert len(touches.account) <= 20
    assert len(touches.contacts) <= 500
    assert all(0 < len(times) <= 20 for times in touches.contacts.values())
    assert f"c-{notes[-1][1]}" in touches.contacts
    assert all(times[-1] > now - 90 * DAY for times in touches.contacts.values())
