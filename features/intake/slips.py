"""What a move that is too large may be: a slip of units, of currency, of a decimal place, or of VAT."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

VAT_SLIP, UNIT_SLIP, JUMP = "vat", "unit_slip", "jump"
SLIPS = frozenset({VAT_SLIP, UNIT_SLIP, JUMP})


def vat_near(move: float, rules: Mapping[str, Any]) -> float | None:
    """Return the rate of VAT that a log move is just one of, either way, or None.

    >>> vat_near(math.log(1 / 1.13), {"vat": {"rates": [0.13, 0.17], "tolerance": 0.02}})
    0.13
    """
    rule = rules["vat"]
    rates = [rate for rate in rule["rates"] if abs(abs(move) - math.log1p(rate)) < rule["tolerance"]]
    return min(rates, key=lambda rate: abs(abs(move) - math.log1p(rate)), default=None)


def named(move: float, rules: Mapping[str, Any], yuan_per_usd: float) -> tuple[str, str]:
    """Return the rule that a too large log move falls under, and what it may be, in words."""
    if rate := vat_near(move, rules):
        return VAT_SLIP, f"just the VAT of {rate:.0%}: {'with' if move > 0 else 'without'} it where it was not before?"
    slips = {**rules["slips"]["factors"], "yuan for dollars": yuan_per_usd}
    off = {name: abs(abs(move) - math.log(factor)) for name, factor in slips.items()}
    nearest = min(off, key=lambda name: off[name])
    if off[nearest] < rules["slips"]["tolerance"]:
        return UNIT_SLIP, f"about {slips[nearest]:,g} times: {nearest}?"
    return JUMP, "more than it has ever moved"
