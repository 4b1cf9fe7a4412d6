"""What must hold after a run, each against the reference: a list of differences, empty when exact."""

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from tests.faults import roster
from tests.faults.seen import REKEYED, Seen, ms
from tests.faults.workload import STRAYS_BECOME, Workload
from tests.oracle.days import rfc3339
from tests.oracle.fired import Fired
from tests.oracle.fold import APPLIED, DEAD, DUPLICATE, Outcome
from tests.oracle.log import TOPICS

TOTAL_DAYS, USER_DAYS = 70, 62  # how far behind the newest day with usage totals and users are promised
FOLLOWED = frozenset({"launched", "joined", "upgraded", "acknowledged", "started", "closed"})


def state_is_the_fold(seen: Seen, outcome: Outcome) -> list[str]:
    """I1: per account and local day, usage events and users."""
    differences = []
    found = seen.usage()
    for account_id, account in sorted(outcome.accounts.items()):
        counts, users = found.pop(account_id, ({}, {}))
        newest = max(account.usage, default=0)
        for day in sorted(set(account.usage) | set(counts)):
            wanted = account.usage.get(day)
            if newest - day < TOTAL_DAYS and counts.get(day, 0) != (wanted.events if wanted else 0):
                differences.append(f"{account_id} day {day}: {counts.get(day, 0)} events, {wanted.events if wanted else 0} wanted")
            if newest - day < USER_DAYS and users.get(day, frozenset()) != (wanted.users if wanted else set()):
                missing = (wanted.users if wanted else set()) ^ users.get(day, frozenset())
                differences.append(f"{account_id} day {day}: users differ by {sorted(missing)}")
    return differences + [f"{account_id}: unknown to the reference" for account_id in sorted(found)]


def triggers_are_the_set(seen: Seen, outcome: Outcome) -> list[str]:
    """I2: the same triggers with the same figures, each published once."""
    records = [json.loads(r.value or b"{}") for r in seen.outputs["triggers"]]
    found = {(t["trigger_id"], *_body(t)) for t in records}
    wanted = {(f.trigger_id, *_wanted_body(f)) for f in outcome.triggers}
    repeated = [t for t, n in Counter(t["trigger_id"] for t in records).items() if n > 1]
    return [*_sides(found, wanted), *(f"published twice: {t}" for t in sorted(repeated))]


def _body(t: dict[str, Any]) -> tuple[Any, ...]:
    evidence, subject = t["evidence"], t["subject"]
    figures = (evidence["observed"], evidence["baseline"]) if t["rule"] in ("T04", "J5", "PB1") else (None, None)
    return (t["rule"], t["account_id"], subject["kind"], subject["id"], t["episode"], ms(t["time"]), *figures, ms(t["act_by"]))


def _wanted_body(f: Fired) -> tuple[Any, ...]:
    figures = (f.observed, f.baseline) if f.rule in ("T04", "J5", "PB1") else (None, None)
    return (f.rule, f.account_id, f.subject_kind, f.subject_id, rfc3339(f.episode_ms), f.time_ms, *figures, f.act_by_ms)


def runs_are_one_each(seen: Seen, outcome: Outcome) -> list[str]:
    """I3: one launch, one owner, one set of clocks per run; joins, upgrades and ends as the reference has them.

    Where a roster runs, the owner is whom it named (the reference knows nobody's load), and what joins a run in the instant of its launch
    is told by the launch: nobody hears of a run before its owner is known.
    """
    differences = runs_are_told_in_order(seen)
    messages = [json.loads(r.value or b"{}") for r in seen.outputs["play-launches"]]
    launches = {
        (m["run_id"], m["owner"]["id"], *(ms(m["clocks"][f"{c}_by"]) for c in ("acknowledge", "act", "resolve")))
        for m in messages
        if m["kind"] == "launched"
    }
    wanted = {(run_id, *launch) for run_id, launch in outcome.router.launches.items()}
    told_of = {(m["run_id"], m["kind"], ms(m["time"]), tuple(m["triggers"]), m["priority"]) for m in messages if m["kind"] in FOLLOWED}
    said = {tuple(s) for s in outcome.router.said}
    if seen.roster:
        raised = roster.raised_at_once(said)
        told_of, said = roster.as_launched(told_of), roster.as_launched(said)
        launches, wanted = roster.without_clocks(launches, raised), roster.without_clocks(roster.by_their_owner(wanted, seen), raised)
    return [*differences, *_sides(launches, wanted), *_sides(told_of, said)]


def runs_are_told_in_order(seen: Seen) -> list[str]:
    """Every run begins with its one launch, and its messages are numbered without a gap."""
    differences = []
    by_run: dict[str, list[dict[str, Any]]] = {}
    for message in (json.loads(r.value or b"{}") for r in seen.outputs["play-launches"]):
        by_run.setdefault(message["run_id"], []).append(message)
    for run_id, told in sorted(by_run.items()):
        if [m["sequence"] for m in told] != list(range(1, len(told) + 1)):
            differences.append(f"run {run_id}: sequence {[m['sequence'] for m in told]}")
        if [m["kind"] for m in told].count("launched") != 1 or told[0]["kind"] != "launched":
            differences.append(f"run {run_id}: kinds {[m['kind'] for m in told]}")
    return differences


def strays_become(work: Workload) -> Counter[str]:
    """What the harmless strays of the mix are counted as where they belong."""
    return Counter(STRAYS_BECOME.get(topic, APPLIED) for topic, records in work.topics.items() for r in records if r.fate == "stray")


def inputs_add_up(seen: Seen, work: Workload, outcome: Outcome) -> list[str]:
    """I5: every input in exactly one outcome, the numbers as the workload made them, dead letters and forwarded strays all there."""
    differences = []
    for topic in TOPICS:
        counted = inputs_of(seen, topic)
        planned = work.topics.get(topic, [])
        known = {kind: outcome.inputs[topic, kind] for kind in (APPLIED, DUPLICATE, DEAD)}
        fates = Counter(r.fate for r in planned)
        wanted = {**known, DEAD: known[DEAD] + fates["bad"], "ignored": fates["ignored"], "forwarded": fates["stray"]}
        differences += [f"{topic} {kind}: {counted[kind]}, {n} wanted" for kind, n in wanted.items() if counted[kind] != n]
        letters = wanted[DEAD] + (fates["stray"] if STRAYS_BECOME.get(topic) == DEAD else 0)
        if seen.dead[topic] != letters:
            differences.append(f"{topic}.dlq: {seen.dead[topic]} records, {letters} wanted")
    found, strays = inputs_of(seen, REKEYED), strays_become(work)
    kinds = sorted(strays.keys() | found.keys())
    return differences + [f"{REKEYED} {kind}: {found[kind]}, {strays[kind]} wanted" for kind in kinds if found[kind] != strays[kind]]


def inputs_of(seen: Seen, topic: str) -> Counter[str]:
    """Inputs of a topic by outcome, over all partitions, as the cursors count them."""
    counted: Counter[str] = Counter()
    for cursor in seen.cursors.values():
        counted.update(cursor["counts"].get(topic, {}))
    return counted


def lag_is_zero(seen: Seen) -> list[str]:
    """I6: every cursor stands at the end of its topic-partition, markers included."""
    found = {key: seen.cursors.get(key[1], {"offsets": {}})["offsets"].get(key[0], 0) for key in seen.ends}
    return [f"{topic}:{p}: cursor {found[topic, p]}, end {end}" for (topic, p), end in sorted(seen.ends.items()) if found[topic, p] != end]


def nothing_changed(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """I7: a recovery with nothing to do leaves the same content."""
    return [f"{topic} changed in a recovery" for topic in before if before[topic] != after[topic]]


def _sides(found: Iterable[tuple[Any, ...]], wanted: Iterable[tuple[Any, ...]]) -> list[str]:
    have, want = set(found), set(wanted)
    return [
        *(f"too much: {item}" for item in sorted(have - want, key=str)),
        *(f"missing: {item}" for item in sorted(want - have, key=str)),
    ]
