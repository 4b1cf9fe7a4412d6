"""Progress of all partitions over the topic `feeds`: records `feed/<application>/<partition>`, and who is retired."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
import structlog

from streams.engine.progress import Progress, Report

log = structlog.get_logger("playcall.feeds")


class FeedNews:
    """What all partitions of an application have read and heard, as far as told."""

    def __init__(self, app_id: str) -> None:
        self._reports = progress_key(app_id, "")
        self._retired = f"retired/{app_id}/".encode()
        self.reports: dict[int, Report] = {}
        self.retired: dict[tuple[str, str], int] = {}  # (topic, source) -> when an operator said that it is gone for good

    def take(self, records: Iterable[Any]) -> bool:
        """Take in records of the topic; others than these are passed over."""
        changed = False
        for record in records:
            key = record.key or b""
            if key.startswith(self._reports):
                changed = self._report(key, record) or changed
            elif key.startswith(self._retired):
                changed = self._retire(key, record) or changed
        return changed

    def _report(self, key: bytes, record: Any) -> bool:
        try:
            partition = int(key[len(self._reports) :])
            if record.value is None:
                return self.reports.pop(partition, None) is not None
            told = orjson.loads(record.value)
            self.reports[partition] = Report(int(told.pop("at_ms")), Progress(**told))
        except (ValueError, TypeError, KeyError, AttributeError):
            log.warning("a report that cannot be read is passed over", offset=record.offset)
            return False
        return True

    def _retire(self, key: bytes, record: Any) -> bool:
        topic, _, source = key[len(self._retired) :].decode(errors="replace").partition("/")
        if record.value is None:
            return self.retired.pop((topic, source), None) is not None
        try:
            self.retired[topic, source] = int(orjson.loads(record.value)["at_ms"])
        except (ValueError, TypeError, KeyError):
            log.warning("a retirement that cannot be read is passed over", offset=record.offset)
            return False
        return True


def encode(progress: Progress, at_ms: int) -> bytes:
    """The value of a report, told at `at_ms` by the worker's clock."""
    return orjson.dumps({"at_ms": at_ms, **progress._asdict()}, option=orjson.OPT_SORT_KEYS)


def progress_key(app_id: str, partition: int | str) -> bytes:
    """The key of a partition's report."""
    return f"feed/{app_id}/{partition}".encode()


def retired_key(app_id: str, topic: str, source: str) -> bytes:
    """The key of a publisher's retirement."""
    return f"retired/{app_id}/{topic}/{source}".encode()


def heard_by_all(reports: Mapping[int, Report]) -> dict[tuple[str, str], int]:
    """(topic, source) -> latest event time over all partitions, ms."""
    heard: dict[tuple[str, str], int] = {}
    for report in reports.values():
        for topic, sources in report.progress.heard.items():
            for source, (_, last_ms) in sources.items():
                heard[topic, source] = max(last_ms, heard.get((topic, source), -1))
    return heard
