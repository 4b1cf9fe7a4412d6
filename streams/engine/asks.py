"""What a task has asked the roster. Catching up, its time stands still until the answer is there."""

from collections.abc import Iterable, Mapping

from schemas.records.wire import OutRecord

REQUESTED = "assignment.requested"


class Asks:
    """Live, answers come when they come. Catching up, an hour may pass between two records: what follows would meet runs that nobody has.

    So after a question only answers are applied, at the question's own time, until it is answered. With nobody there to answer, that
    ends after `patience_ms` of the wall clock, and is not tried again before somebody has answered. 0: a roster has answered before, and
    what it did not answer then nobody will; no clock counts. With `keeps_unheard` the task's driver hears what is said, and a question is
    heard before anything else happens.
    """

    __slots__ = ("_keeps_unheard", "_patience_ms", "_since_ms", "_tired", "_unheard", "halting", "recorded", "unanswered", "unheard")

    def __init__(self, patience_ms: int, *, keeps_unheard: bool) -> None:
        self._patience_ms = patience_ms
        self._keeps_unheard = keeps_unheard
        self._unheard: list[tuple[int, OutRecord]] = []
        self.unheard = False  # a question the driver has not taken
        self._since_ms: int | None = None
        self._tired = False
        self.unanswered: dict[str, None] = {}  # ids of questions, in order
        self.halting = False  # nothing but answers may be applied
        self.recorded = patience_ms == 0  # the answers there will ever be are in the log

    def restore(self, unanswered: Iterable[str]) -> None:
        """These were waited for at the last commit."""
        self.unanswered = dict.fromkeys(unanswered)
        self._tell()

    def said(self, event: Mapping[str, object], record: OutRecord, now_ms: int, *, catching_up: bool) -> None:
        """The task publishes a word to the roster at task time `now_ms`."""
        if self._keeps_unheard:
            self._unheard.append((now_ms, record))
        if event["type"] == REQUESTED:
            self.unheard = self._keeps_unheard
            if catching_up and not self._tired:
                self.unanswered[str(event["ask_id"])] = None
                self._since_ms = None
            self._tell()

    def answered(self, ask_id: str) -> None:
        """An answer is applied."""
        self._tired = False
        self.unanswered.pop(ask_id, None)
        self._since_ms = None
        self._tell()

    def wait(self, wall_ms: int) -> None:
        """The wall clock says so while a question is open: give up at the end of patience."""
        if self.unanswered and not self.recorded:
            if self._since_ms is None:
                self._since_ms = wall_ms
            elif wall_ms - self._since_ms > self._patience_ms:
                self.give_up()

    def give_up(self) -> None:
        """Nobody answers: go on as if nothing had been asked."""
        self.unanswered.clear()
        self._tired = not self.recorded
        self._tell()

    def give_up_recorded(self) -> bool:
        """All recorded answers are applied: go on, if it was for one of them that time stood still."""
        waits = self.recorded and bool(self.unanswered)
        if waits:
            self.give_up()
        return waits

    def hear(self) -> list[tuple[int, OutRecord]]:
        """What was said since the driver listened last, with the task time of each word."""
        heard, self._unheard = self._unheard, []
        self.unheard = False
        self._tell()
        return heard

    def _tell(self) -> None:
        self.halting = self.unheard or bool(self.unanswered)
