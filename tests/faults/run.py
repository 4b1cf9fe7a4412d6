"""Hurts workers on a real Kafka while they read a finished history, then compares everything with the reference.

python -m tests.faults.run --seed 7 --faults 12      the random mix
python -m tests.faults.run --whole --seed 7          the same faults while the whole library runs; one thread is the reference
python -m tests.faults.run --row 1 --seed 7          one kind of fault; `--row all` plays every one
"""

import argparse
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from streams.broker.ladder import running_kafka
from tests.faults import mix
from tests.faults.report import Report
from tests.faults.rows.catalogue import Scenario, rows, scenario_of
from tests.faults.stage import Harness
from tests.faults.whole import scenario as whole


def play(name: str, scenario: Scenario, harness: Harness, seed: int) -> Report:
    """One scenario with one seed."""
    report = Report(name, seed)
    begun = time.monotonic()
    scenario(harness, report)
    report.seconds = time.monotonic() - begun
    return report


def main() -> int:
    """Exit code 0 only if not one difference was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--row", default="", help=f"one of {', '.join(map(str, rows()))}, or all; the random mix if not given")
    parser.add_argument("--whole", action="store_true", help="all rules under the whole policy, faults in the middle of open runs")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", type=int, default=12, help="of the random mix, and of --whole")
    parser.add_argument("--events", type=int, default=100_000, help="of the random mix: about so many events that count")
    parser.add_argument(
        "--accounts", type=int, default=200, help="of the random mix; each has a dozen questions to the roster, which take their time"
    )
    parser.add_argument("--folder", type=Path, default=None, help="where the workers' logs go; a temporary folder if not given")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that everything started is stopped
    known = {str(row) for row in rows()}
    if args.row not in {"", "all"} | known:
        parser.error(f"row {args.row} has no scenario; there are {', '.join(sorted(known, key=int))}")

    folder = args.folder or Path(tempfile.mkdtemp(prefix="playcall-faults-"))
    folder.mkdir(parents=True, exist_ok=True)
    _say(f"worker logs in {folder}")
    reports = []
    with running_kafka(_say) as kafka:
        _say(str(kafka))
        harness = Harness(kafka.bootstrap, folder, _say)
        for name, scenario in _chosen(args):
            reports.append(play(name, scenario, harness, args.seed))
            print(reports[-1].as_json() if args.json else reports[-1].as_text(), flush=True)
    return 0 if all(report.exact for report in reports) else 1


def _chosen(args: argparse.Namespace) -> list[tuple[str, Callable[[Harness, Report], None]]]:
    if args.whole:
        return [("whole", partial(whole.scenario, faults=args.faults))]
    if not args.row:
        return [("mix", partial(mix.scenario, faults=args.faults, accounts=args.accounts, events=args.events))]
    chosen = rows() if args.row == "all" else [int(args.row)]
    for row in chosen:
        _say(f"row {row}: {scenario_of(row)[0]}")
    return [(f"row {row}", scenario_of(row)[1]) for row in chosen]


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
