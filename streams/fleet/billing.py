"""Contracts, subscriptions and invoices."""

from datetime import date, timedelta

from streams.fleet.diary import Diary
from streams.fleet.draws import chance, pick
from streams.fleet.profile import ENTERPRISE, Profile
from streams.fleet.renewals import confidence, letters, stages
from streams.fleet.span import MINUTE_MS, Span
from streams.fleet.story import Kind, Story

_BOOKS = "billing"
_SETTLED = 100  # days after which a customer is no longer new
_IN_SIGHT = 160  # days before its end in which people begin to talk about a renewal
_IMPORT = 4 * MINUTE_MS  # the billing system reports what was there before, after the CRM did


def write_billing(seed: int, profile: Profile, story: Story, span: Span) -> Diary:
    """Everything the billing system and the sales people tell about one account."""
    diary = Diary(seed, profile, story, span, "billing")
    rng = diary.rng
    contract = diary.new_id("K")
    months = pick(rng, profile.size.term_months)
    if story.joined is None:
        end_day = _known_for_long(diary, contract, months)
    else:
        start = span.date_of(story.joined)
        end_day = story.joined + (_forward(start, months) - start).days
        _signs(diary, contract, story.joined, months)
    _invoices(diary, contract)
    while 0 <= end_day < span.days + _IN_SIGHT:
        confidence(diary, contract, end_day)
        end_day = _renewal(diary, contract, end_day, months)
    if story.churn is not None:
        notice = max(0, story.churn - rng.randint(7, 20))
        last = str(span.date_of(story.churn))
        diary.write(diary.office(notice), "subscription.cancelled", _BOOKS, contract_id=contract, reason="not used enough", effective=last)
        diary.write(diary.at(story.churn, 0) - 2 * MINUTE_MS, "contract.ended", _BOOKS, contract_id=contract)
    if story.back is not None:
        _signs(diary, diary.new_id("K"), story.back, months)
    return diary


def _known_for_long(diary: Diary, contract: str, months: int) -> int:
    """Load the contract of an old customer: its first term, and the running one. Returns the day the running one ends."""
    span, years = diary.span, pick(diary.rng, (0, 1, 1, 2, 2, 3, 4, 5, 5))
    end_day = _term_end(diary, months)
    end = span.date_of(end_day)
    start = _back(end, months)
    if (span.start - start).days < _SETTLED:
        years = max(years, 1)  # who signed that lately would be a new customer
    first = _back(end, 12 * years) if years else start
    loaded = span.start_ms + _IMPORT
    if first < start:
        _term(diary, loaded, "contract.started", contract, (first, _forward(first, months), months))
        _term(diary, loaded + 1_000, "contract.renewed", contract, (start, end, months))
    else:
        _term(diary, loaded, "contract.started", contract, (start, end, months))
    return end_day


def _signs(diary: Diary, contract: str, day: int, months: int) -> None:
    """A contract and a subscription begin."""
    profile, start = diary.profile, diary.span.date_of(day)
    signed = diary.at(day, 9.5)
    _term(diary, signed, "contract.started", contract, (start, _forward(start, months), months))
    diary.write(
        signed + MINUTE_MS, "subscription.started", _BOOKS,
        contract_id=contract, plan=profile.size.plan, seats=profile.seats, mrr=profile.mrr, currency="USD",
    )  # fmt: skip


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
    quarterly = profile.size is ENTERPRISE
    every = 91 if quarterly else 30
    terms = 30 if profile.human_touch else 14
    first = rng.randrange(1, every) if story.joined is None else story.joined + 1
    amount = round(profile.mrr * (3 if quarterly else 1), 2)
    careless = chance(rng, 0.06)
    for planned in range(first, days, every):
        if not story.alive(planned - 1):  # a relation begins after the hour of invoices
            continue
        day, day_due = planned, planned + terms
        about = {"invoice_id": diary.new_id("I"), "contract_id": contract, "amount": amount, "currency": "USD"}
        if chance(rng, 0.01):  # wrong address or amount: taken back, and sent anew
            diary.write(diary.at(day, 6), "invoice.issued", _BOOKS, **about, due=str(diary.span.date_of(day_due)))
            diary.write(diary.office(day + 2), "invoice.voided", _BOOKS, invoice_id=about["invoice_id"], contract_id=contract)
            day, day_due = day + 5, day_due + 5
            about["invoice_id"] = diary.new_id("I")
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


def _renewal(diary: Diary, contract: str, day: int, months: int) -> int:
    """The term ends: renewed in time, or a little late. Returns the day the next term ends, negative if there is none."""
    story, span, rng = diary.story, diary.span, diary.rng
    if story.churn is not None and story.churn <= day + 3 and story.back is None:
        return -1
    next_start = span.date_of(day)
    next_end = _forward(next_start, months)
    signed = diary.workday(day - rng.randint(3, 16))
    letters(diary, day)
    stages(diary, contract, signed)
    _term(diary, diary.office(signed), "contract.renewed", contract, (next_start, next_end, months))
    return day + (next_end - next_start).days


def _forward(start: date, months: int) -> date:
    year, month = divmod(start.month - 1 + months, 12)
    return date(start.year + year, month + 1, min(start.day, 28))


def _back(end: date, months: int) -> date:
    return _forward(end - timedelta(days=0), -months)
