"""The segments file of a policy folder, with the days on which accounts are closed."""

from pathlib import Path

from plays.loading.closures import load_closures
from plays.loading.document import read_document
from plays.policy.segments import SegmentIndex, Segments

POLICY = Path(__file__).parent.parent / "policy" / "default"
SEGMENTS_FILE = "segments.yaml"


def load_segments(folder: Path) -> SegmentIndex:
    """The segment tree of a policy folder, ready for use. Raises `ConfigError`."""
    segments = read_document(folder / SEGMENTS_FILE).validate(Segments, check=Segments.problems)
    return SegmentIndex(segments, load_closures(folder))
