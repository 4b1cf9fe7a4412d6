"""What the product itself counts: lifetime counters, hours saved, fresh data."""

from datetime import timedelta

from streams.fleet.diary import Diary
from streams.fleet.draws import chance
from streams.fleet.profile import ENTERPRISE, Profile, dealt
from streams.fleet.span import Span
from streams.fleet.story import Kind, Story

_PRODUCT = "product"
_DATA_EVERY = 3  # days between two refreshes of the customer's data set


def write_results(seed: int, profile: Profile, story: Story, span: Span) -> Diary:
    """Everything the product reports that is no single use of a feature."""
    diary = Diary(seed, profile, story, span, "results")
    if story.kind is not Kind.NEVER_STARTED:
        _counters(diary, seed)
        _value(diary)
        _data(diary)
    return diary


def _counters(diary: Diary, seed: int) -> None:
    """Once a week. Old customers come with what they did before; some are near a round number."""
    rng, profile, story, span = diary.rng, diary.profile, diary.story, diary.span
    counted = [("transactions", profile.users * rng.uniform(25, 45), 10_000)]
    if profile.size is ENTERPRISE or dealt(seed, "community", profile.account_id, 9):
        counted.append(("members", profile.users * rng.uniform(0.6, 1.1), 1_000))
    for counter, weekly, round_number in counted:
        near = dealt(seed, counter, profile.account_id, 5)
        opening = 0.0 if story.joined is not None else weekly * rng.uniform(20, 300)
        if near and story.joined is None:
            opening = max(0.0, round_number - weekly * rng.uniform(4, max(5.0, span.days / 8)))
        value = opening = float(round(opening))
        for day in range((story.joined or 0) + 7, span.days, 7):
            value += round(weekly * rng.uniform(0.8, 1.2) * story.vitality(day))
            if story.alive(day):
                about = {"counter": counter, "value": value, "opening_balance": opening or None}
                diary.write(diary.at(day, 5.5), "usage.counter", _PRODUCT, **about)


def _value(diary: Diary) -> None:
    """At the end of a month, for customers whose way of working is measured."""
    rng, profile, story, span = diary.rng, diary.profile, diary.story, diary.span
    if not chance(rng, 0.7 if profile.human_touch else 0.3):
        return
    hourly = profile.users * rng.uniform(1.5, 4)
    for day in range((story.joined or 0) + 25, span.days):
        date = span.date_of(day)
        if (date + timedelta(days=1)).day == 1 and story.alive(day):
            saved = round(hourly * story.vitality(day) * rng.uniform(0.8, 1.2), 1)
            about = {"metric": "hours_saved", "value": saved, "unit": "h", "period": f"{date:%Y-%m}"}
            diary.write(diary.at(day, 20), "value.measured", _PRODUCT, **about)


def _data(diary: Diary) -> None:
    """A nightly import that works most nights, told every few days; where nobody works nobody repairs it."""
    rng, story = diary.rng, diary.story
    for day in range((story.joined or 0) + 4, diary.span.days, _DATA_EVERY):
        if story.alive(day) and chance(rng, 0.995 if story.vitality(day) > 0.3 else 0.15):
            diary.write(diary.at(day, 3.5), "data.refreshed", _PRODUCT, dataset="records")
