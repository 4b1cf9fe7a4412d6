"""What a run rests on: the conditions whose triggers it answers."""

import msgspec


class Ground(msgspec.Struct, array_like=True):
    """One trigger's condition: rule, subject, and the episode (RFC 3339) it belongs to. `cleared_ms`: since when it holds no more."""

    rule: str
    subject_kind: str
    subject_id: str
    episode: str
    cleared_ms: int | None = None
