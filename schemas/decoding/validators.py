"""One compiled validator per topic."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import CoreSchema, SchemaValidator, core_schema

from schemas.events.registry import BY_TOPIC


class TopicValidator:
    """Validates the JSON of one topic's events, alone or as the members of one array.

    A value that fits no known type validates as a dict without `event_id` (of `type`, `source` and `specversion` what is there), so
    that an unknown type or a missing field does not fail the whole array: only broken JSON does.
    """

    __slots__ = ("_many", "_one", "names")

    def __init__(self, topic: str) -> None:
        schemas = {name: _event_schema(kind.model) for name, kind in BY_TOPIC[topic].items()}
        known = core_schema.tagged_union_schema(schemas, discriminator="type")
        self.names = frozenset(schemas)
        self._one = SchemaValidator(known)
        self._many = SchemaValidator(core_schema.list_schema(core_schema.union_schema([known, _UNFIT], mode="left_to_right")))

    def many(self, array: bytes) -> list[dict[str, Any]]:
        """The members of a JSON array. Raises `pydantic_core.ValidationError` if it is no array of objects."""
        result: list[dict[str, Any]] = self._many.validate_json(array)
        return result

    def one(self, value: bytes) -> dict[str, Any]:
        """One event. Raises `pydantic_core.ValidationError` with every fault found."""
        result: dict[str, Any] = self._one.validate_json(value)
        return result


_UNFIT = core_schema.typed_dict_schema(
    {name: core_schema.typed_dict_field(core_schema.any_schema(), required=False) for name in ("type", "source", "specversion")},
    extra_behavior="ignore",
)

# Publishers write null for what they do not know. No value is ever null, so it is read as left out.
_NULL_IS_ABSENT = core_schema.chain_schema(
    [core_schema.none_schema(), core_schema.with_default_schema(core_schema.literal_schema(["never"]), on_error="omit")]
)


def _event_schema(model: Any) -> CoreSchema:
    schema = TypeAdapter(model).core_schema
    if schema["type"] != "typed-dict":
        raise TypeError(f"{model.__name__}: an event is a flat TypedDict, its schema is a {schema['type']}")
    fields: Mapping[str, core_schema.TypedDictField] = schema["fields"]
    tolerant = {name: field if field.get("required") else _nullable(field) for name, field in fields.items()}
    return {**schema, "fields": tolerant}


def _nullable(field: core_schema.TypedDictField) -> core_schema.TypedDictField:
    choices: list[CoreSchema | tuple[CoreSchema, str]] = [field["schema"], _NULL_IS_ABSENT]
    return {**field, "schema": core_schema.union_schema(choices, mode="left_to_right")}


@cache
def validator(topic: str) -> TopicValidator:
    """The validator of a topic events arrive on. Raises `KeyError` for any other."""
    return TopicValidator(topic)
