"""Takes mails, meetings and other touches into when each contact, and the account, was last heard and spoken to."""

from bisect import insort
from itertools import pairwise

import msgspec

from schemas.events.event import Event
from streams.processing.account import CONTACTS
from streams.processing.bounded import drop_first
from streams.processing.cell import Cell
from streams.processing.cells import Cells
from streams.signals.calendar import DAY_MS
from streams.signals.facts.meetings import MAX_KINDS

INBOUND = ("email.replied", "meeting.held", "qbr.completed")
"""Where a word or the presence of somebody at the customer comes from."""

MAX_PEOPLE = 200
MAX_MISSED = 10
_DAYS_KEPT = 9

Record = tuple[int, int, int]
"""Event time in ms, partition and offset on topic `engagement` of one event."""


class Presence(msgspec.Struct, array_like=True, gc=False):
    """What we hear of one contact. Event times, ms; -1 is never."""

    replied_ms: int = -1  # their last mail; auto-replies do not count
    met_ms: int = -1  # the last meeting they attended
    touched_ms: int = -1  # the last touch somebody logged about them
    asked: Record | None = None  # the first mail of ours since we heard them
    asked_last: Record | None = None  # and the last one
    missed: list[Record] = []  # the first ten meetings they were invited to and did not attend, since they attended one
    heard_days: list[int] = []  # the last nine UTC days on which we heard them, in order

    @property
    def heard_ms(self) -> int:
        """When they last wrote or came."""
        return max(self.replied_ms, self.met_ms)

    @property
    def contact_ms(self) -> int:
        """The last contact of any kind: they wrote, came, or somebody logged a touch. A mail of ours alone is none."""
        return max(self.heard_ms, self.touched_ms)

    @property
    def gaps_days(self) -> tuple[int, ...]:
        """Days between the last days on which we heard them: their own rhythm."""
        return tuple(later - earlier for earlier, later in pairwise(self.heard_days))


class Engagement(msgspec.Struct, array_like=True, gc=False):
    """By contact id, at most 200; of the account: the last mail or meeting of anybody there, the last touch by kind."""

    people: dict[str, Presence] = {}
    inbound_ms: int = -1
    touches: dict[str, int] = {}


def _trim(cell: Engagement) -> int:
    return drop_first(cell.people) or drop_first(cell.touches)


ENGAGEMENT: Cell[Engagement] = Cell("engagement", Engagement, version=1, trim=_trim)

NOBODY = Presence()
"""Of whom nothing was heard; not to be changed."""


def fold_sent(cells: Cells, event: Event) -> None:
    """email.sent: whom we wrote to. One that came to know late, and was answered since, asks nothing."""
    to = event.data.get("to", ())
    record = (event.time_ms, event.partition, event.offset)
    for contact_id in (to,) if isinstance(to, str) else to:
        if (known := _known(cells, contact_id)) is None or event.time_ms <= known.heard_ms:
            continue
        one = _edit(cells, contact_id)
        one.asked = record if one.asked is None else min(one.asked, record)
        one.asked_last = record if one.asked_last is None else max(one.asked_last, record)


def fold_replied(cells: Cells, event: Event) -> None:
    """email.replied: an automatic answer says nothing of the person."""
    if event.data.get("auto_reply"):
        return
    _inbound(cells, event)
    contact_id = event.data.get("from")
    if contact_id is not None and _known(cells, contact_id) is not None:
        one = _edit(cells, contact_id)
        one.replied_ms = max(one.replied_ms, event.time_ms)
        _heard(one, event)


def fold_attendance(cells: Cells, event: Event) -> None:
    """meeting.held and qbr.completed: who came, and who was invited and did not. Who came nobody said: all we know is the meeting."""
    attended = event.data.get("attendees" if event.type == "qbr.completed" else "attended")
    if attended is None or attended:
        _inbound(cells, event)
    if attended is None:
        return
    for contact_id in attended:
        if _known(cells, contact_id) is not None:
            one = _edit(cells, contact_id)
            one.met_ms = max(one.met_ms, event.time_ms)
            one.missed = [missed for missed in one.missed if missed[0] > event.time_ms]
            _heard(one, event)
    present = set(attended)
    for contact_id in event.data.get("invited", ()):
        if contact_id not in present and (one_known := _known(cells, contact_id)) is not None and event.time_ms > one_known.met_ms:
            missed = _edit(cells, contact_id).missed
            if all(at != event.time_ms for at, _, _ in missed):  # told by two sources, it is one meeting
                insort(missed, (event.time_ms, event.partition, event.offset))
                del missed[MAX_MISSED:]


def fold_touch(cells: Cells, event: Event) -> None:
    """touch.logged: somebody of ours was in touch, with a contact or with the account."""
    kind, contact_id = event.data.get("kind", ""), event.data.get("contact_id")
    touches = cells.edit(ENGAGEMENT).touches
    if kind in touches or len(touches) < MAX_KINDS:
        touches[kind] = max(touches.get(kind, -1), event.time_ms)
    if contact_id is not None and _known(cells, contact_id) is not None:
        one = _edit(cells, contact_id)
        one.touched_ms = max(one.touched_ms, event.time_ms)


def _inbound(cells: Cells, event: Event) -> None:
    if event.time_ms > cells[ENGAGEMENT].inbound_ms:
        cells.edit(ENGAGEMENT).inbound_ms = event.time_ms


def _heard(one: Presence, event: Event) -> None:
    """They wrote or came: what we wrote until then is answered; whether a mail between two open ones is, is not known any more."""
    if one.asked is not None and one.asked[0] <= event.time_ms:
        last = one.asked_last
        one.asked = last if last is not None and last[0] > event.time_ms else None
        one.asked_last = one.asked
    day = event.time_ms // DAY_MS
    if day not in one.heard_days:
        insort(one.heard_days, day)
        del one.heard_days[:-_DAYS_KEPT]


def _known(cells: Cells, contact_id: str) -> Presence | None:
    """What is known of a contact, empty at first; None where there is no room for more. Contacts go before ids we know nothing of."""
    people = cells[ENGAGEMENT].people
    if (one := people.get(contact_id)) is not None:
        return one
    if len(people) < MAX_PEOPLE:
        return NOBODY
    contacts = cells[CONTACTS].people
    if contact_id not in contacts or (stranger := next((name for name in people if name not in contacts), None)) is None:
        return None
    del cells.edit(ENGAGEMENT).people[stranger]
    return NOBODY


def _edit(cells: Cells, contact_id: str) -> Presence:
    return cells.edit(ENGAGEMENT).people.setdefault(contact_id, Presence())
