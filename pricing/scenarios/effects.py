"""From logs draw by draw to published prices moved, with ranges."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from pricing.scenarios.base import Published, ScenarioBase
from pricing.scenarios.found import Effects, Move, Ranged
from pricing.scenarios.solve import Logs

Floats = np.ndarray

EDGES = (0.10, 0.90)
WIDEST = math.log(1000.0)  # beyond a factor of a thousand a range says nothing more
REGIONS = ("china", "ex_china")


@dataclass(frozen=True)
class Solved:
    """What a case does: logs at today's plants or in a quarter, and adjusted (N, E) each."""

    now: Logs
    rest: Logs


Doubts = Sequence[tuple[float, Solved]]  # how far an override lies beyond the evidence, and what it does alone


def moved(published: tuple[float, float, float], logs: Floats, doubt: float) -> Move:
    """Return a published price moved by what each draw's price does (N,), logs.

    The range of the level and that of the effect, the 10th to the 90th of a hundred draws, add in quadrature, in logs;
    `doubt`, what overrides beyond the evidence may do besides, is added to both sides. A centre of NaN stays without a
    point, its range moves.
    """
    centre, low, high = published
    baseline = Ranged(centre, low, high)
    if not logs.any():  # nothing moves it, so nothing about it is less certain either
        return Move(baseline, baseline, Ranged(0.0, 0.0, 0.0))
    effect = float(logs.mean())
    middle = centre if math.isfinite(centre) else math.sqrt(low * high)  # of a range without a point
    least, most = (float(edge) for edge in np.quantile(logs, EDGES))
    less, more = (max(side, 0.0) for side in (effect - least, most - effect))
    below, above = (abs(math.log(edge / middle)) for edge in (low, high))
    below, above = (min(math.hypot(a, b) + doubt, WIDEST) for a, b in ((below, less), (above, more)))
    scenario = Ranged(centre * math.exp(effect), middle * math.exp(effect - below), middle * math.exp(effect + above))
    less, more = (min(side + doubt, WIDEST) for side in (less, more))
    return Move(baseline, scenario, Ranged(math.expm1(effect), math.expm1(effect - less), math.expm1(effect + more)))


def effects(base: ScenarioBase, e: int, found: Solved, doubts: Doubts = (), *, on_path: bool = False) -> Effects:
    """Return the prices of material `e` under a scenario; on a path `now` and `rest` are the same quarter."""
    published = base.published[base.facts.materials[e]]
    now, rest = found.now, found.rest
    market = _market(published, e, now, [(far, alone.now) for far, alone in doubts])
    fair = moved(
        published.fair_long_run, rest.fair[:, e], _doubt((far, alone.rest.fair[:, e]) for far, alone in doubts)
    )
    short = moved(published.fair_short_run, now.fair[:, e], _doubt((far, a.now.fair[:, e]) for far, a in doubts))
    return Effects(
        market=market,
        fair=fair,
        wedge=_wedges(published, market, fair),
        market_adjusted={} if on_path else _market(published, e, rest, [(far, alone.rest) for far, alone in doubts]),
        fair_short_run=None if on_path else short,
    )


def _doubt(doubts: Iterable[tuple[float, Floats]]) -> float:
    """Return what overrides beyond the evidence may do besides, as a log: each its own effect as often as it lies out.

    How far it lies out is the distance to the range over the range's own width: what nobody saw is guessed from what
    was seen.
    """
    return math.fsum(far * abs(float(logs.mean())) for far, logs in doubts)


def _market(published: Published, e: int, logs: Logs, doubts: Sequence[tuple[float, Logs]]) -> dict[str, Move]:
    found = {}
    for region, side in zip(REGIONS, ("china", "outside"), strict=True):
        doubt = _doubt((far, getattr(alone, side)[:, e]) for far, alone in doubts)
        price = (published.market[region], *published.market_range[region])
        found[region] = moved(price, getattr(logs, side)[:, e], doubt)
    return found


def _wedges(published: Published, market: dict[str, Move], fair: Move) -> dict[str, Move]:
    """Return market less fair by region, each on that region's basis: at works in China, freight less."""
    found = {}
    for region in REGIONS:
        less = published.freight if region == "china" else 0.0
        ends = ("baseline", "scenario")
        before, after = (_less(getattr(market[region], end), getattr(fair, end), less) for end in ends)
        found[region] = Move(before, after, Ranged(math.nan, math.nan, math.nan))
    return found


def _less(market: Ranged, fair: Ranged, freight: float) -> Ranged:
    """Return a market price less a fair one; a high fair price makes for a low wedge."""
    centre = market.value - (fair.value - freight)
    below = math.hypot(market.value - market.low, fair.high - fair.value)
    above = math.hypot(market.high - market.value, fair.value - fair.low)
    return Ranged(centre, centre - below, centre + above)
