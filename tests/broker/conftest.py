"""Settings for a test of its own on the shared broker."""

from collections.abc import Callable

import pytest

from streams.broker.errors import BrokerError
from streams.broker.jars import find_java, kafka_jars
from streams.broker.ladder import Kafka
from streams.cli.main import main
from streams.settings import Settings


@pytest.fixture
def settings(kafka: Kafka, prefix: str) -> Settings:
    """Connected to the session's Kafka; topics, group and transactional ids are this test's alone."""
    return Settings(bootstrap=kafka.bootstrap, topic_prefix=prefix, app_id=prefix.rstrip("."))


@pytest.fixture(scope="session")
def own_node() -> None:
    """Skips where a local node cannot be had, on a machine that has only Docker."""
    try:
        find_java()
        kafka_jars(lambda _: None)
    except BrokerError as error:
        pytest.skip(f"local node test: {error}")


@pytest.fixture
def playcall() -> Callable[..., int]:
    """Runs the command in this process and gives its exit code; what it prints is for `capsys`."""

    def run(*arguments: str) -> int:
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        code = ended.value.code
        assert isinstance(code, int)
        return code

    return run
