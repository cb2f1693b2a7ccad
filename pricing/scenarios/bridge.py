"""The bridge from baseline to scenario: what each override does alone, and what they do beyond that together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pricing.costs.normal_value import Variant
from pricing.scenarios.base import ScenarioBase
from pricing.scenarios.effects import REGIONS, Solved, effects
from pricing.scenarios.found import BridgeLine, Effects, NormalValueMove
from pricing.scenarios.scenario import Scenario

TOGETHER = "together"
STILL = 1e-7  # of a log price, below which it does not move: what the solver leaves
UNDISTORTED = (
    Variant.UNDISTORTED,
    Variant.MARKET_ECONOMY,
)  # what a fair price rests on, of routes outside and in China


def alone(base: ScenarioBase, e: int, found: Solved) -> tuple[Effects, float]:
    """Return what one override does to a material, and the share of draws in which it moves any of its prices."""
    logs = [getattr(logs, side) for logs in (found.now, found.rest) for side in ("china", "outside", "fair")]
    moves = np.max([np.abs(log[:, e]) for log in logs], axis=0) > STILL
    return effects(base, e, found), float(moves.mean())


def bridge_lines(
    scenario: Scenario,
    whole: Effects,
    parts: Sequence[tuple[Effects, float]],
    costs: Sequence[tuple[NormalValueMove, ...]],
) -> tuple[BridgeLine, ...]:
    """Return the lines of one material from what each override does alone; `costs` are the normal values it moves."""
    moved_costs = costs or [()] * len(scenario.overrides)
    lines = [
        BridgeLine(override.lever.name, *_changes(part), moved, tuple(one for one in plants if _undistorted(one)))
        for override, (part, moved), plants in zip(scenario.overrides, parts, moved_costs, strict=False)
    ]
    if len(lines) > 1:
        sums = np.array([[line.fair, line.market_china, line.market_ex_china] for line in lines]).sum(axis=0)
        fair, china, outside = (np.array(_changes(whole)) - sums).tolist()
        lines.append(BridgeLine(TOGETHER, fair, china, outside, 1.0))
    return tuple(lines)


def _undistorted(move: NormalValueMove) -> bool:
    return move.variant in UNDISTORTED


def _changes(found: Effects) -> tuple[float, float, float]:
    moves = (found.fair, *(found.market[region] for region in REGIONS))
    fair, china, outside = (move.scenario.value - move.baseline.value for move in moves)
    return fair, china, outside
