"""Outcomes the alerts are held against: a column of a CSV file, or a type of event."""

import csv
import gzip
import io
from datetime import UTC, datetime
from pathlib import Path

from schemas.events.registry import TOPICS_OF
from streams.replay.errors import ReplayError

_ACCOUNT = "account_id"


def read_outcomes(stated: str) -> dict[str, list[int]] | str:
    """`FILE:COLUMN`, `FILE` (column `outcome`), or the name of an event type, which is given back as it is.

    The file has a header with `account_id`; the column a date (its start, UTC) or an RFC 3339 time, or nothing. In ms by account.
    """
    if stated in TOPICS_OF:
        return stated
    name, _, column = stated.rpartition(":")
    if not name:
        name, column = stated, "outcome"
    path = Path(name)
    if not path.is_file():
        raise ReplayError(f"--outcome {stated}: neither a file nor an event type; write FILE.csv:COLUMN, or such as account.churned")
    found: dict[str, list[int]] = {}
    with (
        path.open("rb") as plain,
        io.TextIOWrapper(gzip.GzipFile(fileobj=plain) if path.suffix == ".gz" else plain, encoding="utf-8") as text,
    ):
        rows = csv.DictReader(text)
        missing = [field for field in (_ACCOUNT, column) if field not in (rows.fieldnames or ())]
        if missing:
            raise ReplayError(f"{path}: no column {', '.join(missing)}; there are {', '.join(rows.fieldnames or ())}")
        for row in rows:
            if row[column]:
                found.setdefault(row[_ACCOUNT], []).append(_ms(path, rows.line_num, row[column]))
    return found


def _ms(path: Path, line: int, text: str) -> int:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ReplayError(f"{path}:{line}: {text!r} is no date; write YYYY-MM-DD or an RFC 3339 time") from None
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)
