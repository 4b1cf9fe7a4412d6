"""What each story promises is there in the events of the accounts that live it, and absent from those that are well."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from functools import lru_cache
from itertools import pairwise
from statistics import median
from typing import NamedTuple

import pytest

from streams.fleet.fleet import Fleet, FleetSpec
from streams.fleet.occurrence import Occurrence
from streams.fleet.profile import ENTERPRISE, Profile
from streams.fleet.span import DAY_MS
from streams.fleet.story import Kind, Story

SPEC = FleetSpec()


class Life(NamedTuple):
    """One account with everything it told; days count from the start of the history."""

    profile: Profile
    story: Story
    events: tuple[Occurrence, ...]

    def told(self, *types: str, since: int = 0, until: int = SPEC.days, **fields: object) -> list[Occurrence]:
        begin, end = (SPEC.span.midnight_ms(day, self.profile.zone) for day in (since, until))
        return [
            event
            for event in self.events
            if event.type in types
            and begin <= event.time_ms < end
            and all(event.fields.get(name) == value for name, value in fields.items())
        ]

    def days_of(self, *types: str) -> list[int]:
        return [(event.time_ms - SPEC.span.start_ms) // DAY_MS for event in self.told(*types)]


@lru_cache(maxsize=1)
def lives() -> tuple[Life, ...]:
    fleet = Fleet(SPEC)
    told: dict[str, list[Occurrence]] = defaultdict(list)
    for event in fleet.events():
        if event.type != "feature.used":
            told[event.account_id].append(event)
    return tuple(Life(who, story, tuple(told[who.account_id])) for who, story in zip(fleet.profiles, fleet.stories, strict=True))


def living(kind: Kind) -> list[Life]:
    found = [life for life in lives() if life.story.kind is kind]
    assert len(found) >= 2, kind
    return found


def well() -> Iterator[Life]:
    return (life for life in lives() if life.story.well)


def begun(life: Life) -> int:
    assert life.story.start is not None
    return life.story.start


def ended(life: Life) -> int:
    return SPEC.days if life.story.until is None else life.story.until


def login_days(life: Life, since: int, until: int) -> int:
    return len({event.time_ms // DAY_MS for event in life.told("user.login", since=since, until=until)})


def test_a_silent_decline_fades_to_nothing_while_every_answer_is_full_of_praise() -> None:
    for life in living(Kind.SILENT_DECLINE):
        full = begun(life) + life.story.ramp
        answers = life.told("survey.responded", kind="csat")

        assert login_days(life, full, full + 30) <= 0.2 * login_days(life, begun(life) - 30, begun(life))
        assert {event.fields["score"] for event in answers} == {5}
        assert len(answers) > SPEC.days / 90


def test_power_users_stop_at_once_and_the_others_go_on() -> None:
    for life in living(Kind.POWER_USERS_GONE):
        before: dict[str, int] = defaultdict(int)
        for event in life.told("user.login", until=begun(life)):
            before[event.fields["user_id"]] += 1
        after = {event.fields["user_id"] for event in life.told("user.login", since=begun(life))}
        ranked = sorted(before, key=lambda user: -before[user])

        assert not after.intersection(ranked[: max(2, round(len(ranked) * 0.2))])
        assert len(after) >= len(ranked) / 2


def test_the_dormant_sleep_and_wake() -> None:
    for life in living(Kind.DORMANT):
        assert login_days(life, begun(life), ended(life)) == 0
        assert ended(life) - begun(life) > 31
        assert login_days(life, begun(life) - 20, begun(life)) > 5
        assert login_days(life, ended(life), ended(life) + 20) > 2


def test_the_won_back_come_again_with_a_new_contract() -> None:
    for life in living(Kind.WON_BACK):
        assert life.story.back is not None
        types = [event.type for event in life.told("account.churned", "account.reactivated", "contract.started")]

        assert types[-3:] == ["account.churned", "account.reactivated", "contract.started"]
        assert login_days(life, life.story.back, SPEC.days) > 3


@pytest.mark.parametrize(("kind", "role"), [(Kind.SPONSOR_FADES, "executive_sponsor"), (Kind.CONTACT_COOLS, "champion")])
def test_who_fades_is_invited_but_neither_comes_nor_answers(kind: Kind, role: str) -> None:
    for life in living(kind):
        person = next(event.fields["contact_id"] for event in life.told("contact.updated", since=-1, role=role))
        meetings = life.told("meeting.held", since=begun(life), until=ended(life))

        assert sum(person in meeting.fields["invited"] for meeting in meetings) >= 2
        assert not any(person in meeting.fields["attended"] for meeting in meetings)
        replies = life.told("email.replied", since=begun(life) + 12, until=ended(life), auto_reply=False)
        assert person not in {reply.fields["from"] for reply in replies}


def test_a_lost_cadence_is_a_quarter_without_meetings_calls_or_reviews_of_the_plan() -> None:
    for life in living(Kind.CADENCE_LOST):
        assert ended(life) - begun(life) > 100
        assert life.told("meeting.held", "qbr.completed", "touch.logged", since=begun(life) + 3, until=ended(life)) == []
        assert life.told("meeting.held", since=ended(life))


def test_missed_goals_are_unmet_targets_and_promises_without_a_name_or_late() -> None:
    vague = late = 0
    for life in living(Kind.GOALS_MISSED):
        last = {event.fields["metric"]: event.fields["value"] for event in life.told("outcome.measured")}
        for wish in life.told("outcome.targeted"):
            if date.fromisoformat(wish.fields["date"]) < SPEC.end:
                way = (last[wish.fields["metric"]] - wish.fields["baseline"]) / (wish.fields["target"] - wish.fields["baseline"])
                assert way < 0.9
        done = {event.fields["item_id"]: event.time_ms for event in life.told("action_item.completed")}
        for item in life.told("action_item.created"):
            vague += "owner" not in item.fields or "due" not in item.fields
            due = item.fields.get("due")
            late += due is not None and done.get(item.fields["item_id"], SPEC.span.end_ms) > _ms(due) + 2 * DAY_MS
    assert (vague >= 2, late >= 2) == (True, True)


def test_downsizing_says_so_and_then_does() -> None:
    for life in living(Kind.DOWNSIZING):
        hint, change = life.told("contraction.signal", "subscription.changed")

        assert (hint.type, change.fields["seats"] < change.fields["seats_before"]) == ("contraction.signal", True)


def test_after_a_reorganisation_few_of_those_we_knew_are_left() -> None:
    for life in living(Kind.REORGANISATION):
        known = life.told("contact.updated", since=-1)
        gone = life.told("contact.left", "contact.role_changed")

        assert life.told("account.org_changed")
        assert len(gone) >= len(known) - 2


def test_where_the_price_is_doubted_one_stage_of_the_renewal_lasts_for_weeks() -> None:
    stalls = 0
    for life in living(Kind.RENEWAL_DOUBT):
        stalls += any(later - earlier > 30 for earlier, later in pairwise(life.days_of("renewal.stage_changed")))
    assert stalls >= 2


def test_those_who_grow_use_every_seat_and_ask_for_more() -> None:
    for life in living(Kind.GROWTH):
        logged_in = {event.fields["user_id"] for event in life.told("user.login", since=30, until=65)}

        assert len(logged_in) >= 0.8 * life.profile.seats
        assert life.told("request.use_case")
        assert life.told("expansion.signal")


def test_the_well_live_a_steady_rhythm() -> None:
    """Their meetings come as planned: nobody waits a quarter for a review, or a month for a word."""
    longest: list[int] = []
    for life in well():
        if not life.profile.human_touch:
            continue
        reviews = life.days_of("qbr.completed")
        touches = life.days_of("meeting.held", "touch.logged")
        gaps = [later - earlier for earlier, later in pairwise(touches)]
        longest.append(max(gaps))
        assert all(later - earlier <= 92 for earlier, later in pairwise(reviews))
        assert max(gaps) <= 31
        if life.profile.size is ENTERPRISE:
            syncs = [event.time_ms // DAY_MS for event in life.told("meeting.held", kind="weekly_sync")]
            assert max(later - earlier for earlier, later in pairwise(syncs)) <= 10
    assert median(longest) < 25


def test_anniversaries_of_all_ages_fall_into_the_history() -> None:
    ages: dict[int, int] = defaultdict(int)
    for life in lives():
        if contracts := life.told("contract.started", since=-1):
            first = date.fromisoformat(contracts[0].fields["start"])
            for years in (1, 2, 5):
                ages[years] += SPEC.span.start < first.replace(year=first.year + years, day=min(first.day, 28)) <= SPEC.end
    assert {years for years in (1, 2, 5) if ages[years] < 2} == set()


def _ms(day: str) -> int:
    return int(datetime.fromisoformat(f"{day}T00:00:00+00:00").timestamp()) * 1000
