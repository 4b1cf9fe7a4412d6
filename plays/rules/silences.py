"""The silences rules may speak of: what was last heard of, and of whom. How each is known is in `streams/signals/silences`."""

from collections.abc import Mapping

SILENCES: Mapping[str, str] = {
    "qbr": "of the account: the last quarterly business review, else the beginning of the relation",
    "renewal_stage": "per contract: since the renewal has been in its present stage; won, lost or renewed ends the wait",
}
