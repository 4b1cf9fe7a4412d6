"""What a task has asked the roster. Catching up, its time stands still until the answer is there."""

from collections.abc import Iterable, Mapping

from schemas.records.wire import OutRecord

REQUESTED = "assignment.requested"


class Asks:
    """Live, answers come when they come. Catching up, an hour may pass between two records: what follows would meet runs that nobody has.

    So after a question only answers are applied, at the question's own time, until it is answered. With nobody there to answer, that
    ends after `patience_ms` of the wall clock, and is not tried again before somebody has answered; 0: it is never tried. With
    `unheard`, everything said to the roster has to be heard by the task's driver first.
    """

    __slots__ = ("_keeps_unheard", "_patience_ms", "_since_ms", "_tired", "_unheard", "halting", "unanswered")

    def __init__(self, patience_ms: int, *, keeps_unheard: bool) -> None:
        self._patience_ms = patience_ms
        self._keeps_unheard = keeps_unheard
        self._unheard: list[OutRecord] = []
        self._since_ms: int | None = None
        self._tired = False
        self.unanswered: dict[str, None] = {}  # ids of questions, in order
        self.halting = False  # nothing but answers may be applied

    @property
    def unheard(self) -> bool:
        """Something was said that the driver has not taken."""
        return bool(self._unheard)

    def restore(self, unanswered: Iterable[str]) -> None:
        """These were waited for at the last commit."""
        if self._patience_ms:
            self.unanswered = dict.fromkeys(unanswered)
            self._tell()

    def said(self, event: Mapping[str, object], record: OutRecord, *, catching_up: bool) -> None:
        """The task publishes a word to the roster."""
        if self._keeps_unheard:
            self._unheard.append(record)
        if catching_up and self._patience_ms and not self._tired and event["type"] == REQUESTED:
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
        if self.unanswered:
            if self._since_ms is None:
                self._since_ms = wall_ms
            elif wall_ms - self._since_ms > self._patience_ms:
                self.give_up()

    def give_up(self) -> None:
        """Nobody answers: go on as if nothing had been asked."""
        self.unanswered.clear()
        self._tired = True
        self._tell()

    def hear(self) -> list[OutRecord]:
        """What the driver has to hear, in order."""
        heard, self._unheard = self._unheard, []
        self._tell()
        return heard

    def _tell(self) -> None:
        self.halting = bool(self._unheard or self.unanswered)
