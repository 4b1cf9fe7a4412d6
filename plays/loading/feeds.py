"""The feeds file of a policy folder."""

from pathlib import Path

from plays.loading.document import read_document
from plays.loading.run_policy import DEFAULT_POLICY
from plays.policy.feeds import FeedPolicy

FEEDS_FILE = "feeds.yaml"


def load_feed_policy(folder: Path = DEFAULT_POLICY) -> FeedPolicy:
    """`feeds.yaml` of the folder, or the one shipped where there is none. Raises `ConfigError` with every complaint."""
    path = folder / FEEDS_FILE
    if not path.is_file():
        path = DEFAULT_POLICY / FEEDS_FILE
    return read_document(path).validate(FeedPolicy, FeedPolicy.problems)
