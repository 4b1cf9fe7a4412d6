"""The segments file of a policy folder."""

from pathlib import Path

from plays.loading.document import read_document
from plays.policy.segments import SegmentIndex, Segments

POLICY = Path(__file__).parent.parent / "policy" / "default"
SEGMENTS_FILE = "segments.yaml"


def load_segments(folder: Path) -> SegmentIndex:
    """The segment tree of a policy folder, ready for use. Raises `ConfigError`."""
    return SegmentIndex(read_document(folder / SEGMENTS_FILE).validate(Segments, check=Segments.problems))
