"""The modules whose mutants are judged, and by what."""

from pathlib import Path
from typing import NamedTuple


class Target(NamedTuple):
    """A module, and what judges its mutants.

    In what decides whether a rule fires: the timelines of the rules of its `kinds`, then `tests`, the last of which are laws. In
    what decides about a run `kinds` and `tests` are empty: its judges are those of `ABOUT_RUNS` and `LAWS_OF_RUNS` that run through it.
    """

    path: Path
    kinds: frozenset[str]
    tests: tuple[str, ...]

    @property
    def module(self) -> str:
        """Its name for an import."""
        return ".".join(self.path.with_suffix("").parts)


_OF_ALL = (
    "tests/unit/test_signals_boundaries.py",
    "tests/unit/test_signals_timers.py",
    "tests/unit/test_signals_detectors.py",
    "tests/unit/test_library_changes.py",
    "tests/unit/test_rule_scope.py",
)
_KINDS = Path("streams/signals/detectors")
_SHARED = {
    "streams/signals/timed.py": ("silence", "anniversary", "overdue"),
    "streams/signals/composite.py": ("all_of", "any_of"),
    "streams/signals/parts.py": ("all_of", "any_of", "event", "checkpoint"),
    "streams/signals/falls.py": ("drop",),
    "streams/signals/variation.py": ("drop",),
    "streams/signals/statistics.py": ("drop", "spike", "silence"),
    "plays/rules/scales.py": ("event", "all_of", "any_of"),
    "plays/rules/matcher.py": ("event", "count", "due", "absence"),
}
_BESIDES = {
    "anniversary": ("tests/unit/test_signals_anniversary.py",),
    "all_of": ("tests/unit/test_signals_composites.py", "tests/unit/test_signals_sleepers.py"),
    "any_of": ("tests/unit/test_signals_composites.py", "tests/unit/test_signals_sleepers.py"),
    "composite": ("tests/unit/test_signals_composites.py", "tests/unit/test_signals_sleepers.py"),
    "parts": ("tests/unit/test_signals_composites.py", "tests/unit/test_signals_sleepers.py"),
    "event": ("tests/unit/test_signals_voice.py", "tests/unit/test_signals_composites.py"),
    "count": ("tests/unit/test_signals_records.py",),
    "spike": ("tests/unit/test_signals_records.py", "tests/unit/test_signals_statistics.py"),
    "statistics": ("tests/unit/test_signals_statistics.py",),
    "variation": ("tests/unit/test_signals_statistics.py",),
    "matcher": ("tests/unit/test_rule_matching.py",),
    "scales": ("tests/unit/test_rule_matching.py",),
    "silence": ("tests/unit/test_people_facts.py",),
}

_OF_RUNS = {
    "plays/sla": "business_days calendar clocks hours offsets openings shifts",
    "plays/roster": "absence choice fairness hours rota turns",
    "plays/runs": "joining owner rests run tally",
    "plays/runs/course": "machine moments plan",
    "plays/suppression": "held judgement moments quiet touches",
    "streams/roster": "answering holding",
    "streams/router": "asking clocks escalation handover holding resting updates",
    "streams/router/course": "hearing leaving",
}
ABOUT_RUNS = (
    "test_course*",
    "test_calendar*",
    "test_cell_bounds*",
    "test_clos*",
    "test_owner*",
    "test_rescue*",
    "test_roster_[!f]*",
    "test_route*",
    "test_run_outcomes*",
    "test_sla_c[!o]*",
    "test_suppression*",
    "test_voice_launches*",
    "test_working*",
    "test_zone*",
)
LAWS_OF_RUNS = (
    "test_business_time*",
    "test_clock_laws*",
    "test_course_*",
    "test_hold_machine*",
    "test_outcome_form*",
    "test_rendezvous*",
    "test_rest_*",
    "test_roster_laws*",
    "test_runs_*",
    "test_suppression_laws*",
    "test_update_order*",
)


def files_of(folder: Path, patterns: tuple[str, ...]) -> list[str]:
    """The test files of a folder whose names fit."""
    return sorted({str(path) for pattern in patterns for path in folder.glob(f"{pattern}.py")})


def targets(root: Path) -> list[Target]:
    """All of them, by path below `root`."""
    found: dict[str, tuple[str, ...]] = {
        str(_KINDS / path.name): (path.stem,) for path in sorted((root / _KINDS).glob("*.py")) if path.stem != "__init__"
    }
    found |= _SHARED
    of_runs = [Target(Path(folder, f"{name}.py"), frozenset(), ()) for folder, names in _OF_RUNS.items() for name in names.split()]
    return [*(_target(Path(path), kinds) for path, kinds in sorted(found.items())), *of_runs]


def _target(path: Path, kinds: tuple[str, ...]) -> Target:
    laws = f"tests/laws/test_kind_laws.py::{'|'.join(kinds)}"
    return Target(path, frozenset(kinds), (*_BESIDES.get(path.stem, ()), *_OF_ALL, laws))
