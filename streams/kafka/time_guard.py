"""The wall clock against the broker's: refused at the start when far off, asked about while it is in doubt."""

import time

import structlog
from aiokafka.structs import RecordMetadata

from streams.clock import Clock, SystemClock, read_machine
from streams.kafka.clients import Clients
from streams.kafka.fatal import Refused
from streams.settings import Settings
from streams.time_guard import SKEW_MAX_MS, Trust

_PARTITION = 0
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


async def guard_clock(settings: Settings, clients: Clients, feeds: str, clock: Clock) -> None:
    """Compare this machine's clock with the broker's and guard it from then on. Raises `Refused` when they are far apart.

    A record is written to `feeds` and its append time read from the answer. A virtual clock needs no guard.
    """
    if not isinstance(clock, SystemClock):
        return
    async with clients.plain() as producer:
        key = b"clock/" + settings.app_id.encode()
        # The first send also fetches metadata and connects; only the second is timed.
        await producer.send_and_wait(feeds, key=key, value=b"{}", partition=_PARTITION)
        asked = read_machine()
        stored = await producer.send_and_wait(feeds, key=key, value=b"{}", partition=_PARTITION)
        got = read_machine()
    broker_ms = append_time_ms(stored)
    if broker_ms is None:
        log.warning(
            "clock_unguarded",
            what=f"{feeds} does not keep the broker's time, so a jump of the wall clock would be believed: "
            "`playcall topics check` names the fix (message.timestamp.type=LogAppendTime)",
        )
        return
    skew_ms = broker_ms - (asked.wall_ms + got.wall_ms) // 2
    if abs(skew_ms) > SKEW_MAX_MS:
        who, whom = ("the broker's clock", "this machine's") if skew_ms > 0 else ("this machine's clock", "the broker's")
        raise Refused(
            f"{who} is {_span(abs(skew_ms))} ahead of {whom}",
            "deadlines would fire at the wrong time: set the wrong one right (NTP: chronyc tracking, timedatectl), then start again",
        )
    clock.guard(skew_ms)


def _span(ms: int) -> str:
    minutes, seconds = divmod(ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {seconds} s"
