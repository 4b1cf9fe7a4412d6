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
        value = acv if acv is not None else contract_acv
        if value is None:
            value = 0.0 if mrr is None else _MONTHS * mrr
        return "high" if value >= self.high else "mid" if value >= self.mid else "tech"
