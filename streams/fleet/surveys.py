"""What customers say when they are asked, and what those in charge of them think."""

from streams.fleet.diary import Diary
from streams.fleet.draws import chance, pick
from streams.fleet.people import contacts
from streams.fleet.profile import ENTERPRISE, Profile
from streams.fleet.span import Span
from streams.fleet.story import FALLS, Kind, Story

_SURVEY, _CRM = "survey", "crm"


def write_surveys(seed: int, profile: Profile, story: Story, span: Span) -> Diary:
    """A relationship survey every quarter that some answer, one on effort after the start, and the rating of the manager."""
    diary = Diary(seed, profile, story, span, "surveys")
    rng = diary.rng
    if story.kind is Kind.NEVER_STARTED:
        return diary
    people = contacts(seed, profile, story, span)
    for day in range((story.joined or 0) + rng.randint(10, 90), span.days, 91):
        for contact in people:
            if contact.responsive(day) and chance(rng, 0.4) and story.alive(day):
                answer = {"kind": "nps", "score": _promoter_score(diary, day), "scale": "0-10", "contact_id": contact.contact_id}
                diary.write(diary.office(day + rng.randint(0, 6)), "survey.responded", _SURVEY, **answer)
    if story.joined is not None and chance(rng, 0.6):
        effort = rng.randint(2, 4) if story.kind is Kind.SLOW_ONBOARDING else rng.randint(5, 7)
        about = {"kind": "ces", "score": effort, "scale": "1-7", "contact_id": people[0].contact_id}
        diary.write(diary.office(story.joined + rng.randint(35, 50)), "survey.responded", _SURVEY, **about)
    if profile.size is ENTERPRISE:
        for day in range((story.joined or 0) + rng.randint(30, 60), span.days, 61):
            diary.write(diary.office(day), "health.stated", _CRM, rating=_rating(story, day), user_id=profile.csm)
    return diary


def _promoter_score(diary: Diary, day: int) -> int:
    story, rng = diary.story, diary.rng
    unhappy = story.kind is Kind.TICKET_STORM and story.start is not None and day >= story.start
    fallen = story.kind in FALLS and story.kind is not Kind.SILENT_DECLINE and story.vitality(day) < 0.6
    if unhappy or fallen:
        return rng.randint(1, 7)
    return pick(rng, (6, 7, 8, 9, 10), (1, 6, 12, 18, 14))


def _rating(story: Story, day: int) -> str:
    if story.vitality(day) < 0.5:
        return "critical" if story.vitality(day) < 0.25 else "at_risk"
    return "at_risk" if story.kind is Kind.RENEWAL_DOUBT and story.on(day) else "healthy"
