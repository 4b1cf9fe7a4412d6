"""What the topics a worker reads are called on the broker."""

from collections.abc import Callable, Iterable

from schemas.catalogue import topic


def input_names(topics: Iterable[str], incoming: Callable[[str], str], outgoing: Callable[[str], str]) -> dict[str, str]:
    """Logical name -> name on the broker. What workers write themselves and read again is named as what goes out."""
    return {name: (outgoing if topic(name).direction == "internal" else incoming)(name) for name in topics}
