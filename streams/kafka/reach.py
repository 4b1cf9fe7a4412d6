"""Whether the broker answers: an idle partition's fetch is answered several times a second, a lost broker's not at all."""

from collections.abc import Hashable, Mapping

from aiokafka.errors import KafkaError, KafkaTimeoutError, KafkaUnavailableError, NodeNotReadyError

_SILENT_S = 10.0  # a fetch waits 100 ms at the broker, its answer a few rounds to be looked at


def may_pass(problem: BaseException) -> bool:
    """Whether the broker is merely out of reach or not yet itself again, so that it is worth coming back later."""
    if isinstance(problem, (KafkaTimeoutError, KafkaUnavailableError, NodeNotReadyError, ConnectionError, TimeoutError)):
        return True
    return isinstance(problem, KafkaError) and bool(problem.retriable)


class Reach:
    """Watches the response stamps of the partitions that are being polled. `note` in one thread, `silent` from any."""

    def __init__(self) -> None:
        self._heard: dict[Hashable, tuple[int | None, float]] = {}  # last stamp seen, and since when, monotonic seconds
        self._oldest: tuple[Hashable, float] | None = None

    def note(self, stamps: Mapping[Hashable, int | None], now_s: float) -> None:
        """One fetch round: the stamps of all partitions polled in it. A partition that is not polled is not waited for."""
        before = self._heard
        self._heard = {
            part: known if (known := before.get(part)) is not None and known[0] == stamp else (stamp, now_s)
            for part, stamp in stamps.items()
        }
        self._oldest = min(((part, since_s) for part, (_, since_s) in self._heard.items()), key=lambda each: each[1], default=None)

    def forget(self) -> None:
        """Nothing is polled now."""
        self._heard, self._oldest = {}, None

    def silent(self, now_s: float) -> tuple[Hashable, float] | None:
        """The partition that waits longest for its leader, and for how many seconds; None while all answer."""
        oldest = self._oldest
        return None if oldest is None or now_s - oldest[1] < _SILENT_S else (oldest[0], now_s - oldest[1])
