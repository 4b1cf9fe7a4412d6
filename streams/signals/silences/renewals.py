"""Silences of renewals."""

from collections.abc import Iterable

from plays.rules.detectors.silence import SilenceParameters
from streams.signals.context import Context
from streams.signals.detector import topics_of
from streams.signals.facts.renewals import RENEWALS
from streams.signals.silences.last import Last, Silence

_TYPES = frozenset({"renewal.stage_changed", "contract.renewed", "contract.ended"})


def _stage(context: Context, parameters: SilenceParameters) -> Iterable[Last]:  # noqa: ARG001 every stage alike
    for contract_id, renewal in context.cells[RENEWALS].by_contract.items():
        if not renewal.closed:
            yield Last(contract_id, renewal.since_ms, facts={"stage": renewal.stage})


def _lost(context: Context, parameters: SilenceParameters, contract_id: str) -> bool:  # noqa: ARG001 every stage alike
    renewal = context.cells[RENEWALS].by_contract.get(contract_id)
    return renewal is not None and renewal.lost


SILENCES = (Silence("renewal_stage", "no change of the stage of the renewal", _stage, _TYPES, topics_of(_TYPES), _lost),)
