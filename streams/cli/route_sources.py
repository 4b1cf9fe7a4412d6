"""From what people hand to `playcall route test` to what is known of account and people."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import typer

from streams.cli.account_file import AccountFile, refuse
from streams.cli.compose import Configuration
from streams.cli.known import Known
from streams.cli.live_state import live, with_live_loads
from streams.cli.preview import SAMPLE_ACCOUNT
from streams.cli.recorded_runs import with_recorded
from streams.cli.retracing import retrace
from streams.cli.run_source import FileRuns
from streams.cli.terminal import progress
from streams.clock import SystemClock
from streams.settings import Settings


def time_of(trigger: Path, stated: object) -> datetime:
    """The moment a trigger states. Exits with REFUSED where it is none."""
    try:
        moment = datetime.fromisoformat(str(stated))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise refuse(f"{trigger}: `time` {stated!r} is no moment with an offset: write 2026-03-02T09:15:00Z")
    return moment


@dataclass(frozen=True, slots=True)
class Sources:
    """The file of the trigger, that of its account, those of runs, and where Playcall runs."""

    trigger: Path
    account: Path | None
    runs: tuple[Path, ...]
    settings: Settings | None

    def known(self, account_id: object, running: Configuration, at_ms: int) -> Known:
        """How things stand just before `at_ms`, live as of now. `account_id` as the trigger states it; `running`: the rules of histories.

        Exits with REFUSED, and why, where that cannot be said.
        """
        named = None if account_id is None else str(account_id)
        if self.settings is not None and self.account is None:
            return self._live(named, self.settings)
        known = retrace(running, self._reader(named), at_ms, SystemClock().now_ms())
        if self.settings is not None:
            progress(f"reading what people hold at {self.settings.bootstrap}")
            return with_live_loads(known, self.settings)
        return self._recorded(known, at_ms) if self.runs else known

    def _live(self, account_id: str | None, settings: Settings) -> Known:
        if account_id is None:
            raise refuse(f"{self.trigger}: say whose trigger it is (`account_id`), or give --account")
        progress(f"reading the state at {settings.bootstrap}")
        known = live(settings, account_id)
        if known is None:
            raise refuse(f"nothing is known of the account {account_id} at {settings.bootstrap}: check `account_id`, or give --account")
        return known

    def _reader(self, account_id: str | None) -> AccountFile:
        """What the trigger leaves out the file says, and the other way round."""
        if self.account is None:
            return SAMPLE_ACCOUNT if account_id is None else SAMPLE_ACCOUNT.of(account_id)
        reader = AccountFile.read(self.account, account_id)
        if account_id not in (None, reader.account_id):
            whose = f"{self.trigger} is about the account {account_id}, {self.account} about {reader.account_id}"
            raise refuse(f"{whose}: give the events of the trigger's account")
        if reader.dated:
            progress(f"reading the events of {reader.account_id}")
        return reader

    def _recorded(self, known: Known, at_ms: int) -> Known:
        where = ", ".join(str(path) for path in self.runs)
        progress(f"reading {where}")
        files = FileRuns(self.runs)
        found = with_recorded(known, files.messages(), at_ms, where)
        if files.unreadable:
            typer.echo(f"  {files.unreadable:,} records unreadable, the first: {files.first_problem}", err=True)
        return found
