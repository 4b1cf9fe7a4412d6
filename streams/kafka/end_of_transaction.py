"""Asking again for the end of a transaction when the broker's answer says nothing.

A fresh broker has answered EndTxn with UNKNOWN_SERVER_ERROR, after which nobody knows whether the transaction was committed, and
aiokafka gives the producer up. Asking again is safe: with the same producer id and epoch the coordinator answers a commit that
is done with success, does one that is open, and refuses the epoch if anybody (a new owner, or its own time limit) aborted it
(tests/broker/test_shell_end_of_transaction.py holds a broker to that). No second transaction can be meant: this producer begins
none before the answer.
"""

from typing import Any
from weakref import WeakKeyDictionary

import structlog
from aiokafka.errors import UnknownError, kafka_errors
from aiokafka.producer import sender

_UNKNOWN_SERVER_ERROR = -1
_AGAIN_S = 0.1
_MOST = 50  # 5 s: well within the time after which the coordinator aborts by itself

log = structlog.get_logger("playcall.transactions")
_asked: WeakKeyDictionary[Any, int] = WeakKeyDictionary()  # times in a row, by transaction manager


class PatientEndTxn(sender.EndTxnHandler):
    """aiokafka's handler, which takes one more answer for "not known yet"."""

    def handle_response(self, resp: Any) -> float | None:
        """Seconds after which to ask again, or None when the transaction has ended."""
        manager = self._sender._txn_manager
        if resp.error_code == _UNKNOWN_SERVER_ERROR and _asked.get(manager, 0) < _MOST:
            _asked[manager] = _asked.get(manager, 0) + 1
            if _asked[manager] == 1:
                log.warning("end_of_transaction_unknown", transactional_id=manager.transactional_id)
            return _AGAIN_S
        _asked.pop(manager, None)
        if resp.error_code and resp.error_code not in kafka_errors:
            raise UnknownError(f"ending the transaction was answered with error code {resp.error_code}")
        backoff_s: float | None = super().handle_response(resp)
        return backoff_s


def install() -> None:
    """For every producer of this process. May be called again."""
    sender.EndTxnHandler = PatientEndTxn
