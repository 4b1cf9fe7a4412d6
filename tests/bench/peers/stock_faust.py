"""The count-only job on stock Faust: validate each usage event, count per account and day in a changelogged table.

Started by the benchmark as `python stock_faust.py worker --without-web -l warn` with PEER_* variables; leaves after PEER_EVENTS
and prints `events seconds cpu_seconds`, measured from the first event to the last.
"""

import os
import time
from datetime import datetime
from typing import Any

import faust
from pydantic import BaseModel, TypeAdapter

EXPECTED = int(os.environ["PEER_EVENTS"])


class Used(BaseModel):
    """A usage event as the peer job reads it."""

    event_id: str
    type: str
    account_id: str
    user_id: str
    occurred_at: datetime
    feature: str
    quantity: float
    source: str


read = TypeAdapter(Used).validate_json
app = faust.App(
    os.environ["PEER_GROUP"],
    broker=f"kafka://{os.environ['PEER_BOOTSTRAP']}",
    topic_replication_factor=1,
    web_enabled=False,
    stream_buffer_maxsize=4096,
    topic_disable_leader=True,
    consumer_auto_offset_reset="earliest",
)
topic = app.topic(os.environ["PEER_TOPIC"], value_serializer="raw", key_serializer="raw")
counts = app.Table("counts", default=dict, partitions=int(os.environ["PEER_PARTITIONS"]))


class Progress:
    """Where the measurement stands."""

    seen = 0
    begun = (0.0, 0.0)


@app.agent(topic)
async def count(stream: Any) -> None:
    """One event after the other, as the table wants it."""
    async for event in stream.events():
        if Progress.seen == 0:
            Progress.begun = (time.monotonic(), time.process_time())
        used = read(event.message.value)
        key, day = event.message.key.decode(), used.occurred_at.date().isoformat()
        days = counts[key]
        days[day] = days.get(day, 0) + 1
        counts[key] = days
        Progress.seen += 1
        if Progress.seen == EXPECTED:
            seconds, cpu = time.monotonic() - Progress.begun[0], time.process_time() - Progress.begun[1]
            print(f"RESULT {Progress.seen} {seconds:.3f} {cpu:.3f}", flush=True)
            os._exit(0)


if __name__ == "__main__":
    app.main()
