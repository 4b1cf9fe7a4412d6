"""make mutation: change one thing in what decides, see whether a test notices, say where none did.

Every mutant is judged in a process of its own, forked from one that has loaded what does not change: first by what
runs through the function that is changed, then, if that saw nothing, by the rest that is about its module, then by laws.
"""

import argparse
import ast
import importlib.abc
import importlib.util
import multiprocessing
import os
import random
import re
import signal
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from tests.mutation.judging import AboutRuns, load_ahead, load_third_parties, reach_about_runs, unnoticed
from tests.mutation.mutants import Mutant, mutants_of
from tests.mutation.reach import Failed
from tests.mutation.targets import Target, targets

T = TypeVar("T")
LIMIT_S = 300.0  # a test that hangs is ended long before by pytest's own limit, and fails


def main(arguments: Sequence[str]) -> int:
    """0 when every mutant was noticed; 1 when some survived; 2 when tests fail without a mutant."""
    parser = argparse.ArgumentParser(prog="make mutation", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--per-file", type=int, default=12, help="mutants of each file, 0 for all")
    parser.add_argument("--laws", type=int, default=25, help="examples of each law for those that nothing else noticed, 0 for none")
    parser.add_argument("--again", type=Path, help="a saved answer of this command: only what survived there is judged")
    parser.add_argument(
        "files", nargs="*", help="modules or folders, such as drop, plays/sla or streams/router/clocks; all where none is given"
    )
    options = parser.parse_args(arguments)
    chosen = [one for one in targets(Path()) if not options.files or any(_named(one, name) for name in options.files)]
    if options.again is not None:
        saved = options.again.read_text(encoding="utf-8")
        chosen = [one for one in chosen if f"survived {one.path}:" in saved]
    os.environ["PLAYCALL_LAW_EXAMPLES"] = str(options.laws)
    load_third_parties()
    try:
        about_runs = _apart(partial(reach_about_runs, options.laws)) if any(not target.tests for target in chosen) else None
        counts = [_apart(partial(_judged, target, options, about_runs)) for target in chosen]
    except Failed as failure:
        print(f"{failure}: no mutant can be judged before that is mended", file=sys.stderr)
        return 2
    total, survived = (sum(column) for column in zip(*counts, strict=True)) if counts else (0, 0)
    print(f"{total} mutants, {total - survived} noticed, {survived} survived")
    return int(survived > 0)


def _named(target: Target, name: str) -> bool:
    return name == target.path.stem or target.path.is_relative_to(name) or str(target.path.with_suffix("")) == name


def _apart(work: Callable[[], T]) -> T:
    """In a process of its own, so that what it loads is not loaded here."""
    with multiprocessing.get_context("fork").Pool(1) as pool:
        return pool.apply(work)


def _judged(target: Target, options: argparse.Namespace, about_runs: AboutRuns | None) -> tuple[int, int]:
    """How many of the mutants of a module were judged, and how many of them survived."""
    every = mutants_of(target.path.read_text(encoding="utf-8"))
    if options.again is None:
        count = len(every) if options.per_file == 0 else min(options.per_file, len(every))
        sample = sorted(random.Random(f"{options.seed} {target.path}").sample(range(len(every)), count))
    else:
        survived = {_wherever(line) for line in options.again.read_text(encoding="utf-8").splitlines()}
        sample = [number for number, mutant in enumerate(every) if _wherever(_line(target, mutant)) in survived]
    load_ahead(target, laws=options.laws > 0)
    began, survivors = time.monotonic(), 0
    for number in sample:
        if _survives(target, every[number], about_runs, options.laws):
            survivors += 1
            print(_line(target, every[number]), flush=True)
    unchanged = Mutant(0, 0, 0, "nothing", ast.parse(target.path.read_text(encoding="utf-8")))
    if survivors == 0 and not _survives(target, unchanged, about_runs, options.laws):
        raise Failed(f"{target.path}: its tests fail without any change")
    spent = time.monotonic() - began
    print(f"{target.path}: {len(sample)} of {len(every)} mutants, {survivors} survived, {spent:.0f} s", flush=True)
    return len(sample), survivors


def _line(target: Target, mutant: Mutant) -> str:
    return f"  survived {target.path}:{mutant.line}:{mutant.column} {mutant.words}"


def _wherever(line: str) -> str:
    """An answer without its line number, which other changes to the module may have moved."""
    return re.sub(r":\d+:", ":", line, count=1)


def _survives(target: Target, mutant: Mutant, about_runs: AboutRuns | None, laws: int) -> bool:
    child = os.fork()
    if child == 0:
        _quiet()
        sys.meta_path.insert(0, _Mutated(target, mutant.tree))
        try:
            survives = unnoticed(target, mutant, about_runs, laws=laws)
        except BaseException:  # noqa: BLE001 it cannot even be loaded
            survives = False
        os._exit(int(not survives))
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False  # it runs for ever: a test would have, too


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
