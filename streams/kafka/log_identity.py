"""Whether the topics are still the logs that a task's cursor speaks of."""

from collections.abc import Mapping

from aiokafka.admin import AIOKafkaAdminClient

from streams.engine.logs import Logs, Recreated
from streams.kafka.fatal import Refused
from streams.kafka.refusals import afresh
from streams.kafka.task import Task
from streams.kafka.topic_metadata import describe


class LogIdentity:
    """Compares topic ids and the partition count with those noted in cursors, and has them noted.

    `topics` maps logical names to names on the broker: the inputs, and `feeds`. `accepted` says of topics that were re-created
    on purpose whether the new log holds the same records at the same offsets (`keep`) or is to be read from its beginning.
    """

    def __init__(self, admin: AIOKafkaAdminClient, topics: Mapping[str, str], state: str, accepted: Mapping[str, Recreated]) -> None:
        self._admin = admin
        self._topics = topics
        self._state = state
        self._accepted = accepted

    async def check(self, task: Task) -> frozenset[str]:
        """Topics that are to be read from their beginning; the task has forgotten its position in them. Raises `Refused`."""
        found = await describe(self._admin, self._topics.values())
        ids = {topic: known.id for topic, name in self._topics.items() if (known := found.get(name)) is not None}
        counts = {found[self._topics[topic]].partitions for topic in task.topics if self._topics[topic] in found}
        now = Logs(counts.pop() if len(counts) == 1 else None, {topic: value for topic, value in ids.items() if value is not None})
        if task.logs.repartitioned(now):
            raise repartitioned(self._state, task.partition, task.logs.partitions, now.partitions)
        recreated = task.logs.recreated(now)
        for topic, (noted, present) in recreated.items():
            if topic not in self._accepted:
                raise self._explain(topic, task, noted, present)
        again = frozenset(topic for topic in recreated if self._accepted[topic] == "begin" and topic in task.topics)
        for topic in sorted(again):
            task.forget(topic)
        task.belongs_to(now)
        return again

    def _explain(self, topic: str, task: Task, noted: str, present: str) -> Refused:
        what = (
            f"{self._topics[topic]} was deleted and created anew since partition {task.partition} was last committed "
            f"(topic id {noted}, now {present})"
        )
        if topic not in task.topics:
            return Refused(
                what,
                "when launching began was lost with it: set go_live_at to that time (a later one suppresses launches), and accept the new "
                f"topic with `playcall worker --recreated {topic}:keep`",
            )
        return Refused(
            f"{what}: offset {task.cursor.get(topic)} of the cursor means nothing in it",
            "events that were in the old one and not read yet are gone. If you restored the same records at the same offsets: `playcall "
            f"worker --recreated {topic}:keep`; to read the new topic from its beginning and keep the state: `--recreated {topic}:begin`; "
            f"else {afresh(self._state)}",
        )


def repartitioned(state: str, partition: int, noted: int | None, now: int | None) -> Refused:
    """What happened, and the way back."""
    return Refused(
        f"topics have {now} partitions, but the cursor of {state}:{partition} was written when they had {noted}: accounts would be looked "
        "for on other partitions than those that hold their state",
        f"Kafka takes no partition back. The way back: create all topics with {noted} partitions under another prefix (`playcall topics "
        f"apply --topic-prefix NEW. --partitions {noted}`), copy what is retained by key, state and all, and start there. Or stay with "
        f"{now}: {afresh(state)}",
    )
