"""Does anybody get called absent who was there? Feeds cut, hidden, misplaced and stalled over thousands of accounts.

python -m tests.faults.silence.run --accounts 5000 --act cut
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from streams.broker.ladder import running_kafka
from tests.faults.cluster import running_cluster
from tests.faults.report import Report
from tests.faults.silence import acts
from tests.faults.silence.stall import stall
from tests.faults.silence.town import HOURS, Town, settle, street
from tests.faults.waiting import NotInTimeError

ACTS = {"cut": acts.cut, "transaction": acts.transaction, "strays": acts.strays}
SESSION = {"PLAYCALL_SESSION_TIMEOUT_MS": "120000", "PLAYCALL_HEARTBEAT_INTERVAL_MS": "3000"}  # a frozen worker keeps its partitions


def play(name: str, bootstrap: str, folder: Path, accounts: int, seed: int, hours: int = HOURS) -> Report:
    """One act on a broker that is there."""
    report = Report(f"silence: {name}", seed)
    begun = time.monotonic()
    (folder / name).mkdir(parents=True, exist_ok=True)
    town = Town(bootstrap, folder / name, settle(seed, accounts, hours), hours)
    fleet = town.fleet(**SESSION)

    async def run() -> None:
        async with street(town) as life:
            await ACTS[name](life, report, fleet)

    _guarded(report, run, fleet.stop)
    report.seconds = time.monotonic() - begun
    return report


def play_stall(folder: Path, seed: int, say: Callable[[str], None]) -> Report:
    """The act that needs a broker of its own."""
    report = Report("silence: stall", seed)
    begun = time.monotonic()
    (folder / "stall").mkdir(parents=True, exist_ok=True)
    with running_cluster(1, say) as cluster:
        town = Town(cluster.bootstrap, folder / "stall", settle(seed, 400))
        fleet = town.fleet(**SESSION, **cluster.settings())

        async def run() -> None:
            async with street(town) as life:
                await stall(life, report, fleet, cluster.nodes[1])

        _guarded(report, run, fleet.stop)
    report.seconds = time.monotonic() - begun
    return report


def _guarded(report: Report, run: Callable[[], object], stop: Callable[[], object]) -> None:
    try:
        asyncio.run(run())  # type: ignore[arg-type]
    except NotInTimeError as problem:
        report.differences["scenario"] = [str(problem)]
    finally:
        stop()


def main() -> int:
    """Exit code 0 only if nobody was wronged."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--act", default="all", choices=[*ACTS, "stall", "all"])
    parser.add_argument("--accounts", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="playcall-silence-"))

    def say(text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    say(f"worker logs in {folder}")
    reports = []
    chosen = [name for name in ACTS if args.act in (name, "all")]
    if chosen:
        with running_kafka(say) as kafka:
            for name in chosen:
                reports.append(play(name, kafka.bootstrap, folder, args.accounts, args.seed))
                print(reports[-1].as_json() if args.json else reports[-1].as_text(), flush=True)
    if args.act in ("stall", "all"):
        reports.append(play_stall(folder, args.seed, say))
        print(reports[-1].as_json() if args.json else reports[-1].as_text(), flush=True)
    return 0 if all(report.exact for report in reports) else 1


if __name__ == "__main__":
    sys.exit(main())
