"""What is known about contracts and how sure anyone is of their renewal."""

from schemas.events.event import Event
from streams.processing.account import PROFILE
from streams.processing.cells import Cells
from streams.signals.calendar import calendar_of, day_number
from streams.signals.state import CONTRACTS, Contract, Contracts

MAX_CONTRACTS = 50
_RANK = {"low": 0, "medium": 1, "high": 2}
_OTHER = 3


def fold_contract(cells: Cells, event: Event) -> None:
    """contract.started, contract.renewed, contract.ended; an event older than what dated the contract does not date it."""
    data, contract_id = event.data, event.data["contract_id"]
    if event.type == "contract.ended":
        if contract_id in cells[CONTRACTS].by_id:
            del cells.edit(CONTRACTS).by_id[contract_id]
        return
    _fold_profile(cells, event)
    contracts = cells.edit(CONTRACTS).by_id
    contract = contracts.get(contract_id)
    if contract is None:
        if len(contracts) >= MAX_CONTRACTS:
            del contracts[next(iter(contracts))]
        contract = contracts[contract_id] = Contract()
    renewal_date = data.get("renewal_date")
    if event.type == "contract.renewed":
        contract.renewed_ms = max(contract.renewed_ms, event.time_ms)
    elif renewal_date is None:
        return
    if event.time_ms >= contract.dated_ms:
        contract.dated_ms = event.time_ms
        contract.renewal_day = None if renewal_date is None else day_number(renewal_date)
        start, acv = data.get("start"), data.get("acv")
        contract.start_day = None if start is None else day_number(start)
        contract.acv = contract.acv if acv is None else float(acv)


def fold_confidence(cells: Cells, event: Event) -> None:
    """renewal.confidence: the latest statement by event time stands; of two at the same time the lower."""
    contract_id, confidence, at = event.data.get("contract_id"), event.data["confidence"], event.time_ms
    if contract_id is None:
        target: Contract | Contracts = cells.edit(CONTRACTS)
    elif contract_id in cells[CONTRACTS].by_id:
        target = cells.edit(CONTRACTS).by_id[contract_id]
    else:
        return
    if (at, -_rank(confidence)) >= (target.stated_ms, -_rank(target.stated)):
        target.stated_ms, target.stated = at, confidence


def contract_meant(cells: Cells, event: Event) -> str:
    """The contract an event is about: the one it names, else the account's only one, else the account's own id."""
    named = event.data.get("contract_id")
    if named is not None:
        return str(named)
    known = cells[CONTRACTS].by_id
    return next(iter(known)) if len(known) == 1 else cells.account_id


def confidence_of(contracts: Contracts, contract: Contract) -> str | None:
    """The confidence that stands for a contract: its own or the account's, whichever is later, since its last renewal."""
    stated = [(at, -_rank(word), word) for at, word in ((contract.stated_ms, contract.stated), (contracts.stated_ms, contracts.stated))]
    at, _, word = max(stated, key=lambda item: item[:2])
    return word if at > contract.renewed_ms else None


def _rank(word: str | None) -> int:
    return _RANK.get(word or "", _OTHER)


def _fold_profile(cells: Cells, event: Event) -> None:
    data, profile = event.data, cells[PROFILE]
    if event.type == "contract.started":
        start = data.get("start")
        day = calendar_of(profile.timezone).day_of(event.time_ms) if start is None else day_number(start)
        first, known_ms = profile.first_contract_start_day, profile.first_contract_known_ms
        if first is None or day < first or (day == first and known_ms is not None and event.time_ms < known_ms):
            profile = cells.edit(PROFILE)
            profile.first_contract_start_day, profile.first_contract_known_ms = day, event.time_ms
    acv = data.get("acv")
    if acv is not None and event.time_ms >= (profile.contract_acv_ms or 0):
        profile = cells.edit(PROFILE)
        profile.contract_acv, profile.contract_acv_ms = float(acv), event.time_ms
