"""Which logs a cursor's offsets belong to: an offset says nothing in a log that was created anew, nor a partition among more."""

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

Recreated = Literal["keep", "begin"]
"""What a topic that was re-created on purpose holds: the same records at the same offsets, or a log to be read from its beginning."""


class Logs(NamedTuple):
    """Partitions of the account-keyed topics, and the id of each topic's log. None and absent: not known."""

    partitions: int | None = None
    ids: Mapping[str, str] = {}

    def recreated(self, now: "Logs") -> dict[str, tuple[str, str]]:
        """Topics whose log is another one now: id noted, id found."""
        return {topic: (noted, now.ids[topic]) for topic, noted in sorted(self.ids.items()) if now.ids.get(topic, noted) != noted}

    def repartitioned(self, now: "Logs") -> bool:
        """Accounts would be found on other partitions than those that hold their state."""
        return None not in (self.partitions, now.partitions) and self.partitions != now.partitions

    def updated(self, now: "Logs") -> "Logs":
        """What is known with what was found; a broker too old for ids takes none away."""
        return Logs(now.partitions or self.partitions, {**self.ids, **now.ids})


def parse_recreated(entries: Iterable[str], topics: Iterable[str]) -> dict[str, Recreated]:
    """From `TOPIC:keep` and `TOPIC:begin`; `feeds` has nothing to be read from its beginning. Raises ValueError."""
    found: dict[str, Recreated] = {}
    for entry in entries:
        topic, _, how = entry.partition(":")
        if how not in ("keep", "begin") or topic not in {*topics, "feeds"} or (topic == "feeds" and how == "begin"):
            raise ValueError(
                f"{entry!r} says of no topic what became of it: expected TOPIC:keep (same records, same offsets) or TOPIC:begin (read it "
                "from its beginning), such as tickets:begin"
            )
        found[topic] = how  # type: ignore[assignment] # narrowed above
    return found
