"""Topics deleted under a running worker: looked for only when something stands still."""

import asyncio
from collections.abc import Callable, Iterable

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from streams.kafka.fatal import Fatal

_LOOK_S = 3.0
_UNKNOWN_TOPIC = 3


class LostTopics:
    """Clients wait for a deleted topic in the hope that it is merely not known yet, and so would the worker, for ever."""

    def __init__(
        self, admin: AIOKafkaAdminClient, topics: Iterable[str], stands_still: Callable[[], bool], fatal: Callable[[BaseException], object]
    ) -> None:
        self._admin = admin
        self._topics = frozenset(topics)
        self._stands_still = stands_still
        self._fatal = fatal

    async def run(self) -> None:
        """Until cancelled, or until one is gone; two looks agree on that, for brokers that have just started."""
        suspected: set[str] = set()
        while True:
            await asyncio.sleep(_LOOK_S)
            lost = await self._lost() if self._stands_still() else set()
            if lost & suspected:
                self._fatal(
                    Fatal(
                        f"topics were deleted under the running worker: {', '.join(sorted(lost & suspected))}",
                        "What they held and was not read yet is gone. Create them again with `playcall topics apply`; the next start says "
                        "what can be done about positions and state",
                    )
                )
                return
            suspected = lost

    async def _lost(self) -> set[str]:
        """All topics are asked for: asking for one by name might create it, empty."""
        try:
            found = await self._admin.describe_topics(None)
        except (KafkaError, OSError, TimeoutError):
            return set()  # out of reach, which /readyz says
        there = {entry["topic"] for entry in found if entry["error_code"] != _UNKNOWN_TOPIC}
        return set(self._topics - there) if there else set()
