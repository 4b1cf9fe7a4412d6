"""An account as people hand it to a command: the fields of its profile, or a list of its events."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
import typer

from plays.rules.book import RuleBook
from schemas.catalogue import input_topics
from schemas.events.event import Event
from schemas.events.registry import TOPICS_OF
from schemas.records.wire import rfc3339, utc
from streams.cli.compose import Configuration
from streams.cli.exits import REFUSED
from streams.clock import SystemClock
from streams.processing.moment import Moment
from streams.signals.context import Context
from streams.signals.driver import Driver
from streams.signals.processor import SignalsProcessor
from streams.signals.timeline import events_of

_MAX_BYTES = 10_000_000


def read_json(path: Path) -> Any:
    """The JSON of a small file. Exits with REFUSED, and why, where it cannot be read."""
    try:
        raw = path.read_bytes()
        if len(raw) > _MAX_BYTES:
            raise refuse(f"{path} is larger than {_MAX_BYTES} bytes: give what concerns one account")
        return orjson.loads(raw)
    except OSError as error:
        raise refuse(f"{path} cannot be read ({(error.strerror or str(error)).lower()})") from None
    except orjson.JSONDecodeError as error:
        raise refuse(f"{path}: not JSON: {error}") from None


def refuse(why: str) -> typer.Exit:
    """Says why on stderr; raise what it returns."""
    typer.echo(f"playcall: {why}", err=True)
    return typer.Exit(REFUSED)


class AccountFile:
    """Events of a file, or a profile as one event, taken in by the processor that takes them in live.

    Events may leave out type (account.updated), account_id, event_id, source and occurred_at: what has no date is known from the first
    moment on.
    """

    def __init__(self, name: str, payloads: Sequence[Mapping[str, Any]], account_id: str | None = None) -> None:
        """`account_id`: whose they are where they do not say so."""
        self.name = name
        accounts = {str(one["account_id"]) for one in payloads if "account_id" in one}
        if len(accounts) > 1:
            raise refuse(f"{name}: events of {len(accounts)} accounts ({', '.join(sorted(accounts)[:3])}, ...): give those of one")
        self.stated_id = next(iter(accounts), None)
        self.account_id = self.stated_id or account_id or "the account"
        usual = {"type": "account.updated", "account_id": self.account_id, "source": name}
        self._payloads = [{"event_id": f"{index}", **usual, **one} for index, one in enumerate(payloads)]

    @classmethod
    def read(cls, path: Path, account_id: str | None = None) -> "AccountFile":
        """The file's account. Exits with REFUSED, and why, for what is neither an object nor a list of them."""
        stated = read_json(path)
        payloads = stated if isinstance(stated, list) else [stated]
        if not payloads or not all(isinstance(one, dict) for one in payloads):
            raise refuse(f"{path}: give an object with the fields of account.updated, or a list of events")
        return cls(str(path), payloads, account_id)

    def of(self, account_id: str) -> "AccountFile":
        """The same as if it were about this account."""
        return AccountFile(self.name, [{**one, "account_id": account_id} for one in self._payloads])

    def context(self, configuration: Configuration) -> Context:
        """What is known of the account after its last event, and that event's time; what has no date is of now."""
        driver = Driver(SignalsProcessor(RuleBook([]), configuration.segments), self.account_id)
        driver.run(event for event, _ in self.events(SystemClock().now_ms()))
        return Context(driver.cells, Moment(driver.now_ms), configuration.segments)

    @property
    def dated(self) -> bool:
        """Whether any event says when it happened: there is a history."""
        return any("occurred_at" in one for one in self._payloads)

    def events(self, undated_ms: int) -> list[tuple[Event, bytes]]:
        """The events and how a publisher would write them, in order of their times; those without one are of `undated_ms`, before others.

        Exits with REFUSED, and why, for what no publisher could send.
        """
        undated = rfc3339(utc(undated_ms))
        whole = [{"occurred_at": undated, **one} for one in self._payloads]
        for one in whole:
            topics = TOPICS_OF.get(one["type"], ())
            if topics and topics[0] not in input_topics():
                raise refuse(f"{self.name}: {one['type']} is no event of an account, it belongs on the topic {topics[0]}: leave it out")
        try:
            found = list(zip(events_of(whole), map(orjson.dumps, whole), strict=True))
        except (ValueError, KeyError, TypeError) as error:
            raise refuse(f"{self.name}: {error}") from None
        return sorted(found, key=lambda one: one[0].time_ms)
