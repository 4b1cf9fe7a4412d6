"""Open runs as a desk wants to see them: whose, about what, and what is due."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from rich.table import Table

from plays.runs.chronicle import RunStory
from schemas.records.wire import rfc3339


class Wanted(NamedTuple):
    """Which runs: None asks for any. An owner is meant by id, name or e-mail address, in whatever case."""

    owner: str | None = None
    play: str | None = None
    account: str | None = None
    overdue: bool = False
    closed: bool = False

    def takes(self, story: RunStory, now: datetime) -> bool:
        """Whether this one is meant."""
        last = story.last
        if self.owner is not None:
            known = (last.owner.id, last.owner.name, last.owner.email or "")
            if self.owner.strip().casefold() not in [name.casefold() for name in known]:
                return False
        if (self.play is not None and last.play != self.play) or (self.account is not None and last.account_id != self.account):
            return False
        return (self.closed or not story.closed) and (not self.overdue or story.overdue(now))


def listed(stories: Iterable[RunStory], wanted: Wanted, now: datetime) -> list[RunStory]:
    """Those wanted, the most urgent first: open before closed, by what is due next, then by opening and id."""
    found = [story for story in stories if wanted.takes(story, now)]
    return sorted(found, key=lambda story: _urgency(story, now))


def _urgency(story: RunStory, now: datetime) -> tuple[bool, bool, bool, float, str, str]:
    due = story.due()
    moment = 0.0 if due is None else due[0].timestamp()
    return story.closed, story.resting(now) is not None, due is None, moment, rfc3339(story.first.time), story.last.run_id


def state(story: RunStory, now: datetime) -> str:
    """In a few words."""
    last, rest = story.last, story.resting(now)
    if story.closed:
        return f"closed: {last.code}"
    if rest is not None:
        until = "" if rest.until is None else f" until {rfc3339(rest.until)}"
        return f"{rest.kind}{until}{f': {rest.reason}' if rest.reason else ''}"
    return "acknowledged" if story.acknowledged else "waiting"


def table(stories: Sequence[RunStory], now: datetime) -> Table:
    """One row a run."""
    found = Table(title=f"{len(stories):,} runs at {rfc3339(now)}", title_justify="left")
    for name in ("run", "account", "play", "priority", "owner", "state", "due"):
        found.add_column(name, no_wrap=name not in ("owner", "state", "due"))
    found.add_column("why", ratio=1)
    for story in stories:
        last, due = story.last, story.due()
        clock = "" if due is None or story.closed else f"{due[1]} {_until(due[0], now)}"
        late = "" if story.closed else "".join(f"late: {step}" for step in story.late[:1])
        when = ", ".join(one for one in (clock, late) if one) or "-"
        account = last.account_id if last.account_name is None else f"{last.account_id} ({last.account_name})"
        found.add_row(
            last.run_id,
            account,
            last.play,
            last.priority,
            last.owner.name,
            state(story, now),
            f"[red]{when}[/red]" if story.overdue(now) else when,
            last.why,
        )
    return found


def data(story: RunStory, now: datetime) -> dict[str, Any]:
    """For machines: the run's last message, without the words only some kinds carry, and what follows from the ones before."""
    last, rest, due = story.last, story.resting(now), story.due()
    whole = last.model_dump(mode="json", exclude={"message", "steps", "who_to_reach", "message_id", "percent", "clock", "due", "unproven"})
    return {
        **whole,
        "kind": last.kind,
        "state": "closed" if story.closed else "resting" if rest is not None else "acknowledged" if story.acknowledged else "waiting",
        "opened": rfc3339(story.first.time),
        "rest": None if rest is None else {"kind": rest.kind, "reason": rest.reason, "until": rest.until and rfc3339(rest.until)},
        "next_due": None if due is None or story.closed else {"clock": due[1], "at": rfc3339(due[0])},
        "overdue": story.overdue(now),
        "breached": list(story.breached),
        "late_steps": [] if story.closed else list(story.late),
    }


def _until(moment: datetime, now: datetime) -> str:
    seconds = (moment - now).total_seconds()
    return f"in {span(seconds)}" if seconds > 0 else f"{span(-seconds)} ago"


def span(seconds: float) -> str:
    """How long, in the largest unit of which there are two: `90m`, `47h`, `12d`."""
    for unit, size in (("d", 86_400), ("h", 3600), ("m", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f}{unit}"
    return f"{seconds:.0f}s"
