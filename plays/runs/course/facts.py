"""What a run knows of the customer's side, and which conditions that makes true.

Only the earliest or latest moment of each thing is kept, so the order in which events arrive does not matter.
"""

import msgspec

from schemas.records.play_message import StepCondition

OPENED_AT_MOST = 20
REACHED_AT_MOST = 20


class Opened(msgspec.Struct, array_like=True):
    """A ticket or item that somebody opened because of the run."""

    kind: str
    id: str
    ended_ms: int = -1
    opened_ms: int = -1

    @property
    def over(self) -> bool:
        """Ended, and not opened again since."""
        return self.ended_ms >= 0 and self.ended_ms >= self.opened_ms


class Facts(msgspec.Struct, array_like=True):
    """Moments in ms since the epoch, UTC (event time); -1 is never."""

    written_ms: int = -1  # when somebody at the customer was first written to because of the run
    replied_ms: int = -1  # the latest inbound mail
    met_ms: int = -1  # the latest meeting held with a contact
    answered: bool = False  # somebody reported that the customer answered this run
    recovered_ms: int = -1
    subject_ended_ms: int = -1  # the ticket or item the run is about
    subject_opened_ms: int = -1
    opened: list[Opened] = []
    reached: list[str] = []  # contacts that steps of the run spoke to


def write(facts: Facts, at_ms: int) -> None:
    """Somebody was written to. The earliest counts: an answer to the first mail is an answer to the play."""
    facts.written_ms = at_ms if facts.written_ms < 0 else min(facts.written_ms, at_ms)


def speak_to(facts: Facts, contacts: tuple[str, ...]) -> None:
    """Note whom a step reaches; the latest so many are kept."""
    for contact in contacts:
        if contact in facts.reached:
            facts.reached.remove(contact)
        facts.reached.append(contact)
    del facts.reached[:-REACHED_AT_MOST]


def open_item(facts: Facts, kind: str, item: str, at_ms: int) -> None:
    """Something was opened because of the run. Beyond the bound what is over goes first, then the oldest."""
    if any((one.kind, one.id) == (kind, item) for one in facts.opened):
        return
    facts.opened.append(Opened(kind, item, opened_ms=at_ms))
    while len(facts.opened) > OPENED_AT_MOST:
        facts.opened.remove(next((one for one in facts.opened if one.over), facts.opened[0]))


def replied(facts: Facts) -> bool:
    """An inbound mail or a meeting since somebody was written to, or a report that the customer answered."""
    return facts.answered or (facts.written_ms >= 0 and max(facts.replied_ms, facts.met_ms) >= facts.written_ms)


def resolved(facts: Facts) -> bool:
    """The subject is over; of a subject that cannot be, everything the run has opened, and it has opened something."""
    if facts.subject_ended_ms >= 0:
        return facts.subject_ended_ms >= facts.subject_opened_ms
    return bool(facts.opened) and all(one.over for one in facts.opened)


def holds(condition: StepCondition, facts: Facts, opened_ms: int) -> bool:
    """Whether a condition holds as far as the facts go. `opened_ms`: when the run began."""
    match condition:
        case "replied":
            return replied(facts)
        case "no_reply":
            return not replied(facts)
        case "resolved":
            return resolved(facts)
        case "unresolved":
            return not resolved(facts)
        case "recovered":
            return facts.recovered_ms >= 0
        case "still_true":
            return facts.recovered_ms < 0
        case "meeting_held":
            return facts.met_ms >= opened_ms
        case "no_meeting":
            return facts.met_ms < opened_ms
