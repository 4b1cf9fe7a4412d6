"""The plays that the reference follows: as shipped, but none ends by itself. It does not know when a customer recovers."""

import re
from pathlib import Path
from shutil import copytree

from plays.playbooks.book import Playbooks
from streams.cli.compose import DEFAULT_LIBRARY

_EXITS = re.compile(r"^exits:\n(?:  - .*\n)+", re.MULTILINE)


def without_exits(playbooks: Playbooks) -> Playbooks:
    """The same plays, for an engine in this process."""
    return Playbooks((stated.model_copy(update={"exits": ()}) for stated in playbooks.stated()), playbooks.links)


def write_library(folder: Path) -> Path:
    """The library as a folder of its own, for workers."""
    library = folder / "library"
    copytree(DEFAULT_LIBRARY, library, dirs_exist_ok=True)
    (library / "lock.json").unlink(missing_ok=True)  # a worker refuses what differs from its lock
    for path in sorted((library / "playbooks").glob("*.yaml")):
        path.write_text(_EXITS.sub("", path.read_text(encoding="utf-8")), encoding="utf-8")
    return library
