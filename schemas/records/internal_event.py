"""An event that one task publishes for another: in the form in which events arrive, so that it is read as any other is."""

from collections.abc import Mapping
from datetime import datetime

import orjson

from schemas.records.wire import SOURCE, OutRecord, encode_times, rfc3339


def internal_event(topic: str, event: Mapping[str, object]) -> OutRecord:
    """The record of a whole event (envelope and fields, `occurred_at` an aware datetime), keyed by its account.

    CloudEvents headers say the same as the payload, as on every record that leaves. Raises KeyError where the envelope lacks a field.
    """
    account, time = str(event["account_id"]), event["occurred_at"]
    assert isinstance(time, datetime)
    headers = (
        ("ce_specversion", b"1.0"),
        ("ce_id", str(event["event_id"]).encode()),
        ("ce_source", SOURCE.encode()),
        ("ce_type", str(event["type"]).encode()),
        ("ce_time", rfc3339(time).encode()),
        ("ce_subject", account.encode()),
        ("content-type", b"application/json"),
    )
    value = orjson.dumps(event, default=encode_times, option=orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME)
    return OutRecord(topic, account.encode(), value, headers)
