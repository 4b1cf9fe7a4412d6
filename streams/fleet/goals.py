"""The success plan: what the customer wants by when, what could come between, who promised what."""

from dataclasses import dataclass

from streams.fleet.diary import Diary
from streams.fleet.draws import chance, pick, stream
from streams.fleet.people import Contact, contacts
from streams.fleet.profile import ENTERPRISE, Profile
from streams.fleet.span import Span
from streams.fleet.story import Kind, Story

_CRM, _REPORTS = "crm", "reports"

# metric, unit, (least baseline, greatest), share of the baseline that the target is
_WISHES: tuple[tuple[str, str, tuple[float, float], float], ...] = (
    ("resolution_time", "h", (14, 24), 0.5),
    ("agent_satisfaction", "%", (52, 66), 1.3),
    ("customer_effort", "points", (3.8, 4.6), 0.75),
    ("forecast_accuracy", "%", (55, 68), 1.4),
    ("tickets_a_month", "tickets", (120, 400), 0.7),
    ("adoption", "%", (35, 50), 1.7),
)
_RISKS = {
    "sponsor_departure": "a second sponsor from finance",
    "budget_cuts": "report of the savings every quarter",
    "competing_priorities": "one owner for the roll-out",
    "integration_complexity": "data team invited to the monthly meeting",
    "single_threaded_champion": "two more people trained",
}
_PROMISES = (
    "send the export guide", "invite the second team", "share the list of reports", "book the training", "confirm the data owner",
    "review the approval flow", "collect the wishes for next quarter", "test the new import",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Wish:
    metric: str
    unit: str
    baseline: float
    target: float
    agreed: int
    until: int
    kept: bool


class _Plan:
    """The plan of one account, from the day it is agreed."""

    def __init__(self, diary: Diary) -> None:
        self.diary = diary
        rng, story = diary.rng, diary.story
        self.day = plan_day(diary.seed, diary.profile, story)
        self.every = 25 if diary.profile.size is ENTERPRISE else rng.randint(50, 70)
        self.owners = [
            *(contact.name for contact in contacts_of(diary) if contact.influence != "low"),
            diary.profile.csm or "",
        ]
        self.kept = story.kind is not Kind.GOALS_MISSED

    def tell(self) -> None:
        diary, rng = self.diary, self.diary.rng
        plan = plan_name(diary.profile)
        agreed = diary.office(self.day)
        for number, kind in enumerate(rng.sample(sorted(_RISKS), rng.randint(1, 2)), start=1):
            self._risk(kind, agreed - number * 60_000)  # while it is being written
        diary.write(agreed, "plan.created", _CRM, plan_id=plan)
        for number, wished in enumerate(rng.sample(_WISHES, rng.randint(1, 3)), start=1):
            self._wish(number, agreed, wished)
        self._next_step()
        for day in map(diary.workday, self._reviews()):
            diary.write(diary.office(day), "plan.updated", _CRM, plan_id=plan)
            for _ in range(rng.randint(0, 2) if self.kept else rng.randint(2, 3)):  # much is promised where little is kept
                self._promise(day)

    def _reviews(self) -> list[int]:
        """The days on which somebody looks at the plan: at its rhythm, and when a milestone was reached."""
        diary, story = self.diary, self.diary.story
        days = []
        day = self.day + self.every
        while day < diary.span.days:
            slipping = (story.kind is Kind.CADENCE_LOST and story.on(day)) or (not self.kept and story.on(day) and chance(diary.rng, 0.5))
            if not slipping:
                days.append(day)
            day += self.every + diary.rng.randint(-3, 2)
        return days

    def _wish(self, number: int, agreed: int, wished: tuple[str, str, tuple[float, float], float]) -> None:
        diary, rng = self.diary, self.diary.rng
        metric, unit, around, share = wished
        baseline = round(rng.uniform(*around), 1)
        story = diary.story
        kept = self.kept and chance(rng, 0.97) if story.well else self.kept and chance(rng, 0.85)
        wish = _Wish(metric, unit, baseline, round(baseline * share, 1), self.day, self.day + rng.randint(80, 170), kept)
        about = {"metric": metric, "baseline": baseline, "target": wish.target, "unit": unit}
        diary.write(agreed + number, "outcome.targeted", _CRM, **about, date=str(diary.span.date_of(wish.until)))
        self._measurements(wish)

    def _measurements(self, wish: _Wish) -> None:
        """Once a month, and a last time before the date. Who keeps a wish is there a week early."""
        diary, rng = self.diary, self.diary.rng
        for day in [*range(wish.agreed + 30, wish.until - 12, 30), wish.until - 7]:
            way = min(1.0, (day - wish.agreed) / (wish.until - 7 - wish.agreed))
            reach = 1.03 if wish.kept else 0.55
            value = wish.baseline + (wish.target - wish.baseline) * way * reach * (1 if way == 1 else rng.uniform(0.9, 1))
            diary.write(diary.at(day, 7), "outcome.measured", _REPORTS, metric=wish.metric, value=round(value, 1), unit=wish.unit)

    def _risk(self, kind: str, noted: int) -> None:
        diary, rng = self.diary, self.diary.rng
        risk = diary.new_id("R")
        diary.write(
            noted, "risk.registered", _CRM, risk_id=risk, kind=kind, likelihood=pick(rng, ("low", "medium", "high"), (5, 4, 1)),
            impact=pick(rng, ("medium", "high")), mitigation=_RISKS[kind], owner=diary.profile.csm,
        )  # fmt: skip
        if diary.story.well and chance(rng, 0.5):
            diary.write(diary.office(self.day + rng.randint(60, 150)), "risk.closed", _CRM, risk_id=risk)

    def _promise(self, day: int) -> None:
        """Somebody says they will do something. Where plans are not kept nobody is named, and what is named is not done."""
        diary, rng = self.diary, self.diary.rng
        item = diary.new_id("A")
        forgetful = not self.kept and diary.story.on(day)
        vague = chance(rng, 0.5 if forgetful else 0.01)
        due = diary.workday(day + rng.randint(7, 20))
        owner = None if vague and chance(rng, 0.6) else pick(rng, self.owners)
        diary.write(
            diary.office(day) + 120_000, "action_item.created", _CRM, item_id=item, item=pick(rng, _PROMISES), owner=owner,
            due=None if vague and owner is not None else str(diary.span.date_of(due)),
        )  # fmt: skip
        late = chance(rng, 0.6 if forgetful else 0.02)
        done = due + rng.randint(5, 30) if late else rng.randint(day + 2, max(day + 2, due - 3))
        if not (late and chance(rng, 0.3)):
            diary.write(diary.office(done), "action_item.completed", _CRM, item_id=item)

    def _next_step(self) -> None:
        """Half a year in, the plan has the talk about what could come next."""
        diary, rng = self.diary, self.diary.rng
        due = diary.workday(self.day + 183)
        milestone = diary.new_id("M")
        about = {"milestone_id": milestone, "kind": "expansion"}
        diary.write(diary.office(due - 8), "milestone.started", _CRM, **about, due=str(diary.span.date_of(due)))
        late = diary.story.kind is Kind.GOALS_MISSED
        done = diary.office(due + rng.randint(10, 20) if late else due - rng.randint(2, 4))
        diary.write(done, "milestone.completed", _CRM, **about)
        if not late:
            diary.write(done + 120_000, "plan.updated", _CRM, plan_id=plan_name(diary.profile))


def plan_day(seed: int, profile: Profile, story: Story) -> int:
    """The day on which the plan of an account is agreed: in the first two weeks of a new one, in spring for the others."""
    rng = stream(seed, "plan day", profile.account_id)
    return story.joined + rng.randint(8, 16) if story.joined is not None else rng.randint(3, 60)


def plan_name(profile: Profile) -> str:
    """The id of an account's plan: it has one."""
    return f"SP-{profile.account_id[5:]}"


def contacts_of(diary: Diary) -> list[Contact]:
    """The people of the account that are there on the first day."""
    people = contacts(diary.seed, diary.profile, diary.story, diary.span)
    return [contact for contact in people if contact.there(diary.story.joined or 0)]


def write_goals(seed: int, profile: Profile, story: Story, span: Span) -> Diary:
    """Plans exist where somebody of ours knows the customer by name."""
    diary = Diary(seed, profile, story, span, "goals")
    if profile.human_touch and story.kind is not Kind.NEVER_STARTED:
        _Plan(diary).tell()
    return diary
