"""What a worker tells about itself, and the page for those who run it."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.broker.ladder import Kafka
from streams.engine.commit import Commit, Ended, Tally
from streams.observe.metrics import Metrics, TaskReading
from tests.broker.shell_rig import Rig, rig_on, until

SRE_PAGE = Path(__file__).parents[2] / "docs" / "sre.md"


@pytest.fixture
def rig(kafka: Kafka, prefix: str, tmp_path: Path) -> Iterator[Rig]:
    with rig_on(kafka.bootstrap, prefix, tmp_path, partitions=2) as rig:
        yield rig


async def test_a_worker_is_ready_only_when_its_tasks_are_recovered_and_counts_what_it_committed(rig: Rig) -> None:
    await rig.create_topics()
    want = await rig.load(2_000)
    worker = rig.start()
    await until(lambda: worker.get("/healthz")[0] == 200, about=worker.text)
    assert worker.get("/readyz")[0] in (200, 503)
    await until(lambda: worker.get("/readyz") == (200, "ready\n"), about=worker.text)
    await rig.until_read(want)
    usage = sum(n for (topic, _), n in want.items() if topic == "product-usage")
    await until(lambda: worker.metric("playcall_inputs_total", topic="product-usage", outcome="applied") == usage, about=worker.text)
    assert worker.metric("playcall_committed_events_total") == sum(want.values())
    assert worker.metric("playcall_lag_records", topic="product-usage", partition="0") == 0
    assert worker.metric("playcall_recovery_seconds_count") == 2
    assert worker.metric("playcall_info", version="test") == 1
    assert worker.get("/healthz") == (200, "ok\n")


def _metrics() -> Metrics:
    reading = TaskReading("roster", 0, {"tickets": 3}, 1.5, True, 4, 1, 100, 3600.0, {"tickets": False}, {"billing": 2})
    metrics = Metrics("1.2.3", lambda: [reading], feeds=lambda: [("tickets", "desk", 1.5)])
    tally = Tally(
        Counter({("tickets", "applied"): 2}),
        Counter({"T07": 1}),
        Counter({"launched": 1}),
        Counter({"cooldown": 1}),
        Counter({("tickets", "json"): 1}),
        Counter({("tickets", "desk"): 1}),
        Counter({"seen": 1}),
        Counter({"assignment.requested": 1}),
        Counter({"swat": 1}),
        [Ended("swat", "T07", "enterprise", "resolved", "P1", 60.0, 900.0, 7200.0)],
    )
    metrics.committed(Commit([], [], {}, 2, 1_000, tally), seconds=0.02, now_ms=1_500, live=True)
    metrics.recovered(0.5, 10)
    metrics.refused("tickets")
    metrics.fenced()
    return metrics


def _families() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Exposed name -> (type, label names), of a worker where everything has happened once."""
    found = {}
    for family in _metrics().registry.collect():
        name = family.name + ("_total" if family.type == "counter" else "")
        labels = {label for sample in family.samples if not sample.name.endswith("_created") for label in sample.labels if label != "le"}
        found[name] = (family.type, tuple(sorted(labels)))
    return found


def test_the_page_lists_every_metric_with_its_type_and_labels_and_no_other() -> None:
    rows = re.findall(r"^\| `(playcall_\w+)` \| (\w+) \| ([^|]*) \|", SRE_PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert {name: (kind, tuple(sorted(re.findall(r"`(\w+)`", labels)))) for name, kind, labels in rows} == _families()


def test_labels_are_bounded_words_and_never_an_account() -> None:
    assert {label for _, labels in _families().values() for label in labels} <= {
        "topic", "topics", "outcome", "rule", "kind", "reason", "partition", "version", "source", "cell", "play", "code",
        "priority", "segment", "acted",
    }  # fmt: skip


def test_latency_is_taken_only_from_commits_of_live_tasks() -> None:
    metrics = Metrics("1.2.3")
    nothing = Tally.starting(Counter())
    metrics.committed(Commit([], [], {}, 1, 1_000, nothing), seconds=0.02, now_ms=2_000, live=False)
    assert b"playcall_event_to_commit_seconds_count 0.0" in metrics.exposition()
    metrics.committed(Commit([], [], {}, 1, 1_000, nothing), seconds=0.02, now_ms=2_000, live=True)
    assert b"playcall_event_to_commit_seconds_sum 1.0" in metrics.exposition()
