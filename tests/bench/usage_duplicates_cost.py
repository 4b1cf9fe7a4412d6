"""What the check for repeated usage events costs in one process: CPU per event, bytes per remembered hash, recovery.

    python -m tests.bench.usage_duplicates_cost [EVENTS] [MINUTES]

EVENTS usage events of one partition over MINUTES of append time, a commit every 2,000; ids as publishers make them (UUIDs).
"""

import random
import sys
import time
import tracemalloc

from schemas.events.event import Event
from streams.engine.store import CellStore
from streams.engine.usage_duplicates import UsageDuplicates

START_MS = 1_790_000_000_000
HORIZON_MS = 3_600_000
MOST = 1_000_000
COMMIT = 2000


def main(count: int = 1_000_000, minutes: int = 80) -> None:
    """Print the figures."""
    chance = random.Random(7)
    store = CellStore()
    memory = UsageDuplicates(store.partition, HORIZON_MS, MOST)
    log: dict[bytes, bytes] = {}
    check = flush = 0.0
    written = records = 0
    for first in range(0, count, COMMIT):
        events = [
            Event(
                "product-usage", 0, n, START_MS + n * minutes * 60_000 // count, 0, "feature.used",
                f"acct-{chance.randrange(20_000):05d}", f"{chance.getrandbits(128):032x}", "web-backend", {},
            )
            for n in range(first, min(count, first + COMMIT))
        ]  # fmt: skip
        begun = time.process_time()
        for event in events:
            memory.first_sight(event)
        check += time.process_time() - begun
        begun = time.process_time()
        memory.flush()
        out = store.flush()
        flush += time.process_time() - begun
        written += sum(len(key) + len(value or b"") for key, value in out)
        records += len(out)
        for key, value in out:
            if value is None:
                log.pop(key, None)
            else:
                log[key] = value
    print(f"{count} events over {minutes} min: {check / count * 1e6:.2f} us per event, {flush / count * 1e6:.2f} us per event to flush")
    print(f"{written / count:.1f} bytes and {records / count * COMMIT:.2f} records per commit of {COMMIT} to `state`, per event and commit")
    print(f"{memory.hashes} hashes held, horizon {memory.held_ms / 1000:.0f} s")
    begun = time.process_time()
    again = _recover(log)
    spent = time.process_time() - begun
    del again
    tracemalloc.start()
    again = _recover(log)
    size = tracemalloc.get_traced_memory()[0]
    assert again.hashes == memory.hashes
    print(f"{size / again.hashes:.1f} bytes per hash after recovery, which took {spent:.2f} s for {len(log)} cells")


def _recover(log: dict[bytes, bytes]) -> UsageDuplicates:
    store = CellStore()
    for key, value in log.items():
        store.restore(key, bytes(bytearray(value)))  # its own copy, as a fetch would bring it
    memory = UsageDuplicates(store.partition, HORIZON_MS, MOST)
    memory.recovered()
    return memory


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
