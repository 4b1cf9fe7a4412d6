"""The policy that the reference follows: as shipped, with those answers of the sources that it knows, and nothing that waits."""

from pathlib import Path
from shutil import copytree

from plays.loading.segments import POLICY

ANSWERS = ("renewal-doubt-stated-only",)
"""It takes no score of health, so that what people say of a renewal is all it can doubt."""

FORGET = "forget_after: 5d"


def write_policy(folder: Path) -> Path:
    """The policy as a folder of its own, for workers."""
    policy = folder / "policy"
    copytree(POLICY, policy, dirs_exist_ok=True)
    overrides = policy / "overrides.yaml"
    text = overrides.read_text(encoding="utf-8")
    assert "\nchoose: []\n" in text
    overrides.write_text(text.replace("\nchoose: []\n", f"\nchoose: [{', '.join(ANSWERS)}]\n"), encoding="utf-8")
    (policy / "suppression.yaml").write_text("inhibitions: []\n", encoding="utf-8")  # the reference launches at once
    owners = policy / "owners.yaml"
    text = owners.read_text(encoding="utf-8")
    assert FORGET in text
    # Partitions that are hurt fall days behind the others, and the roster would take what they hold for forgotten.
    owners.write_text(text.replace(FORGET, "forget_after: 365d"), encoding="utf-8")
    return policy
