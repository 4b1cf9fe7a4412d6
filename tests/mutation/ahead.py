"""What can be loaded before a mutant is: the modules that do not lead to the one that is changed."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

OURS = ("schemas", "plays", "streams", "tests")


def ahead_of(module: str, wanted: list[str]) -> list[str]:
    """What of our own `wanted` modules import, themselves or through others, and what does not import `module` in its turn."""
    reached: dict[str, None] = {}
    left = list(wanted)
    while left:
        name = left.pop()
        if name not in reached:
            reached[name] = None
            left += _imports(name)
    return sorted(name for name in reached if not name.startswith("tests.unit") and not _leads(name, module))


@cache
def _leads(name: str, module: str) -> bool:
    seen, left = set(), [name]
    while left:
        one = left.pop()
        if one == module:
            return True
        if one not in seen:
            seen.add(one)
            left += _imports(one)
    return False


@cache
def _imports(name: str) -> tuple[str, ...]:
    """Also what is imported for the type checker alone, or within a function: one too many costs a little time, nothing else."""
    path = _path(name)
    if path is None:
        return ()
    return tuple(dict.fromkeys(one for one in _named(path) if _path(one) is not None))


def _named(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def _path(name: str) -> Path | None:
    if name.partition(".")[0] not in OURS:
        return None
    path = Path(*name.split("."))
    return next((one for one in (path.with_suffix(".py"), path / "__init__.py") if one.is_file()), None)
