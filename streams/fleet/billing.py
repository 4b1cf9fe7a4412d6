"""Contracts, subscriptions, invoices and how sure we are of the renewal."""

from datetime import date, timedelta

from streams.fleet.diary import Diary
from streams.fleet.draws import chance, pick
from streams.fleet.profile import Profile
from streams.fleet.span import MINUTE_MS, Span
from streams.fleet.story import Kind, Story

_BOOKS, _SALES = "billing", "crm"
_IMPORT = 4 * MINUTE_MS  # the billing system reports what was there before, after the CRM did


def write_billing(seed: int, profile: Profile, story: Story, span: Span) -> Diary:
    """Everything the billing system and the sales people tell about one account."""
    diary = Diary(seed, profile, story, span, "billing")
    rng = diary.rng
    contract = diary.new_id("K")
    months = pick(rng, profile.size.term_months)
    if story.joined is None:
        end_day = _term_end(diary, months)
        start = _back(span.date_of(end_day), months)
        _term(diary, span.start_ms + _IMPORT, "contract.renewed", contract, (start, span.date_of(end_day), months))
    else:
        start = span.date_of(story.joined)
        end_day = story.joined + (_forward(start, months) - start).days
        signed = diary.at(story.joined, 9.5)
        _term(diary, signed, "contract.started", contract, (start, span.date_of(end_day), months))
        diary.write(
            signed + MINUTE_MS, "subscription.started", _BOOKS,
            contract_id=contract, plan=profile.size.plan, seats=profile.seats, mrr=profile.mrr, currency="USD",
        )  # fmt: skip
    _invoices(diary, contract)
    _confidence(diary, contract, end_day)
    while end_day < span.days:
        end_day = _renewal(diary, contract, end_day, months)
        if end_day < 0:
            break
    if story.churn is not None:
        notice = max(0, story.churn - rng.randint(7, 20))
        last = str(span.date_of(story.churn))
        diary.write(diary.office(notice), "subscription.cancelled", _BOOKS, contract_id=contract, reason="not used enough", effective=last)
        diary.write(diary.at(story.churn, 0) - 2 * MINUTE_MS, "contract.ended", _BOOKS, contract_id=contract)
    return diary


def _term(diary: Diary, time_ms: int, type_: str, contract: str, term: tuple[date, date, int]) -> None:
    """Tell of a contract: `term` is its first day, the day it is up for renewal, its length in months."""
    start, renewal, months = term
    about = {"contract_id": contract, "start": str(start), "renewal_date": str(renewal), "term_months": months}
    diary.write(time_ms, type_, _BOOKS, **about, acv=diary.profile.acv, currency="USD")


def _term_end(diary: Diary, months: int) -> int:
    """The day the running term ends. A customer who doubts its renewal has one to doubt within sight."""
    days, rng = diary.span.days, diary.rng
    if diary.story.kind is Kind.RENEWAL_DOUBT and diary.story.start is not None:
        return diary.story.start + rng.randint(45, 110)
    if diary.story.churn is not None:
        return diary.story.churn
    return rng.randint(min(20, days), max(21, min(round(30.4 * months), days + 330)))


def _invoices(diary: Diary, contract: str) -> None:
    rng, story, profile, days = diary.rng, diary.story, diary.profile, diary.span.days
    yearly = profile.size.name == "enterprise"
    every = 91 if yearly else 30
    terms = 30 if profile.human_touch else 14
    first = rng.randrange(every) if story.joined is None else story.joined + 1
    amount = round(profile.mrr * (3 if yearly else 1), 2)
    careless = chance(rng, 0.06)
    for day in range(first, days, every):
        day_due = day + terms
        invoice = diary.new_id("I")
        about = {"invoice_id": invoice, "contract_id": contract, "amount": amount, "currency": "USD"}
        diary.write(diary.at(day, 6) + rng.randrange(3_600_000), "invoice.issued", _BOOKS, **about, due=str(diary.span.date_of(day_due)))
        troubled = story.kind is Kind.PAYMENT_TROUBLE and story.start is not None and story.start - 25 <= day <= story.start + 32
        if troubled and not profile.human_touch:
            paid = _card_trouble(diary, about, day_due)
        elif troubled:
            paid = day_due + rng.randint(10, 24)  # accounts payable sits on it
        else:
            paid = day_due + rng.randint(2, 6) if careless and chance(rng, 0.4) else day + rng.randint(2, terms - 1)
        diary.write(diary.office(paid), "invoice.paid", _BOOKS, **about)


def _card_trouble(diary: Diary, about: dict[str, object], due: int) -> int:
    """The card is refused once to three times before another one works; returns the day of payment."""
    rng = diary.rng
    day = due
    reason = pick(rng, ("card expired", "insufficient funds", "card reported lost"))
    for _ in range(rng.randint(1, 3)):
        diary.write(diary.at(day, 3) + rng.randrange(3_600_000), "invoice.payment_failed", _BOOKS, **about, reason=reason)
        day += rng.randint(2, 4)
    return day


def _confidence(diary: Diary, contract: str, end_day: int) -> None:
    """What the people in charge say of the renewal as it comes closer."""
    rng = diary.rng
    before = [rng.randint(*around) for around in ((128, 150), (92, 108), (61, 80), (34, 50), (12, 24))]
    for days_before in before:
        day = end_day - days_before
        if diary.profile.human_touch or chance(rng, 0.35):
            diary.write(diary.office(day), "renewal.confidence", _SALES, contract_id=contract, confidence=_belief(diary, day))


def _belief(diary: Diary, day: int) -> str:
    story, rng = diary.story, diary.rng
    if story.kind is Kind.RENEWAL_DOUBT and story.start is not None and day >= story.start:
        return pick(rng, ("low", "low", "low", "medium"))
    if story.vitality(day) < 0.6:
        return pick(rng, ("low", "medium"), (0.7, 0.3))
    if story.kind is Kind.TICKET_STORM and story.start is not None and story.start <= day <= story.start + 30:
        return pick(rng, ("low", "medium"))
    return pick(rng, ("low", "medium", "high"), (0.03, 0.27, 0.7))


def _renewal(diary: Diary, contract: str, day: int, months: int) -> int:
    """The term ends: renewed in time, or a little late. Returns the day the next term ends, negative if there is none."""
    story, span, rng = diary.story, diary.span, diary.rng
    if story.churn is not None and story.churn <= day + 3:
        return -1
    next_start = span.date_of(day)
    next_end = _forward(next_start, months)
    _term(diary, diary.office(day - rng.randint(3, 16)), "contract.renewed", contract, (next_start, next_end, months))
    return day + (next_end - next_start).days


def _forward(start: date, months: int) -> date:
    year, month = divmod(start.month - 1 + months, 12)
    return date(start.year + year, month + 1, min(start.day, 28))


def _back(end: date, months: int) -> date:
    return _forward(end - timedelta(days=0), -months)
