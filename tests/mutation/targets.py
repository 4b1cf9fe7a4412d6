"""The modules whose mutants are judged, and by what."""

from pathlib import Path
from typing import NamedTuple


class Target(NamedTuple):
    """A module, the kinds of rules whose timelines run through it, and the further tests that are about it."""

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


def targets(root: Path) -> list[Target]:
    """All of them, by path below `root`."""
    found: dict[str, tuple[str, ...]] = {
        str(_KINDS / path.name): (path.stem,) for path in sorted((root / _KINDS).glob("*.py")) if path.stem != "__init__"
    }
    found |= _SHARED
    return [_target(Path(path), kinds) for path, kinds in sorted(found.items())]


def _target(path: Path, kinds: tuple[str, ...]) -> Target:
    laws = f"tests/laws/test_kind_laws.py::{'|'.join(kinds)}"
    return Target(path, frozenset(kinds), (*_BESIDES.get(path.stem, ()), *_OF_ALL, laws))
