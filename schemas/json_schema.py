"""JSON Schemas (2020-12) of everything on the wire, derived from the models."""

from typing import Any

import orjson
from pydantic import TypeAdapter

from schemas.events.kind import EventKind
from schemas.events.registry import KINDS
from schemas.records.examples import EXAMPLES
from schemas.records.wire import Wire

DIALECT = "https://json-schema.org/draft/2020-12/schema"
REGENERATE = "Generated from the models. Regenerate with: python docs/generate.py"


def json_schemas() -> dict[str, dict[str, Any]]:
    """Schema by name: events by their type, records by their model's name in lower case."""
    events = {kind.name: event_schema(kind) for kind in KINDS}
    return {**events, **{type(example).__name__.lower(): _record_schema(example) for example in EXAMPLES}}


def event_schema(kind: EventKind) -> dict[str, Any]:
    """What a publisher may send. Fields beyond those named are allowed; null is read as left out, but better left out."""
    schema = TypeAdapter(kind.model).json_schema(mode="validation")
    return _headed(f"urn:playcall:event:{kind.name}", {**schema, "title": kind.name, "examples": [kind.example]})


def _record_schema(example: Wire) -> dict[str, Any]:
    schema = type(example).model_json_schema(mode="serialization")
    return _headed(f"urn:playcall:record:{type(example).__name__.lower()}", {**schema, "examples": [orjson.loads(example.to_json())]})


def _headed(identity: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"$schema": DIALECT, "$id": identity, "$comment": REGENERATE, **schema}


def text(schema: dict[str, Any]) -> str:
    """The schema as it stands in its file."""
    return orjson.dumps(schema, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode() + "\n"
