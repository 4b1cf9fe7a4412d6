"""make mutation: change one thing in a detector, see whether a test notices, say where none did.

Every mutant is judged in a process of its own, forked from one that has loaded what does not change: first by the timelines of
the rules that run through the module, which takes a third of a second, then, if those saw nothing, by the tests about it.
"""

import argparse
import ast
import importlib
import importlib.abc
import importlib.util
import os
import random
import re
import signal
import sys
import time
from collections.abc import Sequence
from functools import cache
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from tests.mutation.mutants import Mutant, mutants_of
from tests.mutation.targets import Target, targets

if TYPE_CHECKING:  # at run time not before the mutant is in its place
    from plays.policy.health import HealthPolicy
    from plays.policy.segments import SegmentIndex
    from plays.rules.rule import Rule
    from plays.rules.timeline import Timeline

SURVIVED, KILLED = 0, 1
LIMIT_S = 90.0


def main(arguments: Sequence[str]) -> int:
    """0 when every mutant was noticed or is listed as equivalent."""
    parser = argparse.ArgumentParser(prog="make mutation", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--per-file", type=int, default=12, help="mutants of each file, 0 for all")
    parser.add_argument("--laws", type=int, default=25, help="examples of each law for those that nothing else noticed, 0 for none")
    parser.add_argument("--again", type=Path, help="a saved answer of this command: only what survived there is judged")
    parser.add_argument("files", nargs="*", help="names of modules, such as drop or timed; all where none is given")
    options = parser.parse_args(arguments)
    chosen = [one for one in targets(Path()) if not options.files or one.path.stem in options.files]
    os.environ["PLAYCALL_LAW_EXAMPLES"] = str(options.laws)
    _load_what_stays()
    total = killed = 0
    for target in chosen:
        if target.module.startswith("streams."):
            _library()
        source = target.path.read_text(encoding="utf-8")
        if options.again is not None and f"survived {target.path}:" not in options.again.read_text(encoding="utf-8"):
            continue
        if _verdict(target, Mutant(0, 0, "nothing", ast.parse(source)), laws=options.laws > 0) != SURVIVED:
            print(f"{target.path}: its tests fail without any change, so that no mutant can be judged by them", file=sys.stderr)
            return 2
        every = mutants_of(source)
        count = len(every) if options.per_file == 0 else min(options.per_file, len(every))
        sample = sorted(random.Random(f"{options.seed} {target.path}").sample(range(len(every)), count))
        if options.again is not None:
            survived = {_wherever(line) for line in options.again.read_text(encoding="utf-8").splitlines()}
            sample = [number for number, mutant in enumerate(every) if _wherever(_line(target, mutant)) in survived]
            count = len(sample)
        began, survivors = time.monotonic(), 0
        for number in sample:
            if _verdict(target, every[number], laws=options.laws > 0) == SURVIVED:
                survivors += 1
                print(_line(target, every[number]), flush=True)
        total, killed = total + count, killed + count - survivors
        spent = time.monotonic() - began
        print(f"{target.path}: {count} of {len(every)} mutants, {survivors} survived, {spent:.0f} s", flush=True)
    print(f"{total} mutants, {killed} noticed, {total - killed} survived")
    return int(killed < total)


def _line(target: Target, mutant: Mutant) -> str:
    return f"  survived {target.path}:{mutant.line}:{mutant.column} {mutant.words}"


def _wherever(line: str) -> str:
    """An answer without its line number, which other changes to the module may have moved."""
    return re.sub(r":\d+:", ":", line, count=1)


def _verdict(target: Target, mutant: Mutant, *, laws: bool) -> int:
    child = os.fork()
    if child == 0:
        _quiet()
        os._exit(_judged(target, mutant, laws=laws))
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return SURVIVED if os.WIFEXITED(status) and os.WEXITSTATUS(status) == SURVIVED else KILLED
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return KILLED  # it runs for ever: a test would have, too


def _judged(target: Target, mutant: Mutant, *, laws: bool) -> int:
    sys.meta_path.insert(0, _Mutated(target, mutant.tree))
    try:
        for judge in (_timelines, _tests):
            if judge(target) != SURVIVED:
                return KILLED
        return _laws(target) if laws else SURVIVED
    except BaseException:  # noqa: BLE001 it cannot even be loaded
        return KILLED


def _timelines(target: Target) -> int:
    from streams.signals.timeline import run_timeline  # noqa: PLC0415 not before the mutant is in its place

    rules, timelines, segments, health = _library()
    for rule in rules.values():
        if rule.detector.kind in target.kinds:
            outcomes = run_timeline(timelines[rule.id], rule, segments, rules.values(), health)
            if any(outcome.faults for outcome in outcomes):
                return KILLED
    return SURVIVED


def _tests(target: Target) -> int:
    return _pytest([one for one in target.tests if "::" not in one])


def _laws(target: Target) -> int:
    path, _, kinds = next(one for one in target.tests if "::" in one).partition("::")
    return _pytest([path, "-k", " or ".join(kinds.split("|"))])


def _pytest(arguments: Sequence[str]) -> int:
    import pytest  # noqa: PLC0415 loaded already

    options = ["-x", "-q", "--no-header", "-p", "no:cacheprovider", "-p", "no:randomly", "-p", "no:faulthandler", "--assert=plain"]
    return SURVIVED if pytest.main([*options, *arguments]) == pytest.ExitCode.OK else KILLED


def _load_what_stays() -> None:
    """Third parties and the schemas."""
    for name in (
        "pytest",
        "hypothesis",
        "pydantic",
        "msgspec",
        "yaml",
        "holidays",
        "schemas.events.registry",
        "streams.processing.account",
    ):
        importlib.import_module(name)


@cache
def _library() -> "tuple[dict[str, Rule], dict[str, Timeline], SegmentIndex, HealthPolicy]":
    """Loaded once and for all, unless a mutant is in what reads it: then each process loads its own."""
    from plays.loading.health import load_health  # noqa: PLC0415 as above
    from plays.loading.rules import LIBRARY, load_rules, load_timeline  # noqa: PLC0415
    from plays.loading.segments import POLICY, load_segments  # noqa: PLC0415

    segments = load_segments(POLICY)
    rules = {rule.id: rule for rule in load_rules(LIBRARY, segments.names)}
    return rules, {rule: load_timeline(LIBRARY, rule) for rule in rules}, segments, load_health(POLICY, segments.names)


class _Mutated(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def __init__(self, target: Target, tree: ast.Module) -> None:
        self._target, self._tree = target, tree

    def find_spec(self, fullname: str, path: object, target: ModuleType | None = None) -> ModuleSpec | None:
        if fullname != self._target.module:
            return None
        return importlib.util.spec_from_loader(fullname, self, origin=str(self._target.path))

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self._tree, str(self._target.path), "exec"), module.__dict__)


def _quiet() -> None:
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
