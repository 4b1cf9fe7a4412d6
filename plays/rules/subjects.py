"""Which field of an event names the subject of a kind."""

from collections.abc import Mapping

_FIELDS: Mapping[str, str] = {
    "action_item": "item_id",
    "category": "category",
    "feature": "feature",
    "outcome": "metric",
    "step": "step",
}


def field_of(kind: str) -> str:
    """`ticket` is named by `ticket_id`, an action item by `item_id`, an outcome by its `metric`."""
    return _FIELDS.get(kind, f"{kind}_id")
