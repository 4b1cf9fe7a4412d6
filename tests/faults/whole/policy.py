"""The policy of these runs: as shipped, with a week in which some plays wait, and without forgetting."""

from datetime import timedelta
from pathlib import Path
from shutil import copytree

from plays.loading.segments import POLICY
from streams.fleet.span import DAY_MS
from tests.oracle.days import rfc3339
from tests.oracle.reference_policy import FORGET


def write_policy(folder: Path, quiet_from_ms: int) -> Path:
    """A folder for workers. From `quiet_from_ms` on there is a silence over some plays for four days, and a night of maintenance in it."""
    policy = folder / "policy"
    copytree(POLICY, policy, dirs_exist_ok=True)
    owners = policy / "owners.yaml"
    text = owners.read_text(encoding="utf-8")
    assert FORGET in text
    # Partitions that are hurt fall days behind the others, and the roster would take what they hold for forgotten.
    owners.write_text(text.replace(FORGET, "forget_after: 365d"), encoding="utf-8")
    suppression = policy / "suppression.yaml"
    text = suppression.read_text(encoding="utf-8")
    for name, entry in (("silences", _silence(quiet_from_ms)), ("maintenance", _maintenance(quiet_from_ms + DAY_MS))):
        assert f"\n{name}: []\n" in text
        text = text.replace(f"\n{name}: []\n", f"\n{name}:\n  - {entry}\n")
    suppression.write_text(text, encoding="utf-8")
    return policy


def _silence(from_ms: int) -> str:
    ends = rfc3339(from_ms + timedelta(days=4) // timedelta(milliseconds=1))
    about = "segments: [mid, tech]"
    return f"{{name: a move, author: maya.lindqvist, reason: mails look broken, starts: '{rfc3339(from_ms)}', expires: '{ends}', {about}}}"


def _maintenance(from_ms: int) -> str:
    ends = rfc3339(from_ms + timedelta(hours=14) // timedelta(milliseconds=1))
    return f"{{name: a night, reason: the CRM is read-only, starts: '{rfc3339(from_ms)}', ends: '{ends}'}}"
