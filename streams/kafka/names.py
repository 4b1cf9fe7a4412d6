"""What the topics a worker reads are called on the broker."""

from collections.abc import Callable, Collection, Iterable

from schemas.catalogue import topic


def input_names(
    topics: Iterable[str], incoming: Callable[[str], str], outgoing: Callable[[str], str], recorded: Collection[str] = ()
) -> dict[str, str]:
    """Logical name -> name on the broker. What workers write themselves and read again is named as what goes out.

    Except for what is `recorded`: that was written by workers before, and comes in.
    """
    own = {name for name in topics if topic(name).direction == "internal" and name not in recorded}
    return {name: (outgoing if name in own else incoming)(name) for name in topics}
