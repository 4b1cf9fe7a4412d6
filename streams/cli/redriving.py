"""What `playcall dlq redrive` reads from its options, and how it tells what came of it."""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from difflib import get_close_matches

import typer

from schemas.decoding.outcome import RejectReason
from schemas.records.wire import epoch_ms
from streams.cli.terminal import print_json
from streams.kafka.dead_letters import Wanted
from streams.kafka.redrive import Kind, Redriven

_AGO = re.compile(r"(\d{1,9})([smhd])")
_UNITS_MS = {"s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


def wanted_of(reasons: Iterable[str] | None, since: str | None, until: str | None, now_ms: int) -> Wanted:
    """The letters that options describe. Raises typer.BadParameter with what was meant, as far as one can guess."""
    for reason in reasons or ():
        if reason not in set(RejectReason):
            close = get_close_matches(reason, list(RejectReason), n=1)
            hint = f"did you mean {close[0]}?" if close else f"reasons: {', '.join(RejectReason)}"
            raise typer.BadParameter(f"{reason} is no reason of a dead letter: {hint}")
    return Wanted(frozenset(reasons or ()), moment_ms(since, now_ms), moment_ms(until, now_ms))


def moment_ms(text: str | None, now_ms: int) -> int | None:
    """RFC 3339 with an offset, or how long ago: 90s, 30m, 24h, 7d."""
    if text is None:
        return None
    ago = _AGO.fullmatch(text)
    if ago is not None:
        return max(0, now_ms - int(ago[1]) * _UNITS_MS[ago[2]])
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no time: expected 2026-03-01T08:00:00Z, or how long ago: 90s, 30m, 24h, 7d") from None
    if moment.tzinfo is None:
        raise typer.BadParameter(f"{text!r} has no offset: append Z for UTC")
    return epoch_ms(moment)


def tell(result: Redriven, *, dry_run: bool, max_times: int, limit: int | None, as_json: bool) -> None:
    """A line per topic and reason, with a few places to look at."""
    if as_json:
        print_json(
            {
                "dry_run": dry_run, "redriven": _rows(result, result.sent), "worn_out": _rows(result, result.worn_out),
                "too_large": _rows(result, result.too_large), "no_way_back": _rows(result, result.no_way_back),
                "already": result.already, "limited": result.limited,
            }
        )  # fmt: skip
        return
    _lines(result, result.sent, "would go back" if dry_run else "put back")
    _lines(result, result.worn_out, f"left: put back {max_times} times already")
    _lines(result, result.too_large, "left: too large for the topic with the headers of a redrive, or only the beginning was kept")
    _lines(result, result.no_way_back, "left: written by workers, nobody may write there")
    if result.already:
        print(f"{result.already:,} were put back by an earlier run")
    if result.limited:
        print(f"more are left: the limit of {limit:,} is reached")
    if not (result.sent or result.already or result.left):
        print("no dead letter is as asked for")


def _lines(result: Redriven, counts: Counter[Kind], what: str) -> None:
    for (topic, reason), count in sorted(counts.items()):
        print(f"{topic}\t{reason}\t{count:,} {what}\t{' '.join(result.samples[topic, reason])}")


def _rows(result: Redriven, counts: Counter[Kind]) -> list[dict[str, object]]:
    return [
        {"topic": topic, "reason": reason, "count": count, "samples": result.samples[topic, reason]}
        for (topic, reason), count in sorted(counts.items())
    ]
