"""Writes docs/events.md and docs/schemas/ from the models: python docs/generate.py."""

from pathlib import Path  # noqa: TID251 a script that writes files

from schemas.json_schema import json_schemas, text
from schemas.reference import events_page

DOCS = Path(__file__).parent


def pages() -> dict[Path, str]:
    """Every generated file, by its path below docs."""
    schemas = {Path("schemas") / f"{name}.json": text(schema) for name, schema in json_schemas().items()}
    return {Path("events.md"): events_page(), **schemas}


def main() -> None:
    """Write what is missing or stale, delete schemas of what no longer exists."""
    wanted = pages()
    (DOCS / "schemas").mkdir(exist_ok=True)
    for stale in {*DOCS.glob("schemas/*.json")} - {DOCS / path for path in wanted}:
        stale.unlink()
    for path, content in wanted.items():
        (DOCS / path).write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
