"""Landed prices: what a market price of oxide costs an importer at a stage, duty paid.

From China: at works without VAT, up the ladder made in China, with China's export duty (oxide alone) and the VAT that
it does not refund (oxide and metal; on magnets all is refunded), then freight and the importer's tariff, which falls on
FOB in the United States and on CIF elsewhere. From others: the price outside China as delivered, up the ladder made
there, and the tariff on it. What a licence or a quota is worth is no price that an importer is quoted: it is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from pricing.scenarios.targets import CHINA, UNITED_STATES
from pricing.stages.ladder import Ladder, Stage
from pricing.stages.tariff import Carriage, DutyOn, shipped_fob

ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Passage:
    """What stands between a market and an importer: shares of value, and freight in USD/kg of the stage."""

    importer: str
    origin: str
    stage: Stage
    tariff: Decimal
    export_duty: Decimal
    vat_kept: Decimal  # VAT that is not refunded
    freight: Decimal

    def landed(self, oxide: Decimal, ladder: Ladder) -> Decimal | None:
        """Return the landed price, USD/kg of the stage, of a market price of oxide; None where no step is known."""
        price = ladder.prices(Stage.OXIDE, oxide).get(self.stage)
        if price is None:
            return None
        if self.origin != CHINA:
            return price * (ONE + self.tariff)
        duty_on = DutyOn.FOB if self.importer == UNITED_STATES else DutyOn.CIF
        return shipped_fob(price * self._exported(), Carriage(self.freight), duty_on).landed(self.tariff)

    def _exported(self) -> Decimal:
        """Return the price at the port over that at works."""
        kept = ONE if self.stage is Stage.MAGNET else ONE + self.vat_kept
        return kept * (ONE + self.export_duty if self.stage is Stage.OXIDE else ONE)
