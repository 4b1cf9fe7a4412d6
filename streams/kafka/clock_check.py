"""The wall clock against the broker's, at the start: refused when far off, guarded from then on."""

import structlog

from streams.clock import Clock, SystemClock, read_machine
from streams.kafka.clients import Clients
from streams.kafka.fatal import Refused
from streams.kafka.time_guard import append_time_ms
from streams.settings import Settings
from streams.time_guard import SKEW_MAX_MS

_PARTITION = 0

log = structlog.get_logger("playcall.clock")


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
            "Deadlines would fire at the wrong time. Set the wrong one right (NTP: chronyc tracking, timedatectl), then start again",
        )
    clock.guard(skew_ms)


def _span(ms: int) -> str:
    minutes, seconds = divmod(round(ms / 1000), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {seconds} s"
