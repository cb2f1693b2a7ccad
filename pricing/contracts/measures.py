"""Measures and words that both engines of contracts share: the cent, the tonne, and what is done about VAT."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from pricing.price import Unit

CENT = Decimal("0.01")
KG_PER_TONNE = Decimal(1000)
KG_PER_UNIT = {Unit.KG: Decimal(1), Unit.T: KG_PER_TONNE, Unit.LB: Decimal("0.45359237")}  # NIST SP 811, app. B


class VatRule(StrEnum):
    """What to do when the index and the floor treat VAT differently."""

    REFUSE = "refuse"
    CONVERT = "convert"  # take VAT out of the index at the rate in force in each month
    AS_QUOTED = "as_quoted"  # the parties settle on the number as published
