"""Generated pages are what the models say now."""

import runpy
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parents[2] / "docs"


def test_the_pages_are_up_to_date() -> None:
    generator: dict[str, Any] = runpy.run_path(str(DOCS / "generate.py"))
    wanted = {str(path): content for path, content in generator["pages"]().items()}
    written = [DOCS / "events.md", DOCS / "library.md", DOCS / "settings.md", *DOCS.glob("schemas/*.json")]
    found = {str(path.relative_to(DOCS)): path.read_text(encoding="utf-8") for path in written}
    stale = sorted({*wanted, *found} - {path for path in wanted if found.get(path) == wanted[path]})
    assert stale == [], "regenerate with: python docs/generate.py"
