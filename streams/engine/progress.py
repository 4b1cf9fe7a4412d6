"""What one partition has read and heard, as its task tells all others; and what follows for it from what they tell."""

from collections.abc import Mapping
from typing import NamedTuple

from streams.engine.feeds import Span

Times = dict[str, int]


class Progress(NamedTuple):
    """A task's report, by topic; times in ms. Only what is committed is told: what was forwarded with it is readable then.

    `read_up_to` is the wall clock's time up to which nothing of the partition is missing, `current` the same but for what an
    open transaction hides; `heard` the first and the latest event time by source; `held` counts accounts whose silence nobody can vouch
    for, by topics joined with a comma.
    """

    read_up_to: Times
    current: Times
    heard: dict[str, dict[str, Span]]
    strayed: list[str]
    held: Times
    paused: list[str]


class Report(NamedTuple):
    """The latest progress of a partition and when it was told, by the clock of its worker: the one by which it reads."""

    at_ms: int
    progress: Progress


def strayed_up_to(reports: Mapping[int, Report], partitions: int, own: frozenset[str]) -> dict[str, tuple[int, int]]:
    """For topics whose events may lie on any partition: (up to when all of them are read, when the last of them said so).

    An account's event may arrive on a foreign partition and reach its home through `rekeyed`, so its silence needs the
    reading of all. A partition that has not reported yet proves nothing.
    """
    strayed = own.union(*(report.progress.strayed for report in reports.values()))
    if not strayed:
        return {}
    as_of_ms = max((report.at_ms for report in reports.values()), default=0)
    complete = len(reports) >= partitions
    return {
        topic: (min(report.progress.read_up_to.get(topic, -1) for report in reports.values()) if complete else -1, as_of_ms)
        for topic in strayed
    }
