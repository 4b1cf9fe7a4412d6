"""Libraries one after the other: copies of ours, edited and locked as a customer-success lead would."""

import re
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

from plays.loading.rules import LIBRARY, TIMELINE_SUFFIX
from tests.faults.workers import PLAYCALL

Edit = Callable[[str], str]


def edition(folder: Path, *, before: Path = LIBRARY, rules: Iterable[str] = (), edit: Edit = lambda text: text) -> Path:
    """A copy of the library `before` in `folder`, with these rules edited under a new version, locked."""
    shutil.copytree(before, folder)
    for rule in rules:
        path = folder / f"{rule}.yaml"
        path.write_text(edit(bumped(path.read_text(encoding="utf-8"))), encoding="utf-8")
    lock(folder)
    return folder


def lock(folder: Path) -> None:
    """`playcall rules lock`."""
    subprocess.run([PLAYCALL, "rules", "lock", "--library", folder], check=True, stdout=subprocess.DEVNULL)


def bumped(text: str) -> str:
    """The next version of a rule's file."""
    return re.sub(r"(?m)^version: (\d+)$", lambda found: f"version: {int(found[1]) + 1}", text)


def retitled(text: str) -> str:
    """An edit that changes what people read, and nothing that fires."""
    return re.sub(r"(?m)^title: (.+)$", r"title: \1 again", text)


def rule_ids(folder: Path = LIBRARY) -> list[str]:
    """Ids of the rules of a library."""
    return sorted(path.stem for path in folder.glob("*.yaml") if not path.name.endswith(TIMELINE_SUFFIX))
