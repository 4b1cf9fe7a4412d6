"""A stage for one act of a scenario: topics with a workload, a fleet of workers, and the comparison at the end."""

import asyncio
import contextlib
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from schemas.catalogue import ASKS, ASSIGNMENTS, roster_topics
from streams.cli.compose import load_configuration
from tests.faults import checks, roster
from tests.faults.log_io import write
from tests.faults.report import Report
from tests.faults.seen import Seen, look
from tests.faults.waiting import NotInTimeError, until
from tests.faults.watch import Watch
from tests.faults.workers import PLAYCALL, SESSION_MS, Fleet
from tests.faults.workload import Workload, build
from tests.oracle.days import rfc3339
from tests.oracle.fold import Outcome, fold
from tests.oracle.reference_library import write_library
from tests.oracle.reference_policy import write_policy

AT_MOST_S = 900.0
RECOVERY_S = 180.0
ASKED_FOR = frozenset({0})  # exit codes of workers that nobody has to explain


Comparison = Callable[[Seen, Workload, Outcome], dict[str, list[str]]]
"""Differences to the reference, by invariant."""


@dataclass
class Stage:
    """Everything an act needs. Workers read a finished history at a bounded rate until `finish` lets them run."""

    report: Report
    act: str
    bootstrap: str
    prefix: str
    folder: Path
    work: Workload
    outcome: Outcome
    fleet: Fleet
    watch: Watch
    say: Callable[[str], None]
    roster: bool = False  # whether one chooses owners; else the owners file does
    supervised: bool = False  # whether workers that failed are started again while an act waits

    def did(self, what: str) -> None:
        """A fault that happened, for the report."""
        self.report.faults.append(f"{self.act}: {what}" if self.act else what)
        self.say(f"fault {len(self.report.faults)}: {what}")

    def must(self, claim: str, *, holds: bool) -> None:
        """Something besides the invariants that has to be so, such as: the fault really happened."""
        found = self.report.differences.setdefault(self._named("claims"), [])
        if not holds:
            found.append(f"not so: {claim}")
            self.say(f"not so: {claim}")

    def progress(self, records: int, seconds: float = 60.0) -> None:
        """Wait until so many more inputs are committed, or all are."""
        before, target = self.watch.progress(), self._written
        self.wait(lambda: self.watch.progress() >= min(before + records, target), f"{records} more records committed", seconds)

    def wait(self, condition: Callable[[], object], what: str, seconds: float = 60.0) -> None:
        """Raises NotInTimeError, which ends the act as different."""

        def looked() -> object:
            self.supervise()
            return condition()

        until(looked, seconds, what)

    def supervise(self) -> None:
        """Start again who failed, if the act wants that."""
        if self.supervised:
            self.fleet.revive(finished_too=False)

    @property
    def _written(self) -> int:
        return self.work.written

    def finish(self, *, may_exit: frozenset[int] = ASKED_FOR, seconds: float = AT_MOST_S, against: Comparison | None = None) -> Seen:
        """No more faults: start everyone again at full speed, to read to the end; compare, recover twice and compare again.

        `against` is `compare` unless the workload has no one order in which everything is defined.
        `may_exit` are the exit codes with which a worker may have ended by itself; a supervisor starts it again.
        """
        self.fleet.settings = {**self.fleet.settings, "PLAYCALL_CATCH_UP_RATE": "0"}
        self.fleet.restart_running()
        done = self.fleet.wait_finished(seconds)
        seen = self.judge(may_exit, against)
        self.report.differences[self._named("finished")] = [] if done else [f"not finished after {seconds:.0f} s, logs in {self.folder}"]
        self._recover_twice(seen, self._finite_again if done else None)
        return seen

    def finish_live(self, *, may_exit: frozenset[int] = ASKED_FOR) -> Seen:
        """The same for workers that run for ever: they are told to stop first, and recover with the clock where it is."""
        self.fleet.stop_in_order()
        seen = self.judge(may_exit)
        self._recover_twice(seen, self._live_again, mode=False)
        return seen

    def judge(self, may_exit: frozenset[int] = ASKED_FOR, against: Comparison | None = None) -> Seen:
        """Compare what is committed with the reference."""
        seen = self._look()
        differences = self.report.differences
        if self.roster:
            self._judge_roster(seen)
        for name, found in (against or compare)(seen, self.work, self.outcome).items():
            differences[self._named(name)] = found
        differences[self._named("I4 offsets behind state")] = self.watch.mirror_passes_no_state()
        strange = [(number, code) for number, code in self.fleet.exits if code not in may_exit]
        differences[self._named("exits")] = [f"worker {number} ended by itself with {code}" for number, code in strange]
        return seen

    def _look(self) -> Seen:
        return asyncio.run(look(self.bootstrap, self.prefix, self.work.partitions, roster=self.roster))

    def _judge_roster(self, seen: Seen) -> None:
        settings, differences = self.fleet.settings, self.report.differences
        configuration = load_configuration(policy=Path(settings["PLAYCALL_POLICY"]), only=(settings["PLAYCALL_RULES"],))
        one_thread = roster.choices_are_those_of_one_thread(seen, configuration, self.work.until_ms, self.work.partitions)
        differences[self._named("R1 choices")] = one_thread
        differences[self._named("R2 answers")] = roster.every_question_has_one_answer(seen)
        differences[self._named("R3 capacity")] = roster.what_is_held_is_what_runs_say(seen)
        differences[self._named("I6 lag of the roster")] = roster.lag_is_zero(seen)
        dead = {topic: seen.dead[topic] for topic in (ASSIGNMENTS, *roster_topics()) if seen.dead[topic]}
        self.must(f"no word between router and roster is a dead letter ({dead})", holds=not dead)
        self.must("the roster was asked", holds=bool(seen.outputs[ASKS]))

    def _recover_twice(self, before: Seen, again: Callable[[], bool] | None, *, mode: bool = True) -> None:
        found = self.report.differences.setdefault(self._named("I7 recovery changes nothing"), [])
        if again is None:
            found.append("not tried")
            return
        fingerprint = before.fingerprint(mode=mode)
        for _ in range(2):
            if not again():
                found.append(f"a recovery did not finish within {RECOVERY_S:.0f} s")
                return
            seen = self._look()
            found += checks.nothing_changed(fingerprint, seen.fingerprint(mode=mode))

    def _finite_again(self) -> bool:
        self.fleet.revive(finished_too=True)
        return self.fleet.wait_finished(RECOVERY_S)

    def _live_again(self) -> bool:
        number = min(self.fleet.workers)
        self.fleet.start(number)
        try:
            self.wait(lambda: self.fleet.said(number).count('"recovered"') >= self.work.partitions, "one worker has recovered everything")
        except NotInTimeError:
            return False
        self.fleet.stop_in_order()
        return True

    def _named(self, name: str) -> str:
        return f"{self.act}: {name}" if self.act else name


def compare(seen: Seen, work: Workload, outcome: Outcome) -> dict[str, list[str]]:
    """Every invariant that can be read off the topics."""
    return {
        "I1 state": checks.state_is_the_fold(seen, outcome),
        "I2 triggers": checks.triggers_are_the_set(seen, outcome),
        "I3 runs": checks.runs_are_one_each(seen, outcome),
        "I5 inputs": checks.inputs_add_up(seen, work, outcome),
        "I6 lag": checks.lag_is_zero(seen),
    }


@dataclass
class Harness:
    """What a scenario gets: a broker, a folder for logs, and stages on them."""

    bootstrap: str
    folder: Path
    say: Callable[[str], None]

    @contextlib.contextmanager
    def stage(
        self, report: Report, *, act: str = "", accounts: int = 200, events: int = 36_000, work: Workload | None = None,
        bootstrap: str | None = None, seconds: float = 60.0, settings: Mapping[str, str | None] | None = None, roster: bool = False,
        outcome: Outcome | None = None,
    ) -> Iterator[Stage]:  # fmt: skip
        """A fresh prefix with the workload written; no worker runs yet. Everything started is gone afterwards.

        One worker's reading is slowed so that two need about `seconds` for all of it. `settings` are PLAYCALL_ variables on
        top, None to leave one out. `outcome` is what the reference makes of the workload, by default the oracle's.
        A NotInTimeError inside becomes a difference; the logs of the workers stay in `folder`.
        """
        begun = time.monotonic()
        where = bootstrap or self.bootstrap
        work = work or build(report.seed, accounts, events)
        outcome = fold(work.log(), work.until_ms) if outcome is None else outcome
        count = work.written
        prefix = f"f{uuid.uuid4().hex[:8]}."
        folder = self.folder / f"{report.name.replace(' ', '-')}-{report.seed}{act and '-' + act.replace(' ', '-')}"
        folder.mkdir(parents=True, exist_ok=True)
        base = {
            "PLAYCALL_BOOTSTRAP": where,
            "PLAYCALL_APP_ID": prefix + "app",
            "PLAYCALL_TOPIC_PREFIX": prefix,
            "PLAYCALL_PARTITIONS": str(work.partitions),
            "PLAYCALL_RULES": "core",  # what the oracle knows
            "PLAYCALL_LIBRARY": str(write_library(folder).resolve()),
            "PLAYCALL_POLICY": str(write_policy(folder).resolve()),
            "PLAYCALL_SESSION_TIMEOUT_MS": str(SESSION_MS),
            "PLAYCALL_HEARTBEAT_INTERVAL_MS": "1500",
            "PLAYCALL_GO_LIVE_AT": "2000-01-01T00:00:00Z",
            "PLAYCALL_UNTIL": rfc3339(work.until_ms),
            "PLAYCALL_CATCH_UP_RATE": str(max(100, round(count / seconds / 2))),
            "PLAYCALL_COMMIT_INTERVAL_MS": "40",  # catching up commits rarely: here every second, so that faults meet transactions
            "PLAYCALL_HTTP_PORT": "none",
            "PLAYCALL_ROSTER": "run" if roster else "off",
        }
        chosen: dict[str, str | None] = {**base, **(settings or {})}
        fleet = Fleet({name: value for name, value in chosen.items() if value is not None}, folder)
        subprocess.run([PLAYCALL, "topics", "apply"], env=fleet.environ(), check=True, stdout=subprocess.DEVNULL)
        written = asyncio.run(write(where, prefix, work))
        self.say(f"{act or report.name}: {written:,} records written after {time.monotonic() - begun:.0f} s")
        watch = Watch(where, prefix, prefix + "app", work.partitions)
        watch.start()
        report.events += count
        report.triggers += len(outcome.triggers)
        report.launches += len(outcome.router.launches)
        try:
            yield Stage(report, act, where, prefix, folder, work, outcome, fleet, watch, self.say, roster)
        except NotInTimeError as problem:
            report.differences.setdefault(f"{act}: scenario" if act else "scenario", []).append(f"{problem}; logs in {folder}")
        finally:
            fleet.stop()
            watch.stop()
            report.exits += fleet.exits
            report.seconds += time.monotonic() - begun
