"""From prices found to prices shown: rounded, so that differences and wedges add up again from what is shown."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from pricing.market.supply import Region
from pricing.scenarios.found import Effects, Move, Ranged
from serving.rounding import rounded
from serving.scenarios.payment_schemas import MoveOut, RangeOut
from serving.scenarios.schemas import PointOut

SHARE_DIGITS = 6
NOTHING = RangeOut(None, None, None)
CHINA = Region.CHINA.value


@dataclass(frozen=True, slots=True)
class Shown:
    """How a material is shown: whether its fair price is a point, and by what freight it is less in China."""

    pointed: bool
    freight: float


def number(value: float) -> float | None:
    """Return a rounded number; None where there is none."""
    return rounded(value) if math.isfinite(value) else None


def share(value: float) -> float | None:
    """Return a share with SHARE_DIGITS decimals; None where there is none."""
    return round(value, SHARE_DIGITS) + 0.0 if math.isfinite(value) else None


def difference(before: float | None, after: float | None) -> float | None:
    """Return what lies between two shown numbers."""
    return None if before is None or after is None else rounded(after - before)


def ends(found: Ranged) -> tuple[float, float] | None:
    """Return a shown range; None where there is none."""
    low, high = number(found.low), number(found.high)
    return None if low is None or high is None else (low, high)


def move(found: Move, *, pointed: bool = True) -> MoveOut:
    """Return a price moved; without a point, its ranges alone, and its change."""
    before, after = (_range(ranged, pointed=pointed) for ranged in (found.baseline, found.scenario))
    change = found.change
    changed = RangeOut(*(share(value) for value in (change.value, change.low, change.high)))
    return MoveOut(before, after, difference(before.value, after.value), None if changed == NOTHING else changed)


def wedge(effects: Effects, region: str, shown: Shown) -> MoveOut:
    """Return market less fair on a region's basis; its points are those of the shown market and fair price."""
    ranges = move(effects.wedge[region], pointed=shown.pointed)
    before, after = (
        replace(getattr(ranges, end), value=_gap(effects, region, shown, end)) for end in ("baseline", "scenario")
    )
    return MoveOut(before, after, difference(before.value, after.value), None)


def point(found: Move, *, pointed: bool = True) -> PointOut:
    """Return a price under the scenario in one quarter, and its change."""
    at = _range(found.scenario, pointed=pointed)
    return PointOut(at.value, at.low, at.high, share(found.change.value))


def _gap(effects: Effects, region: str, shown: Shown, end: str) -> float | None:
    price = number(getattr(effects.market[region], end).value)
    fair = number(getattr(effects.fair, end).value)
    if not shown.pointed or price is None or fair is None:
        return None
    return rounded(price - fair + (shown.freight if region == CHINA else 0.0))


def _range(found: Ranged, *, pointed: bool) -> RangeOut:
    return RangeOut(number(found.value) if pointed else None, number(found.low), number(found.high))
