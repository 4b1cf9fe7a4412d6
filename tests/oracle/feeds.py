"""Who publishes on a topic, and whether silence there says anything: the reference's own account of it."""

from tests.oracle.days import MINUTE_MS

DAY_MS = 1440 * MINUTE_MS
MAX_QUIET_MS = {
    "product-usage": 10 * MINUTE_MS,
    "tickets": 3 * DAY_MS,
    "billing": 3 * DAY_MS,
    "accounts": 3 * DAY_MS,
    "feedback": 7 * DAY_MS,
    "engagement": 3 * DAY_MS,
}
UNPROVEN_AFTER_MS = 3 * DAY_MS
CLOCK, SILENCE, UNPROVEN = 0, 1, 2  # what comes first at one moment

_TOPIC_OF = {"day_close": "product-usage", "J2": "product-usage", "T06": "product-usage", "T02": "engagement", "T03": "accounts"}


def silent_topic(name: str) -> str:
    """The topic on which a deadline expects to have heard nothing."""
    return _TOPIC_OF.get(name.partition(":")[0], "billing")


class Feeds:
    """Up to when each publisher of each topic was heard in one partition, never later than the time of the task then."""

    def __init__(self) -> None:
        self.complete = False  # the log has ended: nothing more will ever come
        self._heard: dict[str, dict[str, int]] = {}
        self._first: dict[tuple[str, str], int] = {}

    def heard(self, topic: str, source: str, time_ms: int) -> None:
        sources = self._heard.setdefault(topic, {})
        self._first.setdefault((topic, source), time_ms)
        sources[source] = max(time_ms, sources.get(source, 0))

    def vouch(self, topic: str, now_ms: int, up_to_ms: int) -> bool:
        """Every publisher of the topic is alive now, or was heard after the moment in question."""
        if self.complete or topic not in MAX_QUIET_MS:
            return True
        sources = self._heard.get(topic)
        if not sources:
            return False
        # Who was heard for less than a day is nobody to wait for, unless nobody else is there.
        lasting = {s: heard_ms for s, heard_ms in sources.items() if heard_ms - self._first[topic, s] >= DAY_MS}
        sources = lasting or sources
        return all(heard_ms + MAX_QUIET_MS[topic] >= now_ms or heard_ms >= up_to_ms for heard_ms in sources.values())
