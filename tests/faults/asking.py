"""One question to a cluster's admin interface."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

T = TypeVar("T")

ANSWER_S = 60.0
AGAIN_S = 0.5


def ask(bootstrap: str, question: Callable[[AIOKafkaAdminClient], Awaitable[T]]) -> T:
    """The answer, over a connection of its own; asked again while the cluster has nobody to answer, up to ANSWER_S."""
    return asyncio.run(_asked(bootstrap, question))


async def _asked(bootstrap: str, question: Callable[[AIOKafkaAdminClient], Awaitable[T]]) -> T:
    end = time.monotonic() + ANSWER_S
    while True:
        admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
        try:
            await admin.start()
            return await question(admin)
        except (KafkaError, OSError):
            if time.monotonic() > end:
                raise
        finally:
            await admin.close()
        await asyncio.sleep(AGAIN_S)
