"""The wall clock while it is in doubt: what people are told, and when the broker is asked."""

import time

import structlog
from aiokafka.structs import RecordMetadata

from streams.clock import Clock
from streams.time_guard import Trust

_LOG_APPEND_TIME = 1
_ASK_S = {Trust.ASKING: 1.0, Trust.DOUBTED: 5.0}

log = structlog.get_logger("playcall.clock")


class ClockWatch:
    """What time it is and whether it may be used, with a line in the log where that changes. Lives in the main loop."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._trust = clock.trust
        self._wrong_by_ms = clock.wrong_by_ms
        self._asked_s = float("-inf")

    def look(self) -> tuple[int, Trust]:
        """(time in ms, whether it may be used)."""
        now_ms, trust = self._clock.now_ms(), self._clock.trust
        if trust is not self._trust or self._clock.wrong_by_ms != self._wrong_by_ms:
            self._tell(trust)
        return now_ms, trust

    def wants_answer(self) -> bool:
        """Whether a commit should be made only to hear the broker's time. True once per interval, whoever asks first."""
        every_s = _ASK_S.get(self._clock.trust)
        if every_s is None or time.monotonic() - self._asked_s < every_s:
            return False
        self._asked_s = time.monotonic()
        return True

    @property
    def doubt(self) -> str | None:
        """What is the matter with the clock, for people; None when nothing is."""
        if self._clock.trust is not Trust.TRUSTED:
            return "clock in doubt: the wall clock jumped and the broker has not confirmed it; deadlines are held"
        wrong_by_ms = self._clock.wrong_by_ms
        if wrong_by_ms is None:
            return None
        return f"the wall clock is wrong by {wrong_by_ms / 1000:+.0f} s and not followed: check this machine's NTP"

    def _tell(self, trust: Trust) -> None:
        before, self._trust, self._wrong_by_ms = self._trust, trust, self._clock.wrong_by_ms
        if trust is not Trust.TRUSTED:
            if before is Trust.TRUSTED:
                log.warning("clock_in_doubt", what="the wall clock jumped; deadlines are held until the broker's time settles it")
            elif trust is Trust.DOUBTED:
                log.warning("clock_doubted", what="the broker's time agrees neither with the wall clock nor with what went by: check NTP")
        elif self._wrong_by_ms is None:
            log.info("clock_settled", what="the wall clock agrees again and is followed")
        else:
            wrong_by_s = round(self._wrong_by_ms / 1000)
            log.error("clock_settled", what="the wall clock is wrong and not followed: check NTP", wall_ahead_s=wrong_by_s)


def append_time_ms(stored: RecordMetadata) -> int | None:
    """When the broker appended a batch; None where the topic keeps the writer's own timestamps."""
    return stored.timestamp if stored.timestamp_type == _LOG_APPEND_TIME and stored.timestamp > 0 else None
