"""Every kind of sum, by its word."""

from __future__ import annotations

from pricing.contracts.sums.commitments import CapOnShare, Exposure, TakeOrPayExposure, TonnesForSum
from pricing.contracts.sums.figures import Sum
from pricing.contracts.sums.levels import QuoteAgainstFloor, RealValue, States, Units
from pricing.contracts.sums.supply import CarbonateSum, DiscountForFloor, PlantPrice, PriceStep, ProductionCredit

KINDS: tuple[type[Sum], ...] = (
    RealValue,
    Units,
    QuoteAgainstFloor,
    States,
    Exposure,
    TakeOrPayExposure,
    TonnesForSum,
    CapOnShare,
    DiscountForFloor,
    CarbonateSum,
    PriceStep,
    PlantPrice,
    ProductionCredit,
)
