"""Asks a broker who it is: the readiness test of the local node, and the first thing done with a broker that was given."""

import asyncio
import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError
from aiokafka.protocol.admin import ApiVersionRequest

from streams.broker.errors import BrokerError

logging.getLogger("aiokafka").addHandler(logging.NullHandler())  # what it says about a failed attempt stands in our error

# Api keys and versions of the Kafka protocol (kafka.apache.org/protocol). TxnOffsetCommit v3 came with Kafka 2.5 (KIP-447): before
# it a transaction's offsets carry no group generation, and a woken zombie can commit over its successor.
TXN_OFFSET_COMMIT = 28
NEEDED_TXN_OFFSET_COMMIT = 3
OLDEST = "2.5"

FETCH = 1
# The Fetch version that came with a release: enough to name a broker we did not start ourselves.
FETCH_RELEASES = {10: "2.1", 11: "2.3", 12: "2.7", 13: "3.1", 14: "3.5", 15: "3.5", 16: "3.7", 17: "3.9", 18: "4.1"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reachable broker says of itself."""

    brokers: int
    """Brokers that the cluster's metadata lists; 0 while a node is still starting."""
    api_versions: Mapping[int, int]
    """Api key -> highest version."""

    @property
    def release(self) -> str:
        """The release as far as the protocol tells: a lower bound, such as `3.7 or newer`."""
        fetch = self.api_versions.get(FETCH, 0)
        known = [name for version, name in FETCH_RELEASES.items() if version <= fetch]
        return f"{known[-1]} or newer" if known else "older than 2.1"


def probe(bootstrap: str, *, timeout_s: float = 10.0, client_options: Mapping[str, Any] | None = None) -> Answer:
    """Connect, read metadata and api versions. Blocks; may be called with an event loop running.

    Raises BrokerError where nothing answers in time, or where the broker is older than Playcall can use.
    """
    with ThreadPoolExecutor(1) as worker:
        return worker.submit(asyncio.run, ask(bootstrap, timeout_s, client_options or {})).result()


async def ask(bootstrap: str, timeout_s: float, client_options: Mapping[str, Any]) -> Answer:
    """As `probe`, for callers that already run in a loop."""
    options = {"bootstrap_servers": bootstrap, "request_timeout_ms": int(timeout_s * 1000), **client_options}
    client = AIOKafkaClient(**options)
    try:
        async with asyncio.timeout(timeout_s):
            await client.bootstrap()
            response = await client.send(client.get_random_node(), ApiVersionRequest())
    except (TimeoutError, KafkaError, OSError) as error:
        raise BrokerError(
            f"Kafka at {bootstrap} does not answer ({type(error).__name__}: {error or f'nothing within {timeout_s:g} s'}). Is it running, "
            f"is the address reachable from here, is security_protocol ({options.get('security_protocol', 'PLAINTEXT')}) the listener's?"
        ) from error
    except (AssertionError, KeyError, ValueError) as error:  # how aiokafka reacts to bytes that are not Kafka's
        raise BrokerError(f"{bootstrap} answers, but not as Kafka does ({error!r}): check host and port") from error
    finally:
        await client.close()
    answer = Answer(len(client.cluster.brokers()), {key: highest for key, _, highest in response.api_versions})
    if answer.api_versions.get(TXN_OFFSET_COMMIT, -1) < NEEDED_TXN_OFFSET_COMMIT:
        raise BrokerError(
            f"Kafka at {bootstrap} is too old (release {answer.release}): Playcall needs {OLDEST} or newer for fenced transactions; "
            "upgrade it, or point PLAYCALL_BOOTSTRAP elsewhere"
        )
    return answer
