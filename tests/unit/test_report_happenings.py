"""Which events become marks, in which words; checked against the registry of events."""

from schemas.events.registry import KINDS
from schemas.records.decision import Reason
from streams.report.accounts import Fleet
from streams.report.glance import REASON_WORDS
from streams.report.happenings import TELLERS, mark_of


def test_every_event_the_report_draws_is_a_registered_kind() -> None:
    assert sorted(set(TELLERS) - {kind.name for kind in KINDS}) == []


def test_every_registered_example_with_an_account_is_read() -> None:
    examples = [kind.example for kind in KINDS if "account_id" in kind.example]
    fleet = Fleet()

    fleet.add(examples)

    drawn = sum(mark_of(example["type"], example, 0) is not None for example in examples)
    assert (fleet.read, fleet.unread, list(fleet.accounts)) == (len(examples), 0, ["acme"])
    assert len(fleet.accounts["acme"].marks) == drawn >= 25


def test_whoever_leaves_is_named_from_what_was_said_before() -> None:
    fleet = Fleet()
    base = {"account_id": "a", "occurred_at": "2026-03-01T00:00:00Z", "contact_id": "c-7"}

    fleet.add(
        [
            base | {"type": "contact.added", "name": "Ada Berg", "role": "champion"},
            base | {"type": "contact.role_changed", "role": "user", "role_before": "champion"},
            base | {"type": "contact.left"},
            base | {"type": "contact.left", "contact_id": "c-8"},
        ]
    )

    assert [(mark.title, mark.label) for mark in fleet.accounts["a"].marks] == [
        ("Ada Berg added as champion", ""),
        ("Ada Berg (champion) changed role", "Champion changed role"),
        ("Ada Berg (user) left", ""),
        ("c-8 left", ""),
    ]


def test_tickets_are_marked_by_priority_and_money_by_what_it_means() -> None:
    def told(kind: str, /, **data: object) -> tuple[str, str, str]:
        mark = mark_of(kind, data, 0)
        assert mark is not None
        return mark.lane, mark.shape, mark.title

    assert told("ticket.created", ticket_id="t1", priority="P1", category="login") == ("tickets", "p1", "P1 ticket t1 opened: login")
    assert told("ticket.created", ticket_id="t1", priority="other") == ("tickets", "p4", "Ticket t1 opened")
    assert told("invoice.payment_failed", invoice_id="i1") == ("billing", "bad", "Payment failed for invoice i1")
    assert told("subscription.changed", mrr=900, mrr_before=1200.5) == ("billing", "bad", "Subscription changed from 1,200 to 900")
    assert told("survey.responded", kind="nps", score=3, scale="0-10") == ("people", "bad", "NPS 3 of scale 0-10")
    assert mark_of("invoice.issued", {}, 0) is None


def test_every_reason_of_a_decision_has_its_words() -> None:
    assert set(REASON_WORDS) == set(Reason)
