"""Writes docs/events.md, docs/library.md, docs/settings.md and docs/schemas/ from the models and the library: python docs/generate.py."""

from pathlib import Path  # noqa: TID251 a script that writes files

from plays.library_page import library_page
from plays.loading.checklist import load_checklist
from plays.loading.playbooks import load_playbooks
from plays.loading.reports import load_reports
from plays.loading.rules import LIBRARY, load_rules, load_timeline
from plays.loading.segments import POLICY, load_segments
from plays.loading.switches import load_switches
from schemas.json_schema import json_schemas, text
from schemas.reference import events_page
from streams.settings_page import settings_page

DOCS = Path(__file__).parent


def pages() -> dict[Path, str]:
    """Every generated file, by its path below docs."""
    schemas = {Path("schemas") / f"{name}.json": text(schema) for name, schema in json_schemas().items()}
    return {Path("events.md"): events_page(), Path("library.md"): _library(), Path("settings.md"): settings_page(), **schemas}


def _library() -> str:
    segments = load_segments(POLICY)
    rules = load_rules(LIBRARY, segments.names)
    timelines = {rule.id: load_timeline(LIBRARY, rule.id) for rule in rules}
    return library_page(rules, timelines, load_playbooks(), segments, load_switches(POLICY), load_checklist(), load_reports())


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
