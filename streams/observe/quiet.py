"""Messages of client libraries that alarm people and mean nothing, unless they last."""

import logging
import time

_PASSING_S = 3.0
_AGAIN_S = 10.0
_RETRIED = "Got error produce response on topic-partition"


class PassingRetries(logging.Filter):
    """Drops aiokafka's "not enough replicas, retrying" while it passes within seconds.

    A broker answers so while it still ends the transaction before (KIP-890), several times a minute. Where it lasts, replicas are
    really missing: then one warning every ten seconds.
    """

    def __init__(self) -> None:
        super().__init__()
        self._since: dict[str, float] = {}  # by topic-partition: first and last of an unbroken row, and when it was told
        self._last: dict[str, float] = {}
        self._told: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """False: not shown."""
        if not (isinstance(record.msg, str) and record.msg.startswith(_RETRIED) and "NotEnoughReplicas" in str(record.args)):
            return True
        part = str(record.args[0]) if isinstance(record.args, tuple) else ""
        now = time.monotonic()
        if now - self._last.get(part, float("-inf")) > _PASSING_S:
            self._since[part] = now
        self._last[part] = now
        if now - self._since[part] < _PASSING_S or now - self._told.get(part, float("-inf")) < _AGAIN_S:
            return False
        self._told[part] = now
        return True
