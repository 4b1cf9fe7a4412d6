"""The corpus of nasty records through a real Kafka and a real worker, between good events."""

import asyncio
import json
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

import plays.policy
from schemas.catalogue import input_topics, task_topics
from streams.broker.ladder import Kafka
from tests.corpus.everything import corpus
from tests.corpus.nasty import APPLIED, IGNORED
from tests.corpus.publishing import ToSend, good_alone, good_and_nasty, send_all
from tests.faults.log_io import read_committed
from tests.faults.seen import OUTPUTS, Seen, look
from tests.faults.workers import PLAYCALL, Fleet
from tests.faults.workload import Workload, build
from tests.oracle.days import rfc3339

pytestmark = [pytest.mark.broker, pytest.mark.slow, pytest.mark.timeout(300)]

GOOD = b"acct-"
DEFAULT_POLICY = Path(plays.policy.__file__).parent / "default"


def run(kafka: Kafka, prefix: str, work: Workload, records: list[ToSend], folder: Path) -> Seen:
    """Everything written, one worker to the end of time, what it left."""
    folder.mkdir()
    policy = shutil.copytree(DEFAULT_POLICY, folder / "policy")
    (policy / "feeds.yaml").write_text("max_quiet: {}\n")  # well-formed nasty events do prove that their feed lives
    settings = {
        "PLAYCALL_BOOTSTRAP": kafka.bootstrap, "PLAYCALL_APP_ID": prefix + "app", "PLAYCALL_RULES": "core", "PLAYCALL_TOPIC_PREFIX": prefix,
        "PLAYCALL_PARTITIONS": str(work.partitions), "PLAYCALL_GO_LIVE_AT": "2000-01-01T00:00:00Z",
        "PLAYCALL_UNTIL": rfc3339(work.until_ms), "PLAYCALL_HTTP_PORT": "none",
        "PLAYCALL_POLICY": str(policy),
    }  # fmt: skip
    fleet = Fleet(settings, folder)
    try:
        subprocess.run([PLAYCALL, "topics", "apply"], env=fleet.environ(), check=True, capture_output=True)
        asyncio.run(send_all(kafka.bootstrap, prefix, records))
        fleet.start(0)
        code = fleet.workers[0].process.wait(200)
        assert code == 0, fleet.log_of(0).read_text()[-4_000:]
        return asyncio.run(look(kafka.bootstrap, prefix, work.partitions, task_topics()))
    finally:
        fleet.stop()


def results(seen: Seen) -> dict[str, list[tuple[bytes | None, str]]]:
    """What came out about the good accounts, but for what must differ: offsets of records, and up to when feeds were heard."""
    found = {}
    for topic in OUTPUTS:
        lines = []
        for record in seen.outputs[topic]:
            if (record.key or b"").startswith(GOOD):
                said = json.loads(record.value or b"{}")
                evidence = said.get("evidence", {})
                evidence.pop("sources", None)
                evidence.pop("silence", None)
                lines.append((record.key, json.dumps(said, sort_keys=True)))
        found[topic] = sorted(lines)
    return found


def counted(seen: Seen) -> Counter[tuple[str, str]]:
    """Every input by (topic, outcome), over all partitions."""
    total: Counter[tuple[str, str]] = Counter()
    for cursor in seen.cursors.values():
        for topic, counts in cursor["counts"].items():
            total.update({(topic, outcome): n for outcome, n in counts.items() if n})
    return total


def letters(kafka: Kafka, prefix: str) -> Counter[tuple[str, bytes | None, bytes | None, tuple[tuple[str, bytes], ...]]]:
    """Dead letters as they came: without our own headers."""
    found: Counter[tuple[str, bytes | None, bytes | None, tuple[tuple[str, bytes], ...]]] = Counter()
    for topic in input_topics():
        for record in asyncio.run(read_committed(kafka.bootstrap, f"{prefix}{topic}.dlq")):
            own = [name for name, _ in record.headers].index("dlq.reason", -8)
            found[topic, record.key, record.value, tuple(record.headers[:own])] += 1
    return found


def test_nasty_records_change_nothing_for_good_ones_and_add_up(kafka: Kafka, prefix: str, tmp_path: Path) -> None:
    work = build(3, accounts=60, events=9_000)
    plain, mixed = list(good_alone(work)), list(good_and_nasty(work))
    alone = run(kafka, f"a{prefix}", work, plain, tmp_path / "alone")
    among = run(kafka, f"b{prefix}", work, mixed, tmp_path / "among")
    of_ours = Counter((nasty.topic, nasty.outcome) for nasty in corpus())
    kept = {APPLIED, IGNORED}

    assert len(mixed) - len(plain) == len(corpus())
    assert min(map(len, results(alone).values())) > 0
    assert results(among) == results(alone)
    sent = Counter(record.topic for record in mixed)
    more = counted(among) - counted(alone)
    # Of what was sent: a request among them that can be read after all is a run, and its owner is asked for and answered.
    assert {key: n for key, n in more.items() if key[0] in sent} == Counter(
        (topic, outcome if outcome in kept else "dead_lettered") for topic, outcome in of_ours.elements()
    )
    assert {topic: sum(n for (one, _), n in counted(among).items() if one == topic) for topic in sent} == sent
    rejected = Counter(
        (record.topic, record.key, record.value, tuple(record.headers)) for record in (Counter(mixed) - Counter(plain)).elements()
    )
    accepted = rejected - (letters(kafka, f"b{prefix}") - letters(kafka, f"a{prefix}"))
    assert rejected - accepted == letters(kafka, f"b{prefix}") - letters(kafka, f"a{prefix}")
    assert accepted.total() == sum(n for (_, outcome), n in of_ours.items() if outcome in kept)
