"""A price out of all range beside the last ones like it: told as the one slip of unit that explains it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from features.intake.cells import Cells
from features.intake.price_lines import FX
from features.intake.slips import UNIT_SLIP, named
from features.rules import intake_rules

ALIKE = ("material", "form", "basis", "vat", "currency")


def tell_as_slip(cells: Cells, words: Mapping[str, str], unit: str) -> None:
    """Put one slip of unit in the place of the figures out of range, where the mean is off by just that.

    The mean is set beside the last means held of the same material, form, basis, VAT and currency.
    """
    beyond = [one for one in cells.held if one.rule == "range"]
    off = next((one for one in beyond if one.found.startswith("mean ")), None)
    prices = cells.known.dataset.prices
    for name in ALIKE:
        prices = prices[prices[name] == words[name]]
    mean = float(cells.row.cells["mean"]) if off else 0.0
    if off is None or prices.empty or mean <= 0:
        return
    last = float(prices.loc[prices["month"] == prices["month"].max(), "mean"].median())
    yuan_per_usd = float(cells.known.dataset.panel.series(FX)["value"].iloc[-1])
    rule, may_be = named(math.log(mean / last), intake_rules(), yuan_per_usd)
    if rule == UNIT_SLIP:
        found = f"a mean of {mean:,.6g} {unit} after {last:,.6g}; {may_be}"
        cells.held = [one for one in cells.held if one not in beyond]
        cells.held.append(replace(off, rule=rule, found=found))
