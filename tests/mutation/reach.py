"""Which tests run which functions: seen by running all of them once over code that is not changed."""

import sys
import time
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from types import FrameType
from typing import NamedTuple

import pytest

OPTIONS = ("-q", "--no-header", "-p", "no:cacheprovider", "-p", "no:randomly", "-p", "no:faulthandler", "--assert=plain")
ENOUGH_S = 20.0  # of processor time, as the tests took without a change, for one mutant


class Reach(NamedTuple):
    """The tests that ran a function, by its file and first line, and how much processor time each took in seconds."""

    ran: dict[tuple[str, int], frozenset[str]]
    took: dict[str, float]

    def of_function(self, path: Path, line: int) -> list[str]:
        """The tests that ran the function which starts at `line`, those that run least besides first, as many as make `ENOUGH_S`."""
        return self._nearest(self.ran.get((str(path.resolve()), line), ()))

    def of_module(self, path: Path) -> list[str]:
        """The tests that ran anything of a module after it was loaded, likewise."""
        name = str(path.resolve())
        return self._nearest({test for (file, _), tests in self.ran.items() if file == name for test in tests})

    def _nearest(self, tests: Iterable[str]) -> list[str]:
        runs = Counter(test for all_of_one in self.ran.values() for test in all_of_one)
        chosen: list[str] = []
        spent = 0.0
        for test in sorted(tests, key=lambda test: (runs[test], self.took[test], test)):
            spent += self.took[test]
            if chosen and spent > ENOUGH_S:
                break
            chosen.append(test)
        return chosen


class Failed(Exception):
    """Tests fail without any change: no mutant can be judged by them."""


def reach_of(files: Sequence[str], modules: Collection[Path]) -> Reach:
    """Run the tests of `files`, and see which functions of `modules` each of them runs. Raises Failed."""
    watch = _Watch({str(path.resolve()) for path in modules})
    sys.settrace(watch.see)
    try:
        code = pytest.main(["-x", *OPTIONS, *files], plugins=[watch])
    finally:
        sys.settrace(None)
    if code != pytest.ExitCode.OK:
        raise Failed(watch.failed or f"pytest ended with {code} over {' '.join(files)}")
    return Reach({place: frozenset(tests) for place, tests in watch.ran.items()}, watch.took)


def run_only(tests: Collection[str]) -> bool:
    """Whether these tests, by their ids, all pass; they run in the order given until one does not."""
    files = dict.fromkeys(test.partition("::")[0] for test in tests)
    return not tests or pytest.main(["-x", *OPTIONS, *files], plugins=[_Only(list(tests))]) == pytest.ExitCode.OK


class _Watch:
    def __init__(self, files: set[str]) -> None:
        self.ran: defaultdict[tuple[str, int], set[str]] = defaultdict(set)
        self.took: dict[str, float] = {}
        self.failed = ""
        self._files = files
        self._test = ""
        self._since = 0.0

    def see(self, frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event == "call" and self._test and code.co_filename in self._files:
            self.ran[code.co_filename, code.co_firstlineno].add(self._test)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._test, self._since = nodeid, time.process_time()
        sys.settrace(self.see)  # a test may have set a trace of its own

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.took[report.nodeid] = time.process_time() - self._since
        if report.failed:
            self.failed = f"{report.nodeid} fails without any change"


class _Only:
    def __init__(self, tests: list[str]) -> None:
        self._rank = {test: number for number, test in enumerate(tests)}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = sorted((item for item in items if item.nodeid in self._rank), key=lambda item: self._rank[item.nodeid])
