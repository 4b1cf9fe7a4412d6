"""Settings for a test of its own on the shared broker."""

import pytest

from streams.broker.ladder import Kafka
from streams.settings import Settings


@pytest.fixture
def settings(kafka: Kafka, prefix: str) -> Settings:
    """Connected to the session's Kafka; topics, group and transactional ids are this test's alone."""
    return Settings(bootstrap=kafka.bootstrap, topic_prefix=prefix, app_id=prefix.rstrip("."))
