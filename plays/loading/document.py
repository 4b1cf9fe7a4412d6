"""A YAML file read safely, with the line of every key, and its validation against a model."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from plays.loading.errors import Complaint, ConfigError
from plays.problem import Problem

M = TypeVar("M", bound=BaseModel)
Loc = tuple[str | int, ...]

MAX_BYTES = 1_000_000
_MAX_DEPTH = 40

_FIXES = {
    "missing": "add the field",
    "extra_forbidden": "remove the field, or correct its name",
    "literal_error": "use one of the values listed",
    "union_tag_invalid": "use one of the kinds listed",
    "union_tag_not_found": "add the field `kind`",
}


class Document:
    """The plain data of one file (dicts with string keys, lists, scalars) and where each part of it stands."""

    def __init__(self, path: Path, data: Any, lines: dict[Loc, int]) -> None:
        self.path = path
        self.data = data
        self._lines = lines

    def line(self, loc: Loc) -> int:
        """Line (1-based) of the value at `loc`, or of its nearest enclosing value that is in the file."""
        # Validation inserts steps of its own (union tags): such a step is skipped, not the rest of the way.
        known: Loc = ()
        for step in loc:
            if (*known, step) in self._lines:
                known = (*known, step)
        return self._lines.get(known, 1)

    def validate(self, model: type[M], check: Callable[[M], Iterable[Problem]] | None = None) -> M:
        """The document as `model`; `check` may add problems that need the whole. Raises `ConfigError`."""
        try:
            value = model.model_validate(self.data)
        except ValidationError as error:
            raise ConfigError([self._complaint(dict(item)) for item in error.errors(include_url=False)]) from None
        problems = [] if check is None else list(check(value))
        if problems:
            raise ConfigError([self.complain(problem) for problem in problems])
        return value

    def complain(self, problem: Problem) -> Complaint:
        """The problem with file and line."""
        return Complaint(self.path, self.line(problem.loc), problem.what, problem.fix)

    def _complaint(self, item: dict[str, Any]) -> Complaint:
        loc: Loc = item["loc"]
        name = ".".join(str(step) for step in loc) or "the document"
        what = f"{name}: {item['msg'][:1].lower()}{item['msg'][1:]}"
        return Complaint(self.path, self.line(loc), what, _FIXES.get(item["type"], "correct the value"))


def read_document(path: Path) -> Document:
    """Read one YAML file. Raises `ConfigError` for what is not a mapping, has duplicate keys, tags, aliases, or is too large."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise ConfigError(
            [Complaint(path, 1, f"cannot be read ({why})", "name the folder that holds it with --library or --policy")]
        ) from None
    if len(raw) > MAX_BYTES:
        raise ConfigError([Complaint(path, 1, f"{len(raw)} bytes, more than {MAX_BYTES}", "split the file")])
    try:
        node = _compose(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ConfigError([Complaint(path, line, "not UTF-8 text", "save the file as UTF-8")]) from None
    except yaml.MarkedYAMLError as error:
        line = 1 if error.problem_mark is None else error.problem_mark.line + 1
        what = f"not YAML: {error.problem or error.context}"
        raise ConfigError([Complaint(path, line, what, "correct the indentation or quoting")]) from None
    except yaml.YAMLError as error:
        raise ConfigError([Complaint(path, 1, f"not YAML: {error}", "remove the characters named")]) from None
    if not isinstance(node, yaml.MappingNode):
        raise ConfigError([Complaint(path, 1, "the file holds no mapping of fields", "write `field: value` lines")])
    reader = _Reader(path)
    data = reader.read(node, ())
    return Document(path, data, reader.lines)


def _compose(text: str) -> yaml.Node | None:
    """Libyaml where it is there: a library is hundreds of files, and it is ten times as fast. Its refusals are put in PyYAML's words."""
    if yaml.__with_libyaml__:
        try:
            return yaml.compose(text, Loader=yaml.CSafeLoader)
        except yaml.YAMLError:
            pass
    return yaml.compose(text, Loader=yaml.SafeLoader)


class _Reader:
    """Walks the nodes: plain data out, lines noted, duplicate keys and aliases refused."""

    def __init__(self, path: Path) -> None:
        self.lines: dict[Loc, int] = {}
        self._path = path
        self._scalars = yaml.SafeLoader("")
        self._seen: set[int] = set()

    def read(self, node: yaml.Node, loc: Loc) -> Any:
        """The value of a node."""
        if id(node) in self._seen:
            raise self._refuse(node, "an alias (*name)", "write the value out: a rule is read on its own")
        self._seen.add(id(node))
        if len(loc) > _MAX_DEPTH:
            raise self._refuse(node, "nested too deeply", f"use at most {_MAX_DEPTH} levels")
        self.lines.setdefault(loc, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, loc)
        if isinstance(node, yaml.SequenceNode):
            return [self.read(item, (*loc, index)) for index, item in enumerate(node.value)]
        try:
            return self._scalars.construct_object(node, deep=True)
        except (yaml.YAMLError, ValueError) as error:
            raise self._refuse(node, f"value not understood ({str(error).splitlines()[0]})", "write a plain value, or quote it") from None

    def _mapping(self, node: yaml.MappingNode, loc: Loc) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else None
            if key is None or key == "<<":
                raise self._refuse(key_node, "a key that is no plain name", "write a name as the key")
            if key in found:
                raise self._refuse(key_node, f"key {key!r} is there twice", "keep one of the two")
            self.lines[(*loc, key)] = key_node.start_mark.line + 1
            found[key] = self.read(value_node, (*loc, key))
        return found

    def _refuse(self, node: yaml.Node, what: str, fix: str) -> ConfigError:
        return ConfigError([Complaint(self._path, node.start_mark.line + 1, what, fix)])
