"""What a clause pays per kilogram against its reference, as the few points between which it is straight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

import numpy as np

from pricing.contracts.settlement_plan import LegPlan
from serving.contracts.valuation_schemas import Points
from serving.rounding import DIGITS

Floats = np.ndarray
REACH = 0.5  # how far a payoff is drawn below the lowest and above the highest of its levels and its deck


def payoff(leg: LegPlan, place: int, deck: Mapping[str, float]) -> Points:
    """Return points (reference in USD/kg, USD/kg to the seller) at the terms of a period, before money caps.

    Several references move together, in the proportions of their deck; the first one is told.
    """
    numbers, names = leg.numbers[place], leg.clause.references
    if not names:
        return ()
    first = deck[names[0]]
    grid = np.array(_grid(leg, numbers, first))
    at = {name: grid * (deck[name] / first) for name in names}
    per_kg = leg.clause.usd_per_kg({name: np.asarray(float(number)) for name, number in numbers.items()}, at)
    paid = np.broadcast_to(per_kg, grid.shape)
    return tuple(zip(np.round(grid, DIGITS).tolist(), (np.round(paid, DIGITS) + 0.0).tolist(), strict=True))


def _grid(leg: LegPlan, numbers: Mapping[str, Decimal], deck: float) -> Sequence[float]:
    kept, added = float(numbers.get("kept", 1)), float(numbers.get("added", 0))
    levels = [float(numbers[name]) for name in leg.clause.LEVELS if name in numbers]
    kinks = {*levels, *((level - added) / kept for level in levels if kept > 0)}
    low, high = min([*kinks, deck]) * REACH, max([*kinks, deck]) * (1 + REACH)
    return sorted({low, high, deck, *(kink for kink in kinks if low < kink < high)})
