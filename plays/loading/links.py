"""The links file of a policy folder."""

from pathlib import Path

from plays.loading.document import read_document
from plays.loading.run_policy import DEFAULT_POLICY
from plays.policy.links import Links

LINKS_FILE = "links.yaml"


def load_links(folder: Path = DEFAULT_POLICY) -> Links:
    """`links.yaml` of the folder, or the one shipped where there is none. Raises `ConfigError` with every complaint."""
    path = folder / LINKS_FILE
    if not path.is_file():
        path = DEFAULT_POLICY / LINKS_FILE
    return read_document(path).validate(Links)
