"""The topic catalogue against the registry and the records."""

import pytest

from schemas.catalogue import account_topics, catalogue, input_topics, logical, physical, read_topics, source_topics, task_topics, topic
from schemas.decoding.limits import VALUE_MAX
from schemas.events.registry import TOPICS
from schemas.records.examples import EXAMPLES


def test_the_catalogue_is_the_design() -> None:
    assert {each.name: (each.direction, each.partitions, each.cleanup_policy) for each in catalogue()} == {
        **dict.fromkeys(
            ("product-usage", "tickets", "billing", "accounts", "feedback", "engagement", "play-updates", "trigger-requests"),
            ("in", "account", "delete"),
        ),
        "roster": ("in", 1, "compact"),
        **dict.fromkeys(("roster.dlq", "assignment-requests.dlq"), ("out", 1, "delete")),
        **dict.fromkeys(("triggers", "play-launches", "play-outcomes", "decisions"), ("out", "account", "delete")),
        **dict.fromkeys(
            (
                "product-usage.dlq", "tickets.dlq", "billing.dlq", "accounts.dlq", "feedback.dlq", "engagement.dlq", "play-updates.dlq",
                "trigger-requests.dlq", "assignments.dlq", "rekeyed.dlq",
            ),
            ("out", "account", "delete"),
        ),
        "health": ("out", "account", "compact"),
        "state": ("internal", "account", "compact"),
        "assignment-requests": ("internal", 1, "delete"),
        "assignments": ("internal", "account", "delete"),
        "roster.state": ("internal", 1, "compact"),
        "feeds": ("internal", 1, "compact"),
        "rekeyed": ("internal", "account", "delete"),
    }  # fmt: skip


def test_events_arrive_on_the_input_topics_and_records_leave_on_topics_of_the_catalogue() -> None:
    assert input_topics() == tuple(name for name in TOPICS if name in input_topics())
    assert set(TOPICS) <= set(read_topics())
    assert source_topics() == TOPICS[:6]
    assert {topic(example.TOPIC).value for example in EXAMPLES} == {type(example).__name__ for example in EXAMPLES}


def test_names_are_unique_and_fit_a_broker() -> None:
    names = [each.name for each in catalogue()]
    assert len(set(names)) == len(names)
    assert all(name.replace("-", "").replace(".", "").isalnum() and len(name) < 100 for name in names)


def test_state_is_compacted_in_small_segments() -> None:
    assert topic("state").settings == {
        "cleanup.policy": "compact",
        "max.message.bytes": "2097152",
        "message.timestamp.type": "LogAppendTime",
        "segment.bytes": "67108864",
        "min.cleanable.dirty.ratio": "0.1",
    }
    assert topic("state").retention_ms is None


def test_a_dead_letter_topic_takes_the_largest_record_of_its_source_with_headers_added() -> None:
    for name in read_topics():
        assert topic(f"{name}.dlq").max_message_bytes >= topic(name).max_message_bytes + 64 * 1024 > VALUE_MAX


def test_what_is_forwarded_takes_the_largest_record_of_any_input_with_headers_added() -> None:
    assert task_topics() == (*input_topics(), "assignments", "rekeyed")
    assert topic("rekeyed").max_message_bytes >= max(topic(name).max_message_bytes for name in input_topics()) + 64 * 1024


def test_account_topics_share_the_configured_count_and_the_others_have_their_own() -> None:
    assert {each.partition_count(12) for each in catalogue() if each.name in account_topics()} == {12}
    assert {each.name: each.partition_count(12) for each in catalogue() if each.name not in account_topics()} == {
        "roster": 1, "assignment-requests": 1, "roster.state": 1, "feeds": 1, "roster.dlq": 1, "assignment-requests.dlq": 1,
    }  # fmt: skip


@pytest.mark.parametrize("prefix", ["", "eu.", "test-1."])
def test_physical_names_lead_back_to_logical_ones(prefix: str) -> None:
    assert [logical(prefix, physical(prefix, each.name)) for each in catalogue()] == [each.name for each in catalogue()]


def test_topics_of_others_have_no_logical_name() -> None:
    assert [logical("eu.", name) for name in ("tickets", "us.tickets", "eu.orders", "eu.eu.tickets")] == [None] * 4


def test_everyone_who_writes_and_reads_is_named() -> None:
    assert all(each.producers and each.consumers and each.description.endswith(".") for each in catalogue())
