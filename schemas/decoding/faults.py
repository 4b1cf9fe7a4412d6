"""Validation errors as reasons and words for people: field names and rules, never a value of the payload."""

from collections.abc import Iterable

from pydantic_core import ErrorDetails, ValidationError

from schemas.decoding.outcome import Rejected, RejectReason, rejected

_FIELDS_NAMED = 3
_NUMBER = frozenset({"finite_number", "greater_than_equal", "less_than_equal", "int_parsing_size", "int_from_float"})


def rejection(error: ValidationError) -> Rejected:
    """The reason of the first fault found, with up to three faulty fields in words."""
    faults = _first_per_field(error.errors(include_url=False, include_context=False, include_input=False))
    words = "; ".join(f"{field}: {_words(field, fault)}" for field, fault in list(faults.items())[:_FIELDS_NAMED])
    field, first = next(iter(faults.items()))
    return rejected(_reason(field, first["type"]), words)


def _first_per_field(errors: Iterable[ErrorDetails]) -> dict[str, ErrorDetails]:
    faults: dict[str, ErrorDetails] = {}
    for error in errors:
        # The location is (event type, field, inner schema or list index, ...); what follows the field is of no use to people.
        path = error["loc"]
        faults.setdefault(str(path[1]) if len(path) > 1 else "event", error)
    return faults


def _words(field: str, fault: ErrorDetails) -> str:
    if field == "occurred_at" and fault["type"] == "string_pattern_mismatch":
        return "Input should be RFC 3339, such as 2026-03-02T09:15:00Z"
    return fault["msg"]


def _reason(field: str, code: str) -> RejectReason:
    if code == "missing":
        return RejectReason.MISSING_FIELD
    if field == "occurred_at":
        return RejectReason.BAD_TIME
    if code in _NUMBER:
        return RejectReason.BAD_NUMBER
    return RejectReason.INVALID_FIELD
