"""The simulated CRM customers of the set churnsim-crm5 as events.

Run: python -m tests.noise.crm5 FOLDER OUT.jsonl.gz [choose|judge [KEEP]]. Half of the accounts, by hash of their id, is for
choosing thresholds, the other half for judging them. With KEEP, a share, usage falls for good in the middle of the life of
every account of twenty weeks or more: each event is kept with that probability, and OUT.planted.csv names the day four weeks
after the fall: an alert in the 28 days before it has seen the fall.

A day's events are spread evenly over it. Their users are those of the raw events where the set has them; elsewhere the first
n of the account, n the day's active users: so the simulator itself names them.
"""

import csv
import gzip
import hashlib
import io
import json
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

DAY_S = 86_400
LEAST_DAYS_PLANTED = 140
END = "2023-03-01"  # from here on the simulated accounts end one by one, each with its last whole month


def half_of(account_id: str) -> str:
    """`choose` or `judge`."""
    return ("choose", "judge")[hashlib.sha256(account_id.encode()).digest()[0] % 2]


def planted(folder: Path, half: str | None) -> dict[str, str]:
    """The day on which the usage of an account falls, where one is planted: the middle of its days with usage."""
    days: dict[str, list[str]] = {}
    for row in rows(folder / "usage_daily.csv.gz"):
        if half in (None, half_of(row["account_id"])) and row["date"] < END:
            days.setdefault(row["account_id"], []).append(row["date"])
    middle = {account: (min(found), max(found), sorted(found)[len(found) // 2]) for account, found in days.items()}
    return {account: day for account, (first, last, day) in middle.items() if _days_between(first, last) >= LEAST_DAYS_PLANTED}


def events(folder: Path, half: str | None = None, keep: float | None = None) -> Iterator[dict[str, Any]]:
    """All events in the order of time; of one half, or of all accounts. `keep`: the share left of usage after what is planted."""
    falls = {} if keep is None else planted(folder, half)
    for event in _whole(folder, half):
        fell = falls.get(event["account_id"])
        if fell is None or keep is None or event["type"] != "feature.used" or event["occurred_at"] < fell or _chance(event) < keep:
            yield event


def _whole(folder: Path, half: str | None) -> Iterator[dict[str, Any]]:
    days: dict[str, list[dict[str, Any]]] = {}
    for row in rows(folder / "accounts.csv.gz"):
        if half in (None, half_of(row["account_id"])):
            created = {"type": "account.created", "account_id": row["account_id"], "name": row["account_id"], "industry": row["channel"]}
            days.setdefault(row["signup_date"], []).append({**created, "second": 0})
            if row["churn_date"]:
                days.setdefault(row["churn_date"], []).append({**created, "type": "account.churned", "second": DAY_S - 1})
    _subscriptions(folder, half, days)
    named = _named_users(folder, half)
    for row in rows(folder / "usage_daily.csv.gz"):
        if half in (None, half_of(row["account_id"])):
            days.setdefault(row["date"], []).append({"usage": row})
    sequence = 0
    for day in sorted(day for day in days if day < END):
        told: list[dict[str, Any]] = []
        for one in days[day]:
            told.extend(_usage(one["usage"], named) if "usage" in one else (one,))
        told.sort(key=lambda one: one["second"])
        for one in told:
            sequence += 1
            second = one.pop("second")
            at = f"{day}T{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}Z"
            yield {**one, "event_id": f"e{sequence}", "source": "crm5", "occurred_at": at}


def rows(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a gzipped CSV file."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def write(told: Iterator[dict[str, Any]], out: Path) -> int:
    """Write events as JSON lines, gzipped; how many."""
    count = 0
    with gzip.open(out, "wb", compresslevel=1) as plain, io.BufferedWriter(plain, 1 << 20) as file:
        for event in told:
            file.write(json.dumps(event, separators=(",", ":")).encode() + b"\n")
            count += 1
    return count


def _days_between(first: str, last: str) -> int:
    return (date.fromisoformat(last) - date.fromisoformat(first)).days


def _chance(event: dict[str, Any]) -> float:
    """A number from 0 to 1 that is the event's own."""
    return int.from_bytes(hashlib.sha256(f"{event['account_id']} {event['event_id']}".encode()).digest()[:4]) / 2**32


def _subscriptions(folder: Path, half: str | None, days: dict[str, list[dict[str, Any]]]) -> None:
    """Seats and monthly revenue, whenever a term begins: the sum over the products that run then."""
    terms: dict[str, list[dict[str, str]]] = {}
    for row in rows(folder / "subscriptions.csv.gz"):
        if half in (None, half_of(row["account_id"])):
            terms.setdefault(row["account_id"], []).append(row)
    for account_id, products in sorted(terms.items()):
        before: dict[str, float] = {}
        for start in sorted({row["start_date"] for row in products}):
            running = [row for row in products if row["start_date"] <= start < row["end_date"]]
            seats = [float(row["quantity"]) for row in running if row["units"] == "users"]
            now = {"mrr": sum(float(row["mrr"]) for row in running), **({"seats": int(sum(seats))} if seats else {})}
            if now != before:
                event = {"type": "subscription.changed" if before else "subscription.started", "account_id": account_id, **now}
                days.setdefault(start, []).append({**event, **({f"{k}_before": v for k, v in before.items()}), "second": 1})
            before = now


def _named_users(folder: Path, half: str | None) -> dict[tuple[str, str], list[str]]:
    """Users of the events of an account's day, in their order, for the accounts of which the set has single events."""
    found: dict[tuple[str, str], list[str]] = {}
    for row in rows(folder / "events_raw.csv.gz"):
        if half in (None, half_of(row["account_id"])):
            found.setdefault((row["account_id"], row["ts"][:10]), []).append(row["user"])
    return found


def _usage(row: dict[str, str], named: dict[tuple[str, str], list[str]]) -> Iterator[dict[str, Any]]:
    count, active = int(row["events"]), max(1, int(row["active_users"]))
    features = [name for name in list(row)[4:] for _ in range(int(row[name]))] or ["other"]
    users = named.get((row["account_id"], row["date"]))
    for index in range(count):
        user = users[index] if users is not None and index < len(users) else str(index % active)
        yield {
            "type": "feature.used", "account_id": row["account_id"], "user_id": user, "feature": features[index % len(features)],
            "second": 2 + index * (DAY_S - 10) // count,
        }  # fmt: skip


def main(folder: Path, out: Path, half: str | None = None, keep: str | None = None) -> None:
    """Write the files."""
    print(f"{write(events(folder, half, None if keep is None else float(keep)), out):,} events")
    if keep is not None:
        falls = {account: date.fromisoformat(day) + timedelta(days=28) for account, day in planted(folder, half).items()}
        lines = ["account_id,outcome", *(f"{account},{day}" for account, day in sorted(falls.items()))]
        out.with_suffix(".planted.csv").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:])
