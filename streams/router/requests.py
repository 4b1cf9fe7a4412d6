"""Triggers raised by others: read into the same record as our own."""

from plays.playbooks.book import Playbooks, UnknownPlayError
from plays.runs.roles import RoleError, parse_role
from plays.sla.first_action import FirstActionError, check_first_action
from schemas.events.event import Event
from schemas.records.trigger import Evidence, Subject, Trigger, trigger_id
from schemas.records.wire import rfc3339, utc
from streams.processing.effects import Reject

REQUESTED = "requested"
CLEARS = "whoever asked for it says so, by closing the run"


def read_request(event: Event, now_ms: int, historical: bool, playbooks: Playbooks) -> Trigger | Reject:
    """The trigger an event `trigger.requested` asks for; its clocks start now. A `Reject` names what we do not know.

    Its id follows from rule, account, subject and the event's time: the same request sent twice is one trigger.
    Defaults: subject the account, role `csm`, outcome `renewal_confidence`, first action within `72h`.
    """
    data = event.data
    if data["play"] not in playbooks:
        return Reject("unknown_play", str(UnknownPlayError(data["play"], playbooks)))
    role, first_action = data.get("owner_role") or "csm", data.get("first_action") or "72h"
    try:
        parse_role(role)
        check_first_action(first_action)
    except (RoleError, FirstActionError) as error:
        return Reject("bad_request", str(error))
    subject = Subject(kind=data.get("subject_kind") or "account", id=data.get("subject_id") or event.account_id)
    episode = rfc3339(utc(event.time_ms))
    return Trigger(
        trigger_id=trigger_id(data["rule"], event.account_id, subject, episode),
        rule=data["rule"],
        rule_version=1,
        rule_hash=REQUESTED,
        account_id=event.account_id,
        concern=data["concern"],
        subject=subject,
        episode=episode,
        time=utc(now_ms),
        priority=data["priority"],
        outcome=data.get("outcome") or "renewal_confidence",
        owner_role=role,
        play=data["play"],
        first_action=first_action,
        historical=historical,
        evidence=Evidence(
            summary=data["why"],
            observed=data.get("observed"),
            threshold=data.get("threshold"),
            facts={"requested_by": event.source},
            clears_when=CLEARS,
        ),
    )
