"""The page of all settings, as the model has them now."""

from collections.abc import Iterator
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le
from pydantic import AwareDatetime, SecretStr
from pydantic.fields import FieldInfo

from streams.settings import DEFAULT_FILE, OTHER_VARIABLES, PREFIX, Settings

_HEAD = f"""# Settings

Every setting is a key of `{DEFAULT_FILE}` (in the working directory, or the file that `--config` or `PLAYCALL_CONFIG` names),
and a variable named `{PREFIX}` and the setting in capitals; those that change from start to start are flags too (`playcall
worker --help`). A flag wins over the variable, the variable over the file. A key or variable that is none of these is refused,
with the nearest name. Lists in variables are comma separated, or JSON.

| setting | value | default | what it does |
| --- | --- | --- | --- |
"""
_KINDS: dict[type, str] = {
    bool: "true, false", int: "whole number", float: "number", str: "text", SecretStr: "text, secret", tuple: "list",
    AwareDatetime: "moment, RFC 3339",
}  # fmt: skip


def settings_page() -> str:
    """Markdown."""
    rows = "".join(
        f"| `{name}` | {_value(field)} | {_default(field)} | {_cell(field)} |\n" for name, field in Settings.model_fields.items()
    )
    others = ", ".join(f"`{name}`" for name in OTHER_VARIABLES)
    return f"{_HEAD}{rows}\nRead by other parts, and not settings: {others}.\n"


def _cell(field: FieldInfo) -> str:
    if not field.description:
        raise AssertionError("every setting says what it does")
    return field.description.replace("|", "\\|")


def _default(field: FieldInfo) -> str:
    value = field.default
    if value is None or value in ((), ""):
        return "none"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _value(field: FieldInfo) -> str:
    return " ".join([_kind(field.annotation), *_bounds(field.metadata)])


def _kind(annotation: Any) -> str:
    if get_origin(annotation) is Annotated:
        return _kind(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return _kind(next(one for one in get_args(annotation) if one is not NoneType))
    if get_origin(annotation) is Literal:
        return ", ".join(f"`{choice}`" for choice in get_args(annotation))
    return _KINDS.get(get_origin(annotation) or annotation, "path")


def _bounds(metadata: list[Any]) -> Iterator[str]:
    for one in metadata:
        if isinstance(one, Ge):
            yield f"≥ {one.ge:,}"
        elif isinstance(one, Gt):
            yield f"> {one.gt:,}"
        elif isinstance(one, Le):
            yield f"≤ {one.le:,}"
