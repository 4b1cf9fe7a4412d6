"""What a running Playcall knows of an account, and what its people hold: out of the state that its tasks keep."""

import asyncio
from dataclasses import replace

from schemas.catalogue import ROSTER_STATE, STATE
from streams.cli.known import Known, Records
from streams.engine.partition_cells import PARTITION_ACCOUNT
from streams.engine.store import SEPARATOR
from streams.kafka.state_log import read_state
from streams.settings import Settings

_NOT_ACCOUNTS = (b"@", b"#", SEPARATOR)  # people, pools, and what is nobody's own: see `streams.roster.cells`


def account_state(settings: Settings, account_id: str) -> Records:
    """The account's cells; empty where it is not known there. Raises BrokerError."""
    prefix = account_id.encode() + SEPARATOR
    return asyncio.run(read_state(settings, STATE, lambda key: key.startswith(prefix), account_id))


def roster_state(settings: Settings, account_id: str) -> Records:
    """The cells of all people and pools, and those of the account. Raises BrokerError."""
    prefix, own = account_id.encode() + SEPARATOR, PARTITION_ACCOUNT.encode()
    return asyncio.run(read_state(settings, ROSTER_STATE, lambda key: key.startswith((prefix, *_NOT_ACCOUNTS)) and not key.startswith(own)))


def with_live_loads(known: Known, settings: Settings) -> Known:
    """The same account, with what people hold where Playcall runs."""
    if settings.roster == "off":
        return replace(known, roster={}, remarks=(*known.remarks, "no roster runs (`roster: off`)"), answers=False)
    roster, where = roster_state(settings, known.account_id), settings.topic(ROSTER_STATE)
    if not roster:
        remark = f"{where} at {settings.bootstrap} holds nothing: no roster has run there"
        return replace(known, roster={}, remarks=(*known.remarks, remark))
    return replace(known, roster=roster, held_by=f"{where} at {settings.bootstrap} says")


def live(settings: Settings, account_id: str) -> Known | None:
    """Account and people as they are where Playcall runs; None where nobody has told it of the account. Raises BrokerError."""
    state, where = account_state(settings, account_id), settings.topic(STATE)
    if not state:
        return None
    return with_live_loads(Known(account_id, state, {}, f"{where} at {settings.bootstrap}"), settings)
