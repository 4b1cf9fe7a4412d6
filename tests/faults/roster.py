"""What must hold of a roster after a run: its log recounted by one thread, and what is held against what runs say."""

import json
from collections import Counter
from typing import Any

from plays.runs.asking import OWNER, ask_id
from schemas.catalogue import ASKS, ASSIGNMENTS, PEOPLE, roster_topics
from schemas.decoding.record import FileRecord
from streams.cli.compose import Configuration
from streams.engine.batch import Batch
from streams.engine.policy import EnginePolicy
from streams.engine.task import PartitionTask
from streams.roster.cells import LOAD, QUESTIONS
from streams.roster.processor import RosterProcessor
from streams.router.cells import RUNS
from tests.faults.log_io import Read
from tests.faults.seen import CURSOR, Seen

Told = tuple[Any, ...]
"""A message or a launch as the checks compare it: the run first."""
Placed = tuple[int | None, bytes | None]


def choices_are_those_of_one_thread(seen: Seen, configuration: Configuration, until_ms: int, partitions: int) -> list[str]:
    """R1: the same log of asks, read once from end to end by one roster, gives the same answers and the same cells of its own.

    Each record is offered by itself, as it comes to a roster that has read everything before.
    """
    log = [FileRecord(r.key, r.value, place, r.timestamp_ms, r.headers) for place, r in enumerate(seen.outputs[ASKS])]
    engine = EnginePolicy(partitions=partitions, topics=(), until_ms=until_ms).of_roster()
    task = PartitionTask(0, configuration.roster_pipeline(), engine)
    task.begin_at(dict.fromkeys(roster_topics(), 0))
    task.catch_up({PEOPLE: 0, ASKS: 0})
    for record in log:
        task.offer(Batch(ASKS, record.offset, record.offset + 1, [record]))
        while task.work(until_ms):
            pass
    commit = task.prepare()
    wanted: Counter[Placed] = Counter((record.partition, record.value) for record in commit.outputs if record.topic == ASSIGNMENTS)
    found: Counter[Placed] = Counter((record.partition, record.value) for record in seen.outputs[ASSIGNMENTS])
    differences = [f"answer missing: {value!r}" for value in (wanted - found)] + [
        f"answer too much: {value!r}" for value in (found - wanted)
    ]
    own = tuple(b"\x00" + cell.name.encode() for cell in RosterProcessor.cells)
    cells = {key: value for key, value in commit.cells if value is not None and key.endswith(own)}
    kept = {key: value for key, value in seen.roster.items() if key.endswith(own)}
    return [*differences, *(f"cell {key!r} differs" for key in sorted({*cells, *kept}) if cells.get(key) != kept.get(key))]


def every_question_has_one_answer(seen: Seen) -> list[str]:
    """R2: as often as a question was asked it is answered, and nothing was said twice."""
    asked = Counter(said["ask_id"] for said in map(_said, seen.outputs[ASKS]) if said["type"] == "assignment.requested")
    made = Counter(said["ask_id"] for said in map(_said, seen.outputs[ASSIGNMENTS]))
    said = Counter(_said(record)["event_id"] for topic in (ASKS, ASSIGNMENTS) for record in seen.outputs[topic])
    twice = [f"said {count} times: {name}" for name, count in sorted(said.items()) if count > 1]
    unlike = [f"{ask}: asked {asked[ask]}, answered {made[ask]} times" for ask in sorted(asked | made) if asked[ask] != made[ask]]
    return [*unlike, *twice]


def what_is_held_is_what_runs_say(seen: Seen) -> list[str]:
    """R3: capacity is given back exactly: what the roster counts as held is what open runs count as held, and loads are its sum."""
    held: dict[str, str] = {}
    sums: dict[str, list[int]] = {}
    loads: dict[str, list[int]] = {}
    for key, value in seen.roster.items():
        if key.endswith(b"\x00questions"):
            for question in QUESTIONS.decode(value).asked:
                if question.holder is not None:
                    held[question.ask_id] = question.holder
                    total = sums.setdefault(question.holder, [0, 0, 0])
                    total[0] += 1
                    total[1] += question.minutes
                    total[2] += question.arr
        elif key.endswith(b"\x00load"):
            load = LOAD.decode(value)
            if load.runs or load.minutes or load.arr:
                loads[key.partition(b"\x00")[0].decode().removeprefix("@")] = [load.runs, load.minutes, load.arr]
    runs = {
        ask_id(run.id, holder.step): holder.person
        for (_, key), value in seen.state.items()
        if key.endswith(b"\x00runs")
        for run in RUNS.decode(value).open
        for holder in run.holders
    }
    differences = [
        f"{ask}: held by {held.get(ask)}, by the run's word {runs.get(ask)}"
        for ask in sorted({*held, *runs})
        if held.get(ask) != runs.get(ask)
    ]
    return [
        *differences,
        *(f"{who}: load {loads.get(who)}, sum {sums.get(who)}" for who in sorted({*loads, *sums}) if loads.get(who) != sums.get(who)),
    ]


def lag_is_zero(seen: Seen) -> list[str]:
    """I6 of the roster's own topics."""
    offsets = json.loads(seen.roster.get(CURSOR, b'{"offsets": {}}'))["offsets"]
    return [
        f"{topic}: cursor {offsets.get(topic)}, end {end}" for topic, end in sorted(seen.roster_ends.items()) if offsets.get(topic) != end
    ]


def as_launched(told: set[Told]) -> set[Told]:
    """Messages with what joined or raised a run in the very instant of its launch made part of the launch."""
    begun = {message[:1] + message[2:3] for message in told if message[1] == "launched"}
    at_once: dict[Any, list[Told]] = {}
    rest = set()
    for message in told:
        if message[1] in ("launched", "joined", "upgraded") and (message[0], message[2]) in begun:
            at_once.setdefault((message[0], message[2]), []).append(message)
        else:
            rest.add(message)
    return rest | {
        (run_id, "launched", at_ms, max((m[3] for m in messages), key=len), min(m[4] for m in messages))
        for (run_id, at_ms), messages in at_once.items()
    }


def raised_at_once(said: set[Told]) -> set[str]:
    """Runs that got a higher priority in the instant of their launch."""
    begun = {(message[0], message[2]) for message in said if message[1] == "launched"}
    return {message[0] for message in said if message[1] == "upgraded" and (message[0], message[2]) in begun}


def without_clocks(launches: set[Told], runs: set[str]) -> set[Told]:
    """The launches, without the clocks of these runs."""
    return {(launch[0], launch[1], None, None, None) if launch[0] in runs else launch for launch in launches}


def by_their_owner(wanted: set[Told], seen: Seen) -> set[Told]:
    """The launches with those as owners whom the roster named for them."""
    named = {said["ask_id"]: said["person"] for said in map(_said, seen.outputs[ASSIGNMENTS])}
    return {(launch[0], named.get(f"{launch[0]}/{OWNER}", launch[1]), *launch[2:]) for launch in wanted}


def _said(record: Read) -> dict[str, str]:
    found: dict[str, str] = json.loads(record.value or b"{}")
    return found
