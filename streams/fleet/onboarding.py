"""How a customer begins: known for long, or handed over by sales and brought on board step by step."""

from streams.fleet.diary import SIGNED_HOUR, Diary
from streams.fleet.draws import chance, stream
from streams.fleet.goals import plan_day, plan_name
from streams.fleet.profile import Profile, likes_strategy
from streams.fleet.span import DAY_MS, HOUR_MS, MINUTE_MS, Span
from streams.fleet.story import Kind, Story

_CRM, _CALENDAR, _PRODUCT = "crm", "calendar", "product"
_STEPS = (("technical_setup", 2, 7), ("integration", 5, 8), ("admin_training", 12, 6), ("first_workflow", 16, 9))
# the steps of the product's own activation path, and the days after the step before
_PATH = (("first_login", (0, 1)), ("first_import", (0, 2)), ("invite_team", (1, 3)), ("first_workflow", (1, 5)))


def write_beginning(seed: int, profile: Profile, story: Story, span: Span) -> Diary:
    """Profile, hand-over, kickoff, milestones and first steps; of an old customer the profile only."""
    diary = Diary(seed, profile, story, span, "beginning")
    if story.joined is None:
        index = int(profile.account_id[5:])
        known = span.start_ms + index * 100
        diary.write(known, "account.updated", _CRM, **_profile(seed, profile))
    else:
        _onboard(diary, seed, story.joined)
    if story.churn is not None:
        diary.write(diary.at(story.churn, 0) - MINUTE_MS, "account.churned", _CRM, reason="contract not continued")
    if story.back is not None:
        diary.write(diary.at(story.back, SIGNED_HOUR), "account.reactivated", _CRM)
    return diary


def _profile(seed: int, profile: Profile) -> dict[str, object]:
    return {
        "name": profile.name,
        "industry": profile.industry,
        "tier": profile.size.name,
        "plan_type": profile.size.plan,
        "acv": profile.acv,
        "mrr": profile.mrr,
        "currency": "USD",
        "seats": profile.seats,
        "region": profile.region,
        "timezone": profile.zone,
        "strategic": likes_strategy(stream(seed, "strategic", profile.account_id), profile.size),
        "csm": profile.csm,
        "account_executive": profile.account_executive,
        "executive_sponsor": profile.executive_sponsor,
        "key_features": list(profile.key_features),
    }


def _onboard(diary: Diary, seed: int, joined: int) -> None:
    rng, profile = diary.rng, diary.profile
    slow = diary.story.kind is Kind.SLOW_ONBOARDING
    signed = diary.at(joined, SIGNED_HOUR)
    diary.write(signed, "account.created", _CRM, **_profile(seed, profile))
    if profile.human_touch:
        handoff = signed + int(rng.uniform(1, 6) * HOUR_MS)
        diary.write(handoff, "account.handoff", _CRM, csm=profile.csm, account_executive=profile.account_executive)
        booked = joined + (rng.randint(9, 13) if slow else rng.randint(1, 4))
        meeting = diary.new_id("mt")
        invited = [f"{profile.account_id}-c1", f"{profile.account_id}-c2"]
        about = {"meeting_id": meeting, "kind": "kickoff", "invited": invited}
        diary.write(diary.office(booked), "meeting.scheduled", _CALENDAR, **about)
        diary.write(diary.office(booked + rng.randint(2, 4)), "meeting.held", _CALENDAR, **about, attended=invited)
    _milestones(diary, seed, joined, slow)
    _activation(diary, joined)


def _activation(diary: Diary, joined: int) -> None:
    """The product's own path for new customers. Most walk it in two weeks, some stop half-way."""
    rng = diary.rng
    if diary.story.kind is Kind.NEVER_STARTED:
        return
    stop = rng.randint(1, 3) if chance(rng, 0.2) else len(_PATH)
    day = joined
    for step, days in _PATH[:stop]:
        day += rng.randint(*days)
        moment = diary.at(day, rng.uniform(10.2, 17))
        diary.write(moment, "activation.step_completed", _PRODUCT, step=step, user_id=f"{diary.profile.account_id}-u01")


def _milestones(diary: Diary, seed: int, joined: int, slow: bool) -> None:
    """The steps of the project, each with its due date; small customers do the first only, by themselves."""
    rng, profile = diary.rng, diary.profile
    steps = _STEPS if profile.human_touch else _STEPS[:1]
    stuck = rng.randrange(len(steps)) if slow else -1
    ends = []
    for number, (kind, begin, usual) in enumerate(steps):
        milestone = diary.new_id("M")
        started = diary.workday(joined + begin)
        due = started + usual + 2
        about = {"milestone_id": milestone, "kind": kind}
        diary.write(diary.at(started, 10) + number, "milestone.started", _CRM, **about, due=str(diary.span.date_of(due)))
        took = rng.randint(24, 38) if number == stuck else max(1, round(usual * rng.uniform(0.4, 0.95)))
        done = diary.office(started + took)
        if number == stuck and chance(rng, 0.6):
            moved = started + 16
            dates = {"due": str(diary.span.date_of(moved + 14)), "due_before": str(diary.span.date_of(due))}
            diary.write(diary.office(moved), "milestone.moved", _CRM, **about, **dates)
        if kind == "integration":
            diary.write(done - HOUR_MS // 2, "integration.connected", _PRODUCT, integration="data_warehouse")
        diary.write(done, "milestone.completed", _CRM, **about)
        if profile.human_touch and not slow and started + took > plan_day(seed, profile, diary.story):
            diary.write(done + 2 * MINUTE_MS, "plan.updated", _CRM, plan_id=plan_name(profile))  # whoever reports it looks what comes next
        ends.append(done)
    if diary.story.kind is not Kind.NEVER_STARTED:
        diary.write(max(ends) + DAY_MS, "onboarding.completed", _CRM)
