"""From logs draw by draw to published prices moved, with ranges."""

from __future__ import annotations

import math

import numpy as np
from scipy.stats import norm

from pricing.scenarios.base import Published, ScenarioBase
from pricing.scenarios.found import Effects, Move, Ranged
from pricing.scenarios.solve import Logs

Floats = np.ndarray

EDGES = (0.10, 0.90)
WIDEST = math.log(1000.0)  # beyond a factor of a thousand a range says nothing more
REACH = float(norm.ppf(EDGES[1]))
REGIONS = ("china", "ex_china")


def moved(published: tuple[float, float, float], logs: Floats, widened: float) -> Move:
    """Return a published price moved by what each draw's price does (N,), logs.

    The range of the level and that of the effect add in quadrature, in logs, `widened` times.
    """
    centre, low, high = published
    baseline = Ranged(centre, low, high)
    if not logs.any():  # nothing moves it, so nothing about it is less certain either
        return Move(baseline, baseline, Ranged(0.0, 0.0, 0.0))
    effect, spread = float(logs.mean()), REACH * float(logs.std()) * widened
    below, above = (widened * abs(math.log(edge / centre)) for edge in (low, high))
    below, above = (min(math.hypot(edge, spread), WIDEST) for edge in (below, above))
    spread = min(spread, WIDEST)
    scenario = Ranged(centre * math.exp(effect), centre * math.exp(effect - below), centre * math.exp(effect + above))
    least, most = (effect - spread, effect + spread)
    return Move(baseline, scenario, Ranged(math.expm1(effect), math.expm1(least), math.expm1(most)))


def effects(base: ScenarioBase, e: int, now: Logs, rest: Logs, widened: float, *, on_path: bool = False) -> Effects:
    """Return the prices of material `e` under a scenario: `now` at today's plants or in a quarter, `rest` adjusted."""
    published = base.published[base.facts.materials[e]]
    market = _market(published, e, now, widened)
    fair = moved(published.fair_long_run, rest.fair[:, e], widened)
    return Effects(
        market=market,
        fair=fair,
        wedge=_wedges(base, market, fair),
        market_adjusted={} if on_path else _market(published, e, rest, widened),
        fair_short_run=None if on_path else moved(published.fair_short_run, now.fair[:, e], widened),
    )


def _market(published: Published, e: int, logs: Logs, widened: float) -> dict[str, Move]:
    return {
        region: moved((price := published.market[region], price, price), values[:, e], widened)
        for region, values in zip(REGIONS, (logs.china, logs.outside), strict=True)
    }


def _wedges(base: ScenarioBase, market: dict[str, Move], fair: Move) -> dict[str, Move]:
    """Return market less fair by region, each on that region's basis: at works in China, freight less."""
    freight = base.deflator * float(base.draws["freight"].mean())
    found = {}
    for region in REGIONS:
        less = freight if region == "china" else 0.0
        before, after = (
            _less(getattr(market[region], end), getattr(fair, end), less) for end in ("baseline", "scenario")
        )
        found[region] = Move(before, after, Ranged(math.nan, math.nan, math.nan))
    return found


def _less(market: Ranged, fair: Ranged, freight: float) -> Ranged:
    """Return a market price less a fair one; a high fair price makes for a low wedge."""
    centre = market.value - (fair.value - freight)
    below = math.hypot(market.value - market.low, fair.high - fair.value)
    above = math.hypot(market.high - market.value, fair.value - fair.low)
    return Ranged(centre, centre - below, centre + above)
