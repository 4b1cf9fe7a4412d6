"""A term nears its end: the stages of the sale, how sure we are, and letters to those nobody visits."""

from streams.fleet.diary import Diary
from streams.fleet.draws import chance, pick
from streams.fleet.story import Kind

_SALES, _MAIL = "crm", "mail"
_STAGES = ("outreach", "needs_review", "proposal", "negotiation", "legal_review", "procurement")
_STALL = ("negotiation", "legal_review", "procurement")


def confidence(diary: Diary, contract: str, end_day: int) -> None:
    """What the people in charge say of the renewal as it comes closer."""
    rng = diary.rng
    before = [rng.randint(*around) for around in ((128, 150), (92, 108), (61, 80), (34, 50), (12, 24))]
    for days_before in before:
        day = end_day - days_before
        if diary.profile.human_touch or chance(rng, 0.35):
            diary.write(diary.office(day), "renewal.confidence", _SALES, contract_id=contract, confidence=_belief(diary, day))


def stages(diary: Diary, contract: str, signed: int) -> None:
    """The sale, step by step until the day it is signed; where price is doubted it stands still for weeks at one of them."""
    if not diary.profile.human_touch:
        return
    rng, story = diary.rng, diary.story
    # The signed stage is entered on the day of the signature; what lies before is told backwards from there.
    day, later = signed, "closed_won"
    steps = [(day, later)]
    for stage in reversed(_STAGES):
        stalled = story.kind is Kind.RENEWAL_DOUBT and stage == _STALL[int(diary.profile.account_id[5:]) % len(_STALL)]
        day -= rng.randint(38, 55) if stalled else rng.randint(9, 15)
        steps.append((day, stage))
    before = None
    for begun, stage in reversed(steps):
        moment = diary.office(begun) if stage != "closed_won" else diary.at(begun, 8.4)
        diary.write(moment, "renewal.stage_changed", _SALES, contract_id=contract, stage=stage, stage_before=before)
        before = stage


def letters(diary: Diary, end_day: int) -> None:
    """Small customers are written to two months before the end; most answer, or write of their own accord."""
    if diary.profile.human_touch:
        return
    rng = diary.rng
    contact = f"{diary.profile.account_id}-c1"
    sent = diary.at(end_day - 58, 9.5)
    diary.write(sent, "email.sent", _MAIL, to=contact)
    if chance(rng, 0.85):
        diary.write(diary.office(end_day - rng.randint(34, 56)), "email.replied", _MAIL, **{"from": contact, "auto_reply": False})


def _belief(diary: Diary, day: int) -> str:
    story, rng = diary.story, diary.rng
    if story.kind is Kind.RENEWAL_DOUBT and story.start is not None and day >= story.start:
        return pick(rng, ("low", "low", "low", "medium"))
    if story.vitality(day) < 0.6 and story.kind is not Kind.DORMANT:
        return pick(rng, ("low", "medium"), (0.7, 0.3))
    if story.kind is Kind.TICKET_STORM and story.start is not None and story.start <= day <= story.start + 30:
        return pick(rng, ("low", "medium"))
    return pick(rng, ("low", "medium", "high"), (0.02, 0.23, 0.75))
