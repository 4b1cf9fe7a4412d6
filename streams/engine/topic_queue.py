"""Accepted input of one topic: decoded, in offset order, with the key by which topics are merged."""

from bisect import bisect_left
from collections import deque
from collections.abc import Sequence
from itertools import accumulate, pairwise

from schemas.decoding.outcome import Ignored
from schemas.decoding.record import RawRecord
from schemas.decoding.single import Outcome
from schemas.events.event import Event
from streams.engine.batch import Batch

_COMPACT_AT = 8192


class TopicQueue:
    """Records waiting to be applied. Index `pos` is the next one.

    The merge key of a record is the smallest event time among itself and the next `lookahead` records, so that one record
    dated ahead cannot drag the other topics along. A key is final once that many records follow, or the topic's end is known.
    """

    __slots__ = (
        "_last_time_ms",
        "_marks",
        "blocked_ms",
        "current_ms",
        "expected",
        "inputs",
        "keys",
        "lookahead",
        "offset",
        "paused",
        "pos",
        "raws",
        "read_up_to_ms",
        "times",
        "topic",
    )

    def __init__(self, topic: str, offset: int, lookahead: int) -> None:
        self.topic = topic
        self.offset = offset  # everything before is applied
        self.expected = offset  # everything before is accepted
        self.read_up_to_ms = 0  # nothing older is missing
        self.current_ms = 0  # everything readable then is applied; an open transaction may hide more
        self.blocked_ms = 0  # the same, but accepted only, and seen to be so
        self.paused = False  # nothing of it is applied until somebody resumes it
        self.pos = 0
        self.inputs: list[Outcome] = []
        self.raws: list[RawRecord] = []
        self.times: list[int] = []
        self.keys: list[int] = []
        self._marks: deque[tuple[int, int, int | None, int | None]] = deque()  # (index after the batch, its end, read up to, current)
        self.lookahead = lookahead
        self._last_time_ms = 0

    def __len__(self) -> int:
        return len(self.inputs) - self.pos

    def append(self, inputs: Sequence[Outcome], raws: Sequence[RawRecord], batch: Batch) -> None:
        """Accept one batch whose start was checked by the caller."""
        if inputs:
            self.inputs.extend(inputs)
            self.raws.extend(raws)
            last = self._last_time_ms
            for item in inputs:
                # What is not applied here (dead letters, strays) neither leads nor delays: it takes its predecessor's time.
                if item.__class__ is Event:
                    last = item.time_ms
                elif isinstance(item, Ignored):
                    last = item.time_ms or last
                self.times.append(last)
            self._last_time_ms = last
        reached_ms = batch.reached_ms
        self._marks.append((len(self.inputs), batch.end, batch.read_up_to_ms, reached_ms))
        self.expected = batch.end
        if reached_ms is not None:
            self.blocked_ms = reached_ms
        self.settle()

    def settle(self) -> None:
        """Take over the ends of batches that are wholly applied; drop what is behind."""
        marks, pos = self._marks, self.pos
        while marks and marks[0][0] <= pos:
            _, self.offset, read_up_to_ms, reached_ms = marks.popleft()
            if read_up_to_ms is not None and read_up_to_ms > self.read_up_to_ms:
                self.read_up_to_ms = read_up_to_ms
            if reached_ms is not None and reached_ms > self.current_ms:
                self.current_ms = reached_ms
        if pos and (not marks or marks[0][0] > pos):
            last = self.raws[pos - 1].offset + 1
            self.offset = max(self.offset, last)
        if pos >= _COMPACT_AT:
            del self.inputs[:pos], self.raws[:pos], self.times[:pos], self.keys[:pos]
            self._marks = deque((index - pos, end, up_to, current) for index, end, up_to, current in marks)
            self.pos = 0

    def ready(self, end: int) -> int:
        """Index up to which keys are final, when the topic is known to reach up to offset `end`.

        Windows of records before the end do not look beyond it: whether what follows was fetched already must not matter.
        """
        count, width = len(self.inputs), self.lookahead + 1
        if self.expected < end:
            until = max(0, count - self.lookahead)
            done = len(self.keys)
            if until > done:
                self.keys.extend(_window_minima(self.times[done:], width)[: until - done])
            return until
        known = count if self.expected == end else bisect_left(self.raws, end, key=_offset_of)
        for until in (known, count):
            done = len(self.keys)
            if until > done:
                self.keys.extend(_window_minima(self.times[done:until], width))
        return count

    def forget_keys(self) -> None:
        """Keys computed under another idea of the topic's end no longer hold."""
        del self.keys[self.pos :]


def _offset_of(raw: RawRecord) -> int:
    return raw.offset


def _window_minima(values: list[int], width: int) -> list[int]:
    """Minimum of values[i : i + width] for each i, shorter windows at the end.

    Blocks of `width` with prefix and suffix minima (van Herk 1992, Gil and Werman 1993): three passes whatever the width.
    """
    count = len(values)
    if all(a <= b for a, b in pairwise(values)):
        return values
    prefix: list[int] = []
    suffix: list[int] = []
    for start in range(0, count, width):
        block = values[start : start + width]
        prefix.extend(accumulate(block, min))
        suffix.extend(reversed(list(accumulate(reversed(block), min))))
    reach = width - 1
    inner = [min(suffix[i], prefix[i + reach]) for i in range(count - reach)]
    # Shorter windows at the end span at most the last two blocks; inside the last block the suffix is the whole window.
    last_block = (count - 1) // width * width
    tail = [min(suffix[i], prefix[-1]) if i < last_block else suffix[i] for i in range(len(inner), count)]
    return inner + tail
