"""What a run rests on: the conditions whose triggers it answers."""

import msgspec


class Ground(msgspec.Struct, array_like=True):
    """One trigger's condition: rule, subject, and the episode (RFC 3339) it belongs to. `cleared_ms`: since when it holds no more.

    `expired_ms`: since when nobody follows it any more, though nothing got better: its rule's `max_hold` is over, or what it was
    about is gone. No recovery, and no reason to go on either.
    """

    rule: str
    subject_kind: str
    subject_id: str
    episode: str
    cleared_ms: int | None = None
    expired_ms: int | None = None

    @property
    def over(self) -> bool:
        """Whether its end is known, good or not."""
        return self.cleared_ms is not None or self.expired_ms is not None
