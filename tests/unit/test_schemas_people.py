"""People of the team travel under their own id, not under that of an account."""

from schemas.decoding.outcome import Rejected, RejectReason
from schemas.events.event import Event
from tests.wire_records import decoded, payload, record


def test_a_person_is_keyed_by_their_id() -> None:
    changed = payload("roster", "person.changed")

    (event,) = decoded("roster", record(changed, b"maya.lindqvist"))
    (refused,) = decoded("roster", record(changed, b"tomas.herrera"))

    assert isinstance(event, Event)
    assert event.account_id == "maya.lindqvist"
    assert isinstance(refused, Rejected)
    assert refused.reason is RejectReason.ACCOUNT_MISMATCH
