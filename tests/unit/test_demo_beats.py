"""The publishers' signs of life around a slice."""

import orjson

from streams.demo.beats import Beats
from streams.demo.slices import Slice
from streams.fleet.files import topic_of
from streams.fleet.occurrence import Occurrence
from streams.fleet.span import HOUR_MS

START = 1_790_000_000_000


def occurrence(number: int, type_: str, source: str) -> Occurrence:
    return Occurrence(START + number, "acct-0001", number, type_, source, {})


def test_every_topic_of_a_slice_has_a_sign_of_life_before_its_first_event() -> None:
    """No worker may believe of one of them that nothing is outstanding, while it reads the others."""
    beats = Beats()
    first = Slice(START, START + HOUR_MS, (occurrence(1, "ticket.created", "helpdesk"), occurrence(2, "meeting.held", "calendar")))
    second = Slice(START + HOUR_MS, START + 2 * HOUR_MS, (occurrence(HOUR_MS + 1, "email.sent", "mail"),))

    for piece, sources in ((first, {"product", "helpdesk", "calendar"}), (second, {"product", "helpdesk", "calendar", "mail"})):
        firsts = beats.firsts(piece)
        said = [orjson.loads(line.value) for line in firsts]
        assert {event["source"] for event in said} == sources
        assert {line.topic for line in firsts} >= {topic_of(event.type) for event in piece.events}
        assert {event["occurred_at"] for event in said} == {said[0]["occurred_at"]}
        assert [line.account_id for line in firsts] == [None] * len(firsts)
        lines = list(beats.around(piece))
        assert sum(line.account_id is not None for line in lines) == len(piece.events)
        assert {orjson.loads(line.value)["source"] for line in lines[-len(sources) :]} == sources
