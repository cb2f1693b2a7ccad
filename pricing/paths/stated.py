"""The process and the jumps that stated parameters describe."""

from __future__ import annotations

from collections.abc import Sequence

from pricing.parameters import ParameterSet
from pricing.paths.jumps import PolicyJumps
from pricing.paths.process import PriceProcess, TwoFactor


def stated_process(parameters: ParameterSet, items: Sequence[str]) -> PriceProcess:
    """Return the joint process of the items, in their order; InputError for an item without a volatility.

    Names: volatility.ITEM, shock_correlation.ITEM_ITEM, variance_ratio_24_months, short_reversion_per_year and
    level_reversion_per_year.
    """
    shared = [
        parameters.value(name)
        for name in ("variance_ratio_24_months", "short_reversion_per_year", "level_reversion_per_year")
    ]
    factors = tuple(TwoFactor.from_moments(parameters.value(f"volatility.{item}"), *shared) for item in items)
    rows = tuple(tuple(_correlation(parameters, a, b) for b in items) for a in items)
    return PriceProcess(tuple(items), factors, rows)


def stated_jumps(parameters: ParameterSet) -> PolicyJumps:
    """Return the stress of policy jumps below `jumps`."""
    sizes = tuple((name, one.value) for name, one in parameters.under("jumps.log_size").items())
    per_year, spread, half_life = (
        parameters.value(f"jumps.{name}") for name in ("per_year", "spread", "half_life_years")
    )
    return PolicyJumps(per_year, sizes, spread, half_life)


def _correlation(parameters: ParameterSet, a: str, b: str) -> float:
    if a == b:
        return 1.0
    name = f"shock_correlation.{a}_{b}"
    return parameters.value(name if name in parameters else f"shock_correlation.{b}_{a}")
