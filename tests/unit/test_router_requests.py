"""Triggers raised by others."""

from schemas.records.play_message import Clocks
from schemas.records.wire import utc
from streams.processing.effects import Reject
from tests.desk import DAY, HOUR, T0, Desk

REQUEST = {
    "rule": "churn-model",
    "concern": "renewal",
    "priority": "P2",
    "play": "renewal-plan",
    "why": "Churn probability 0.82, above 0.70.",
}


def test_a_requested_trigger_launches_like_one_of_our_own() -> None:
    desk = Desk()
    (launched,) = desk.event("trigger.requested", **REQUEST, owner_role="renewal_specialist", first_action="24h", observed=0.82)

    assert (launched.kind, launched.rules, launched.why, launched.owner.name, launched.subject.id) == (
        "launched", ("churn-model",), "Churn probability 0.82, above 0.70.", "Ruth Adeyemi", "acme",
    )  # fmt: skip
    assert launched.clocks == Clocks(acknowledge_by=utc(T0 + 6 * HOUR), act_by=utc(T0 + DAY), resolve_by=utc(T0 + 4 * DAY))


def test_what_the_request_leaves_out_has_defaults() -> None:
    desk = Desk(csm="maya.lindqvist")
    (launched,) = desk.event("trigger.requested", **REQUEST)
    assert (launched.owner.name, launched.clocks.act_by) == ("Maya Lindqvist", utc(T0 + 3 * DAY))


def test_the_same_request_at_the_same_time_is_one_trigger() -> None:
    desk = Desk()
    desk.event("trigger.requested", **REQUEST)
    assert desk.event("trigger.requested", **REQUEST) == []


def test_a_request_we_cannot_read_is_refused_with_what_we_know() -> None:
    desk = Desk()
    desk.event("trigger.requested", **(REQUEST | {"play": "dance"}))
    desk.event("trigger.requested", **REQUEST, owner_role="wizard")
    desk.event("trigger.requested", **REQUEST, first_action="soon")

    assert desk.rejects == [
        Reject(
            "unknown_play",
            "no playbook 'dance': `playcall plays ls` lists all there are",
        ),
        Reject(
            "bad_request",
            "owner role 'wizard' is not understood: use one of account_executive, automation, cs_lead, csm, csm_pool, duty, enablement, "
            "implementation_lead, renewal_specialist, support_lead, or a+b, a -> b, a (tech: b), named person",
        ),
        Reject(
            "bad_request",
            "first-action SLA 'soon' is not understood: write 24h, 90m, 3d, 4bh, 5bd, `until day 90` or `-` for none",
        ),
    ]
    assert desk.messages == []
