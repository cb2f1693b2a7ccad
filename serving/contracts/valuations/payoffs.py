"""What a leg pays per kilogram against its reference, as the few points between which it is straight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from pricing.contracts.valuation.clause_legs import ClauseLeg
from pricing.contracts.valuation.legs import Leg, Payer, Paying, Side
from serving.contracts.valuations.schemas import Points
from serving.rounding import DIGITS

Floats = np.ndarray
REACH = 0.5  # how far a payoff is drawn below the lowest and above the highest of its levels and its deck


def payoff(leg: Paying, references: Sequence[str], place: int, deck: Mapping[str, float]) -> Points:
    """Return points (reference in USD/kg, USD/kg to the seller) at the terms of a period, before money caps and starts.

    Several references move together, in the proportions of their deck; the first one is told.
    """
    if not references:
        return ()
    first = deck[references[0]]
    if isinstance(leg, Leg):
        strike = float(_at(leg.strike, place))
        grid = _grid([strike], first)
        below = leg.side is Side.BELOW
        paid = np.maximum(strike - grid if below else grid - strike, 0.0) * float(_at(leg.share, place))
        return _points(grid, paid if leg.payer is Payer.BUYER else -paid)
    if not isinstance(leg, ClauseLeg):
        return ()
    numbers = {name: float(_at(number, place)) for name, number in leg.numbers.items()}
    kept, added = numbers.get("kept", 1.0), numbers.get("added", 0.0)
    stated = [numbers[name] for name in leg.clause.LEVELS if name in numbers]
    grid = _grid([*stated, *((level - added) / kept for level in stated if kept > 0)], first)
    at = {name: grid * (deck[name] / first) for name in references}
    per_kg = leg.clause.usd_per_kg({name: np.asarray(number) for name, number in numbers.items()}, at)
    return _points(grid, np.broadcast_to(per_kg, grid.shape))


def levels(leg: Paying) -> tuple[float, float] | None:
    """Return a leg's level in USD/kg in the first and the last period; None where it has none."""
    if isinstance(leg, Leg):
        return round(float(_at(leg.strike, 0)), DIGITS), round(float(_at(leg.strike, -1)), DIGITS)
    if not isinstance(leg, ClauseLeg):
        return None
    own = [leg.numbers[name] for name in leg.clause.LEVELS if name in leg.numbers]
    return (round(float(own[0][0]), DIGITS), round(float(own[0][-1]), DIGITS)) if own else None


def _grid(kinks: Sequence[float], deck: float) -> Floats:
    low, high = min([*kinks, deck]) * REACH, max([*kinks, deck]) * (1 + REACH)
    return np.array(sorted({low, high, deck, *(kink for kink in kinks if low < kink < high)}))


def _points(grid: Floats, paid: Floats) -> Points:
    return tuple(zip(np.round(grid, DIGITS).tolist(), (np.round(paid, DIGITS) + 0.0).tolist(), strict=True))


def _at(values: Floats, place: int) -> float:
    found = np.asarray(values, dtype=float)
    return float(found if found.ndim == 0 else found[place])
