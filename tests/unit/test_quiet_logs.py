"""Warnings of aiokafka that pass are not shown; those that last are."""

import logging
import time

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import NotEnoughReplicasError, NotLeaderForPartitionError

from streams.observe.quiet import PassingRetries


def retry(partition: int = 0, error: type[Exception] = NotEnoughReplicasError) -> logging.LogRecord:
    """As aiokafka.producer.sender logs it."""
    text = "Got error produce response on topic-partition %s, retrying. Error: %s"
    return logging.LogRecord("aiokafka.producer.sender", logging.WARNING, "", 0, text, (TopicPartition("state", partition), error), None)


def test_missing_replicas_are_told_only_when_they_last(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    shown = PassingRetries()
    told = []
    for _ in range(300):
        now[0] += 0.1
        if shown.filter(retry()):
            told.append(round(now[0]))

    assert told == [103, 113, 123]

    now[0] += 60
    assert not shown.filter(retry())  # another time, another row
    assert not shown.filter(retry(partition=1))


def test_other_retries_and_other_messages_are_shown() -> None:
    shown = PassingRetries()
    assert shown.filter(retry(error=NotLeaderForPartitionError))
    assert shown.filter(logging.LogRecord("aiokafka", logging.WARNING, "", 0, "anything", None, None))
