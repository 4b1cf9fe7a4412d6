"""The whole library under its whole policy: faults in the middle of open runs, against one thread that reads the same topics.

The mix (tests/faults/mix.py) is judged by an oracle that knows 17 rules and the beginning and end of a run. Here every rule runs, people
are chosen by the roster, plays walk through their steps, clocks warn, breach and climb, launches wait and are released. The reference is
the engine itself, on one thread and unhurt, with the answers that the roster of the run gave: what it cannot see is a fault that is there
without any fault too. Those are for the laws, the scenario tests and the timelines of the library.
"""

import json
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from random import Random

from streams.cli.compose import load_configuration
from streams.fleet.fleet import FleetSpec
from streams.fleet.span import DAY_MS, rfc3339
from streams.settings import Settings
from tests.faults.mix import hurt
from tests.faults.report import Report
from tests.faults.seen import Seen
from tests.faults.stage import Harness, Stage
from tests.faults.waiting import NotInTimeError
from tests.faults.whole.agreement import differences
from tests.faults.whole.moments import WANTED, Place, Span, happened, open_runs
from tests.faults.whole.policy import write_policy
from tests.faults.whole.reference import Reference, read_alone
from tests.faults.whole.rehearsal import Rehearsal
from tests.faults.whole.written import written
from tests.oracle.fold import Outcome

PARTITIONS = 4
SECONDS_PER_FAULT = 12.0
PATIENCE_S = 40.0
END = date(2026, 11, 16)


def scenario(
    harness: Harness,
    report: Report,
    *,
    faults: int = 12,
    accounts: int = 70,
    days: int = 105,
    history: int = 35,
    wanted: Sequence[str] = WANTED,
) -> None:
    """So many faults while the fleet of `accounts` lives through what comes after `history` days; nothing is launched before.

    Each of `wanted` must have happened to runs between the first fault and the last.
    """
    spec = FleetSpec(seed=report.seed, accounts=accounts, days=days, end=END)
    go_live_ms = spec.span.start_ms + history * DAY_MS
    folder = harness.folder / f"policy-{report.seed}"  # not that of the stage, which puts the oracle's policy into its own
    folder.mkdir(parents=True, exist_ok=True)
    policy = write_policy(folder, go_live_ms + (days - history) * DAY_MS // 4)
    configuration = load_configuration(policy=policy, only=("all",))
    rehearsed = Rehearsal(spec, configuration, go_live_ms, PARTITIONS)
    work = written(rehearsed.lines, Random(report.seed), PARTITIONS, spec.span.end_ms)
    settings = {
        "PLAYCALL_RULES": "all",
        "PLAYCALL_LIBRARY": None,
        "PLAYCALL_POLICY": str(policy.resolve()),
        "PLAYCALL_GO_LIVE_AT": rfc3339(go_live_ms),
    }
    seconds = max(faults, 1) * SECONDS_PER_FAULT * days / (days - history)
    with harness.stage(report, work=work, seconds=seconds, settings=settings, roster=True, outcome=Outcome()) as stage:
        places = _work(stage, Random(report.seed), faults, go_live_ms)
        stage.finish(against=lambda seen, _work, _outcome: _judged(stage, seen, places, wanted))


def _work(stage: Stage, draw: Random, faults: int, go_live_ms: int) -> list[Place]:
    """Hurt them, evenly over what comes after the first launches; where each partition was each time."""
    fleet, places = stage.fleet, []
    fleet.start(0)
    fleet.start(1)
    stage.wait(lambda: min(_places(stage).values()) > go_live_ms + 2 * DAY_MS, "every partition has launched plays for two days", 180)
    begin = min(_places(stage).values())
    for number in range(1, faults + 1):
        wanted = begin + (stage.work.until_ms - begin) * (number - draw.random()) / (faults + 1)
        _reach(stage, wanted)
        places.append(_places(stage))
        stage.did(hurt(fleet, draw))
        time.sleep(draw.uniform(0.5, 2))  # the moment of a fault is what is random here, not something to wait for
        for revived in fleet.revive(finished_too=number < faults):
            stage.say(f"worker {revived} had exited and was started again")
    return places


def _reach(stage: Stage, wanted_ms: float) -> None:
    """Until the partition that is behind is there, or patience is at its end: the window between the faults is smaller then."""
    try:
        stage.wait(lambda: min(_places(stage).values()) >= wanted_ms, "the next fault's place", PATIENCE_S)
    except NotInTimeError:
        stage.say("the next fault comes before its place")


def _places(stage: Stage) -> Place:
    cursors = stage.watch.cursors()
    return {p: cursors[p]["task_time"] if p in cursors else 0 for p in range(stage.work.partitions)}


def _judged(stage: Stage, seen: Seen, places: list[Place], wanted: Sequence[str]) -> dict[str, list[str]]:
    reference = _reference(stage)
    report = stage.report
    report.triggers = len(seen.outputs["triggers"])
    report.launches = sum(json.loads(r.value or b"{}")["kind"] == "launched" for r in seen.outputs["play-launches"])
    counts = happened(seen, Span(places[0], places[-1]))
    counts["dead letters of updates"] = seen.dead["play-updates"]
    report.figures |= {f"{what} between the faults": counts[what] for what in (*WANTED, *sorted(counts.keys() - set(WANTED)))}
    opened = open_runs(seen, places)
    report.faults = [f"{what}, with {n} runs open" for what, n in zip(report.faults, opened, strict=True)]
    stage.must("every fault came in the middle of open runs", holds=min(opened) > 0)
    for what in wanted:
        stage.must(f"there were {what} between the faults", holds=counts[what] > 0)
    return differences(seen, reference)


def _reference(stage: Stage) -> Reference:
    given = stage.fleet.settings
    settings = Settings(
        bootstrap=stage.bootstrap,
        topic_prefix=stage.prefix,
        partitions=stage.work.partitions,
        roster="recorded",
        go_live_at=given["PLAYCALL_GO_LIVE_AT"],
        until=given["PLAYCALL_UNTIL"],
    )
    return read_alone(settings, load_configuration(policy=Path(given["PLAYCALL_POLICY"]), only=(given["PLAYCALL_RULES"],)))
