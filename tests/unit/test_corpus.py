"""Several hundred nasty records: each has its one outcome, alone and among good ones, and none stops a task."""

from collections import Counter

import pytest

from schemas.catalogue import input_topics
from schemas.decoding.batch import decode_batch
from schemas.decoding.outcome import DETAIL_MAX, Ignored, Rejected, RejectReason
from schemas.decoding.record import FileRecord
from schemas.decoding.single import Outcome
from schemas.events.event import Event
from schemas.events.registry import BY_TOPIC
from streams.cli.compose import load_configuration
from streams.engine.batch import Batch
from streams.engine.policy import EnginePolicy
from streams.engine.task import PartitionTask
from tests.corpus.everything import corpus
from tests.corpus.nasty import APPLIED, IGNORED, Nasty, event
from tests.corpus.requests import LATER

LEAST = 300
WALL_MS = 1_772_500_000_000  # the evening of the day of the examples


def said(outcome: Outcome) -> str:
    """What decoding makes of a record, in the words of the corpus."""
    match outcome:
        case Event():
            return APPLIED
        case Ignored():
            return IGNORED
        case Rejected(reason, detail):
            assert 0 < len(detail) <= DETAIL_MAX
            return str(reason)
    raise AssertionError(outcome)


def expected(nasty: Nasty) -> str:
    """The same as the corpus has it: some is refused only by the router."""
    return APPLIED if nasty.outcome in LATER else nasty.outcome


def test_the_corpus_is_large_and_knows_every_reason_that_decoding_has() -> None:
    applied_elsewhere = {
        RejectReason.WRONG_PARTITION, RejectReason.NO_ORIGIN, RejectReason.QUARANTINED, RejectReason.TOO_LATE, RejectReason.FAR_FUTURE,
        RejectReason.WRONG_STATE, RejectReason.INVALID_UPDATE, RejectReason.BAD_PERSON,
    }  # fmt: skip
    assert len(corpus()) >= LEAST
    assert {nasty.outcome for nasty in corpus()} == {APPLIED, IGNORED, *map(str, set(RejectReason) - applied_elsewhere)}
    assert {nasty.topic for nasty in corpus()} == set(input_topics())


@pytest.mark.parametrize("nasty", corpus(), ids=lambda nasty: nasty.name.encode("ascii", "backslashreplace").decode()[:80])
def test_each_has_its_outcome_alone(nasty: Nasty) -> None:
    (outcome,) = decode_batch(nasty.topic, 0, [nasty.record()], 1)

    assert said(outcome) == expected(nasty)


@pytest.mark.parametrize("topic", input_topics())
@pytest.mark.parametrize("distance", [1, 3, 700])
def test_all_have_the_same_outcome_among_good_ones(topic: str, distance: int) -> None:
    nasty = [one for one in corpus() if one.topic == topic][: 10_000 // distance]
    kind = next(kind for name, kind in BY_TOPIC[topic].items() if name != "feed.heartbeat")
    good = FileRecord(b"nasty-account", event(topic, kind.name), 1)
    records = [record for one in nasty for record in (one.record(), *[good] * distance)]
    outcomes = decode_batch(topic, 0, records, 1)

    assert [said(outcome) for outcome in outcomes] == [word for one in nasty for word in (expected(one), *[APPLIED] * distance)]


def test_all_pass_through_a_task_with_the_outcome_they_must_have() -> None:
    task = PartitionTask(
        0, load_configuration(only=("core",)).pipeline(), EnginePolicy(partitions=1, topics=input_topics(), until_ms=WALL_MS)
    )
    logs = {topic: [nasty for nasty in corpus() if nasty.topic == topic] for topic in input_topics()}
    task.begin_at(dict.fromkeys(input_topics(), 0))
    task.catch_up({topic: len(log) for topic, log in logs.items()})
    for topic, log in logs.items():
        assert task.offer(Batch(topic, 0, len(log), [nasty.record(offset) for offset, nasty in enumerate(log)]))
    dead: Counter[tuple[str, str]] = Counter()
    letters: Counter[tuple[bytes | None, bytes | None]] = Counter()
    while not task.finished:
        while task.work(WALL_MS):
            pass
        commit = task.prepare()
        dead.update(commit.tally.dead_letters)
        letters.update((record.key, record.value) for record in commit.outputs if record.topic.endswith(".dlq"))

    plain = {APPLIED, IGNORED}
    wanted = Counter((nasty.topic, nasty.outcome if nasty.outcome in plain else "dead_lettered") for nasty in corpus())
    assert {key: n for key, n in task.counts.items() if n} == wanted
    assert dead == Counter((nasty.topic, nasty.outcome) for nasty in corpus() if nasty.outcome not in plain)
    assert letters == Counter((nasty.key, nasty.value) for nasty in corpus() if nasty.outcome not in plain)
