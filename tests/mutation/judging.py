"""Who judges a mutant, in a process that has it in its place: what runs through its module, the fastest first."""

import importlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.mutation.ahead import ahead_of
from tests.mutation.mutants import Mutant
from tests.mutation.reach import OPTIONS, Reach, reach_of, run_only
from tests.mutation.targets import ABOUT_RUNS, LAWS_OF_RUNS, Target, files_of, targets

if TYPE_CHECKING:  # at run time not before the mutant is in its place
    from plays.policy.health import HealthPolicy
    from plays.policy.segments import SegmentIndex
    from plays.rules.rule import Rule
    from plays.rules.timeline import Timeline

_UNIT, _LAWS = Path("tests/unit"), Path("tests/laws")


class AboutRuns(NamedTuple):
    """Which tests and which laws run through what decides about runs."""

    tests: Reach
    laws: Reach | None  # None where laws are not asked


def load_third_parties() -> None:
    """And the schemas: nothing in them is changed."""
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


def load_ahead(target: Target, *, laws: bool) -> None:
    """Whatever of our own every mutant of a module would load again and that does not lead to it."""
    if target.tests:
        if target.module.startswith("streams."):
            _library()
        return
    files = [*files_of(_UNIT, ABOUT_RUNS), *(files_of(_LAWS, LAWS_OF_RUNS) if laws else ())]
    for name in ahead_of(target.module, [".".join(Path(file).with_suffix("").parts) for file in files]):
        importlib.import_module(name)


def reach_about_runs(examples: int) -> AboutRuns:
    """Run everything about runs once, laws with few `examples` (0: none). Raises Failed."""
    tests = reach_of(files_of(_UNIT, ABOUT_RUNS), _modules())
    if not examples:
        return AboutRuns(tests, None)
    few_examples(examples)
    return AboutRuns(tests, reach_of(files_of(_LAWS, LAWS_OF_RUNS), _modules()))


def few_examples(examples: int) -> None:
    """Laws that are loaded from now on draw no more than this many, and say the first that does not hold as it was drawn."""
    from hypothesis import Phase, settings  # noqa: PLC0415 before this nothing should have been made of them

    made = settings.__init__

    def few(self: settings, parent: settings | None = None, **stated: object) -> None:
        made(self, parent, **{**stated, "max_examples": examples, "phases": (Phase.explicit, Phase.generate)})  # type: ignore[arg-type]

    settings.__init__ = few  # type: ignore[method-assign]


def unnoticed(target: Target, mutant: Mutant, about_runs: AboutRuns | None, *, laws: int) -> bool:
    """Whether all that is about the mutant passes in spite of it."""
    if about_runs is None or target.tests:
        return _timelines(target) and _by_hand(target) and (laws == 0 or _laws_of_kinds(target))
    if not _reached(target, mutant, about_runs.tests):
        return False
    if about_runs.laws is None:
        return True
    few_examples(laws)
    return _reached(target, mutant, about_runs.laws)


def _reached(target: Target, mutant: Mutant, reach: Reach) -> bool:
    """First what ran the function; then, since what it found may have been kept for later ones, what ran anything of its module."""
    near = reach.of_function(target.path, mutant.function)
    return run_only(near) and run_only([test for test in reach.of_module(target.path) if test not in near])


def _timelines(target: Target) -> bool:
    from streams.signals.timeline import run_timeline  # noqa: PLC0415 not before the mutant is in its place

    rules, timelines, segments, health = _library()
    for rule in rules.values():
        if rule.detector.kind in target.kinds:
            outcomes = run_timeline(timelines[rule.id], rule, segments, rules.values(), health)
            if any(outcome.faults for outcome in outcomes):
                return False
    return True


def _by_hand(target: Target) -> bool:
    return _pytest([one for one in target.tests if "::" not in one])


def _laws_of_kinds(target: Target) -> bool:
    path, _, kinds = next(one for one in target.tests if "::" in one).partition("::")
    return _pytest([path, "-k", " or ".join(kinds.split("|"))])


def _pytest(arguments: Sequence[str]) -> bool:
    import pytest  # noqa: PLC0415 loaded already

    return pytest.main(["-x", *OPTIONS, *arguments]) == pytest.ExitCode.OK


@cache
def _library() -> "tuple[dict[str, Rule], dict[str, Timeline], SegmentIndex, HealthPolicy]":
    """Loaded once and for all, unless a mutant is in what reads it: then each process loads its own."""
    from plays.loading.health import load_health  # noqa: PLC0415 as above
    from plays.loading.rules import LIBRARY, load_rules, load_timeline  # noqa: PLC0415
    from plays.loading.segments import POLICY, load_segments  # noqa: PLC0415

    segments = load_segments(POLICY)
    rules = {rule.id: rule for rule in load_rules(LIBRARY, segments.names)}
    return rules, {rule: load_timeline(LIBRARY, rule) for rule in rules}, segments, load_health(POLICY, segments.names)


def _modules() -> list[Path]:
    return [target.path for target in targets(Path()) if not target.tests]
