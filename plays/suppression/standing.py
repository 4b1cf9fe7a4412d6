"""How a silence stands at a moment."""

from typing import Literal

from plays.suppression.policy import Silence
from schemas.records.wire import epoch_ms

Standing = Literal["to come", "active", "expiring", "expired"]

EXPIRING_MS = 24 * 3_600_000


def standing(silence: Silence, now_ms: int) -> Standing:
    """`expiring`: over within a day. An expired one mutes nothing and can be removed from the file."""
    expires_ms = epoch_ms(silence.expires)
    if expires_ms <= now_ms:
        return "expired"
    if silence.starts is not None and epoch_ms(silence.starts) > now_ms:
        return "to come"
    return "expiring" if expires_ms - now_ms <= EXPIRING_MS else "active"
