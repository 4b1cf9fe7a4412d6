"""Times and dates that are not what the page asks for, and odd ones that are."""

from collections.abc import Iterator

from tests.corpus.nasty import APPLIED, Nasty, event

BAD_TIMES: tuple[object, ...] = (
    "", " ", "now", "yesterday", "2026", "2026-03", "2026-03-02", "2026-03-02T09:15", "2026-03-02T09:15Z", "2026-03-02T09:15:00",
    "2026-03-02T09:15:00 UTC", "2026-03-02T09:15:00+01", "2026-03-02T09:15:00+25:00",
    "2026-03-02T24:00:00Z", "2026-03-02T09:60:00Z", "2026-03-02T09:15:61Z", "2026-02-30T09:15:00Z", "2025-02-29T09:15:00Z",
    "2026-13-01T09:15:00Z", "2026-00-01T09:15:00Z", "2026-03-00T09:15:00Z", "26-03-02T09:15:00Z", "02.03.2026 09:15",
    "03/02/2026 09:15:00", "Mon, 02 Mar 2026 09:15:00 GMT", "2026-W10-1T09:15:00Z", "2026-061T09:15:00Z", "20260302T091500Z",
    "+2026-03-02T09:15:00Z", "-2026-03-02T09:15:00Z", "12026-03-02T09:15:00Z", "2026-03-02T09:15:00.Z", "2026-03-02T09:15:00,5+",
    "2026-03-02T09:15:00Z ", " 2026-03-02T09:15:00Z", "2026-03-02T09:15:00ZZ", "2026-03-02T09:15:00Z\x00", "２０２６-03-02T09:15:00Z",
    "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "1969-12-31T23:59:59.999Z", "9999-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00",
    "1772442900", "1772442900.25", 1_772_442_900, 1_772_442_900_250, 1_772_442_900.25, -1, 0, True, [], {}, ["2026-03-02T09:15:00Z"],
    {"$date": "2026-03-02T09:15:00Z"},
)  # fmt: skip

ODD_DAYS: tuple[tuple[object, str], ...] = (
    ("0001-01-01", APPLIED),
    ("1582-10-10", APPLIED),
    ("1970-01-01", APPLIED),
    ("2024-02-29", APPLIED),
    ("9998-12-31", APPLIED),
    ("9999-12-31", APPLIED),
    ("0000-01-01", "invalid_field"),
    ("2026-02-29", "invalid_field"),
    ("2026-3-2", "invalid_field"),
    ("20260302", "invalid_field"),
    ("10000-01-01", "invalid_field"),
    ("2026-03-02T00:00:00Z", "invalid_field"),
    (20_260_302, "invalid_field"),
    (0, "invalid_field"),
    (True, "invalid_field"),
    ("", "invalid_field"),
)

ZONES = (
    "", " ", "Mars/Olympus", "UTC+25", "GMT+1", "../../../etc/passwd", "/etc/localtime", "Europe/Berlin\x00", "Europe", "posixrules",
    "x" * 256, "America/Argentina/Buenos_Aires", "Pacific/Kiritimati", "Etc/GMT+12", "Asia/Kathmandu", "utc", "EST5EDT", "\u202eUTC",
)  # fmt: skip


def everything() -> Iterator[Nasty]:
    """Times of events, then days and time zones in what they say."""
    for index, bad in enumerate(BAD_TIMES):
        yield Nasty(f"time: {str(bad)!r:.40} #{index}", "billing", "bad_time", event("billing", "invoice.paid", occurred_at=bad))
    yield Nasty(
        "time: an offset without colon", "billing", APPLIED, event("billing", "invoice.paid", occurred_at="2026-03-02T09:15:00+0100")
    )
    yield Nasty("time: missing", "billing", "missing_field", event("billing", "invoice.paid", occurred_at=...))
    yield Nasty("time: null", "billing", "bad_time", event("billing", "invoice.paid", occurred_at=None))
    for index, (day, outcome) in enumerate(ODD_DAYS):
        tag = f"day-{index}"
        ids = {"event_id": f"{tag}-0001"}
        yield Nasty(f"due date: {day!r}", "billing", outcome, event("billing", "invoice.issued", **ids, invoice_id=tag, due=day))
        yield Nasty(
            f"renewal date: {day!r}", "billing", outcome,
            event("billing", "contract.started", event_id=f"k{tag}-0001", contract_id=tag, renewal_date=day),
        )  # fmt: skip
        yield Nasty(
            f"contract start: {day!r}", "billing", outcome,
            event("billing", "contract.started", event_id=f"c{tag}-0001", contract_id=f"s{tag}", start=day, renewal_date=...),
        )  # fmt: skip
        yield Nasty(
            f"milestone due: {day!r}", "accounts", outcome,
            event("accounts", "milestone.started", event_id=f"m{tag}-0001", milestone_id=tag, due=day),
        )  # fmt: skip
    for index, zone in enumerate(ZONES):
        name = f"account.updated zone {index}-0001"
        outcome = "invalid_field" if zone == "" else APPLIED
        yield Nasty(
            f"zone: {zone[:40]!r} #{index}", "accounts", outcome, event("accounts", "account.updated", event_id=name, timezone=zone)
        )
        usage = event("product-usage", "feature.used", event_id=f"after zone {index}-0001")
        yield Nasty(f"zone: usage after {zone[:40]!r} #{index}", "product-usage", APPLIED, usage)
