"""Signs that a customer will need more of it, or less, and what becomes of the subscription."""

from streams.fleet.diary import Diary
from streams.fleet.draws import pick
from streams.fleet.profile import Profile, Size, dealt
from streams.fleet.span import Span
from streams.fleet.story import Kind, Story

_BOOKS, _SALES, _CRM = "billing", "crm", "crm"
_USE_CASES = ("forecasts for the second warehouse", "approvals for the finance team", "an inbox for the partners", "a report for the board")
_PLAN_BELOW = {"enterprise": "business", "business": "starter", "starter": "starter"}


def write_growth(seed: int, profile: Profile, story: Story, span: Span) -> Diary:
    """Wishes and signals of growth and contraction, with the change of the subscription they end in."""
    diary = Diary(seed, profile, story, span, "growth")
    rng = diary.rng
    first = (story.joined or 0) + 40
    if story.kind is Kind.GROWTH and story.start is not None:
        _grows(diary, story.start)
    elif story.kind is Kind.DOWNSIZING and story.start is not None:
        _shrinks(diary, story.start, profile.size)
    elif story.well and first < span.days - 5:
        if dealt(seed, "wish", profile.account_id, 12):
            diary.write(diary.office(rng.randint(first, span.days)), "request.use_case", _CRM, **_wish(diary))
        if dealt(seed, "curious", profile.account_id, 11):
            about = {"kind": pick(rng, ("seat_limit", "pricing_page", "new_team")), "strength": pick(rng, ("low", "medium", "high"))}
            diary.write(diary.office(rng.randint(first, span.days)), "expansion.signal", _SALES, **about)
    if story.kind is Kind.REORGANISATION and story.start is not None:
        kind = pick(rng, ("merger", "reorganisation", "layoff", "priority_pivot"))
        diary.write(diary.office(story.start), "account.org_changed", _CRM, kind=kind, note="announced to the staff")
    elif dealt(seed, "organisation", profile.account_id, 40):
        diary.write(diary.office(rng.randint(20, span.days)), "account.org_changed", _CRM, kind="new_division")
    return diary


def _grows(diary: Diary, start: int) -> None:
    """They ask for more, look at prices, and after some months buy."""
    rng, profile = diary.rng, diary.profile
    for day in range(start, diary.span.days, 70):
        diary.write(diary.office(day + rng.randint(0, 20)), "request.use_case", _CRM, **_wish(diary))
        about = {"kind": "seat_limit", "strength": "high"}
        diary.write(diary.office(day + rng.randint(5, 30)), "expansion.signal", _SALES, **about)
    more = profile.seats + max(1, profile.seats // 4)
    mrr = round(profile.mrr * more / profile.seats, 2)
    bought = diary.office(start + rng.randint(80, 110))
    diary.write(
        bought, "subscription.changed", _BOOKS, plan=profile.size.plan, plan_before=profile.size.plan, seats=more,
        seats_before=profile.seats, mrr=mrr, mrr_before=profile.mrr, currency="USD",
    )  # fmt: skip
    diary.write(bought + 60_000, "account.updated", _CRM, seats=more, mrr=mrr)


def _shrinks(diary: Diary, start: int, size: Size) -> None:
    """A hint, a question, then fewer seats or a smaller plan."""
    rng, profile = diary.rng, diary.profile
    hint = {"kind": pick(rng, ("budget_cut", "downgrade_question")), "strength": pick(rng, ("medium", "high"))}
    diary.write(diary.office(start), "contraction.signal", _SALES, **hint)
    fewer = max(1, round(profile.seats * rng.uniform(0.6, 0.8)))
    mrr = round(profile.mrr * fewer / profile.seats, 2)
    plan = pick(rng, (size.plan, _PLAN_BELOW[size.plan]))
    changed = diary.office(start + diary.story.ramp)
    diary.write(
        changed, "subscription.changed", _BOOKS, plan=plan, plan_before=size.plan, seats=fewer, seats_before=profile.seats,
        mrr=mrr, mrr_before=profile.mrr, currency="USD",
    )  # fmt: skip
    diary.write(changed + 60_000, "account.updated", _CRM, seats=fewer, mrr=mrr)


def _wish(diary: Diary) -> dict[str, str]:
    return {"use_case": pick(diary.rng, _USE_CASES), "contact_id": f"{diary.profile.account_id}-c1"}
