"""The page for publishers, derived from the registry, the reasons and the catalogue."""

from collections.abc import Iterable
from typing import Any

import orjson

from schemas.catalogue import catalogue, input_topics
from schemas.decoding.limits import DEPTH_MAX, VALUE_MAX
from schemas.decoding.outcome import RejectReason
from schemas.events.base import LIST_MAX, NAME_MAX, TEXT_MAX
from schemas.events.registry import BY_TOPIC
from schemas.json_schema import event_schema

_ENVELOPE = ("event_id", "type", "account_id", "occurred_at", "source")

_HEAD = f"""\
<!-- Generated from the models. Regenerate with: python docs/generate.py -->
# Events

How to publish to Playcall. Every event is one fact about one account, as a flat JSON object in UTF-8.

## Every event

| field | meaning |
| --- | --- |
| `event_id` | unique per `source`; sent again with the same id it counts once |
| `type` | the kind of event, `noun.past_tense` |
| `account_id` | the customer; equals the record key |
| `occurred_at` | when it happened: RFC 3339 with an offset, `2026-03-02T09:15:00.250Z` |
| `source` | the publisher's name |

- **Key**: the account id in UTF-8. **Partitioner**: murmur2, the default of Kafka's Java client; librdkafka needs
  `partitioner=murmur2_random` ([settings by client](publishers.md)).
- Leave out what you do not know (null is read as left out). Fields beyond those listed are passed over. A type not listed is
  counted and passed over.
- A word outside an open set (marked *open*) is read as `other`.
- Bounds: value {VALUE_MAX // 1024} KiB, nesting {DEPTH_MAX}, names {NAME_MAX} characters, notes {TEXT_MAX:,} characters,
  lists {LIST_MAX} members.
- CloudEvents 1.0 is understood. Binary mode: `ce_id`, `ce_type`, `ce_source`, `ce_time`, `ce_subject` stand in for `event_id`,
  `type`, `source`, `occurred_at`, `account_id` where the payload lacks them. Structured mode
  (`content-type: application/cloudevents+json`): `data` holds the other fields.
- The prefix that a schema registry's JSON serializer puts before the value is passed over.

JSON Schemas of every event are in [schemas](schemas).
"""

_LETTERS = """
## Dead letters

What cannot be understood or applied goes to `<topic>.dlq`: key, value and headers as they came, and as text headers
`dlq.reason`, `dlq.error`, `dlq.original.topic`, `dlq.original.partition`, `dlq.original.offset`, `dlq.original.timestamp`
(ms since 1970) and `dlq.app.version`. Only what is larger than 1.5 MiB once it is unpacked (a compressed batch may be) is
cut to its beginning, with `dlq.truncated` saying how much there was. `playcall dlq ls` and `playcall dlq show` read them.

| reason | what happened |
| --- | --- |
"""

_TOPICS = """
## Topics

| topic | direction | partitions | cleanup | kept | largest record | key | content | written by | read by |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
"""


def events_page() -> str:
    """Markdown of docs/events.md."""
    parts = [_HEAD, *(_topic_section(topic) for topic in input_topics())]
    reasons = "".join(f"| `{reason}` | {reason.sentence} |\n" for reason in RejectReason)
    return "".join([*parts, _LETTERS, reasons, _TOPICS, *_topic_rows()])


def _topic_section(topic: str) -> str:
    lines = [f"\n## `{topic}`\n\n", "| type | meaning | fields (mandatory in bold) |\n| --- | --- | --- |\n"]
    examples = []
    for kind in BY_TOPIC[topic].values():
        schema = event_schema(kind)
        lines.append(f"| `{kind.name}` | {_flow(schema['description'])} | {_fields(schema)} |\n")
        examples.append(orjson.dumps(kind.example).decode())
    longest = max(examples, key=len)
    return "".join(lines) + f"\n```json\n{longest}\n```\n"


def _fields(schema: dict[str, Any]) -> str:
    required = set(schema["required"])
    shown = (
        f"**`{name}`** {_words(field)}" if name in required else f"`{name}` {_words(field)}"
        for name, field in schema["properties"].items()
        if name not in _ENVELOPE
    )
    return ", ".join(shown) or "-"


def _words(field: dict[str, Any]) -> str:
    if "anyOf" in field:
        return " or ".join(_words(choice) for choice in field["anyOf"])
    if "examples" in field:
        return f"(*open*: {', '.join(field['examples'])})"
    if "enum" in field:
        return f"({', '.join(field['enum'])})"
    kind: str = {"date": "date", "date-time": "time"}.get(field.get("format", ""), field["type"])
    return {"string": "text", "array": "list", "boolean": "true/false", "integer": "whole number"}.get(kind, kind)


def _flow(text: str) -> str:
    return " ".join(text.split())


def _topic_rows() -> Iterable[str]:
    for topic in catalogue():
        kept = "-" if topic.retention_ms is None else f"{topic.retention_ms // 86_400_000} days"
        cells = (
            f"`{topic.name}`", topic.direction, str(topic.partitions), topic.cleanup_policy, kept,
            f"{topic.max_message_bytes // 1024} KiB", topic.key, topic.value, ", ".join(topic.producers), ", ".join(topic.consumers),
        )  # fmt: skip
        yield f"| {' | '.join(cells)} |\n"
