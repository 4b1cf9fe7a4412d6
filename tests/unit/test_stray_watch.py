"""What a worker shows of publishers with another partitioner: a bounded metric, and one line each that names the fix."""

import pytest
import structlog
from prometheus_client import CollectorRegistry, generate_latest

from streams.observe.strays import SOURCES_MAX, StrayWatch


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


def test_each_topic_and_source_is_logged_once_with_the_fix(registry: CollectorRegistry) -> None:
    watch = StrayWatch(registry)
    with structlog.testing.capture_logs() as lines:
        for _ in range(3):
            watch.count({("tickets", "desk"): 2, ("billing", "desk"): 1})

    assert [(line["topic"], line["source"], line["log_level"]) for line in lines] == [
        ("tickets", "desk", "warning"), ("billing", "desk", "warning"),
    ]  # fmt: skip
    assert all("partitioner=murmur2_random" in line["fix"] for line in lines)
    assert registry.get_sample_value("playcall_strays_total", {"topic": "tickets", "source": "desk"}) == 6


def test_sources_beyond_the_bound_are_one(registry: CollectorRegistry) -> None:
    watch = StrayWatch(registry)
    with structlog.testing.capture_logs() as lines:
        for number in range(SOURCES_MAX + 30):
            watch.count({("tickets", f"s{number}"): 1})
        watch.count({("tickets", "s0"): 1})

    assert len(lines) == SOURCES_MAX + 1
    assert registry.get_sample_value("playcall_strays_total", {"topic": "tickets", "source": "other"}) == 30
    assert registry.get_sample_value("playcall_strays_total", {"topic": "tickets", "source": "s0"}) == 2


def test_the_help_names_the_fix(registry: CollectorRegistry) -> None:
    StrayWatch(registry)
    [help_line] = [line for line in generate_latest(registry).decode().splitlines() if line.startswith("# HELP playcall_strays_total")]
    assert "murmur2" in help_line
    assert "librdkafka" in help_line
