"""Which touch model an account gets when its publisher does not say."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

TouchModel = Literal["high", "mid", "tech"]

_MONTHS = 12
_STATED: dict[str | None, TouchModel] = {"high": "high", "mid": "mid", "tech": "tech"}


class TouchBands(BaseModel):
    """Least annual contract value (ACV, account currency) of the bands above tech."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    high: float = Field(gt=0, allow_inf_nan=False)
    mid: float = Field(gt=0, allow_inf_nan=False)

    def touch_model(
        self, stated: str | None, strategic: bool, acv: float | None, contract_acv: float | None, mrr: float | None
    ) -> TouchModel:
        """The stated model if we know the word; strategic accounts are high; else by ACV, or 12 x MRR; unknown is tech."""
        if stated in _STATED:
            return _STATED[stated]
        if strategic:
            return "high"
        value = _value(acv, contract_acv, mrr)[0]
        return "high" if value >= self.high else "mid" if value >= self.mid else "tech"

    def because(self, stated: str | None, strategic: bool, acv: float | None, contract_acv: float | None, mrr: float | None) -> str:
        """Why `touch_model` says what it says, in words."""
        if stated in _STATED:
            return "its publisher says so"
        if strategic:
            return "it is strategic"
        value, what = _value(acv, contract_acv, mrr)
        return f"{what} {value:,.15g}; high from {self.high:,.15g}, mid from {self.mid:,.15g}"


def _value(acv: float | None, contract_acv: float | None, mrr: float | None) -> tuple[float, str]:
    if acv is not None:
        return acv, "its annual contract value is"
    if contract_acv is not None:
        return contract_acv, "its profile says no annual contract value, its latest contract"
    if mrr is not None:
        return _MONTHS * mrr, "no annual contract value is known, twelve months of its MRR are"
    return 0.0, "neither annual contract value nor MRR is known, which counts as"
