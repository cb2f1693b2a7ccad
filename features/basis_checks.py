"""Checks of price bases against each other: a gap of just the VAT, and a relation that breaks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from features.findings import Finding, Severity
from features.panel import FloatArray
from features.price_view import PriceView, priced_months
from features.rules import price_rules

if TYPE_CHECKING:
    from features.dataset import Dataset

MATERIALS = ("NdPr", "Nd", "Pr", "Dy", "Tb")


def vat_smells(dataset: Dataset, rules: dict[str, Any]) -> Iterator[Finding]:
    """Yield months in which two prices that should agree differ by just the VAT of the month.

    While FOB equals the domestic price with VAT the two are compared; so are any two publishers of domestic prices.
    """
    view = PriceView(dataset, priced_months(dataset), "latest")
    window = price_rules()["fob_equals_domestic_with_vat"]
    inside = view.between(str(window["first"]), str(window["last"]))
    for material in MATERIALS:
        for name, ratio in _pairs(view, material, inside, rules["vat_smell"]["at_least_quotes"]):
            off = np.minimum(np.abs(np.log(ratio) - np.log1p(view.vat)), np.abs(np.log(ratio) + np.log1p(view.vat)))
            for place in np.flatnonzero(off < rules["vat_smell"]["tolerance"]):
                yield Finding(
                    Severity.WARNING, "prices_monthly", f"{material} {view.months[place]}",
                    f"{name} = {ratio[place]:.3f}, just the VAT of {view.vat[place]:.0%}", "1 within a few per cent",
                    "See whether one of the two is quoted without VAT; the month's evidence stays as it is marked.",
                )  # fmt: skip


def basis_breaks(dataset: Dataset, rules: dict[str, Any]) -> Iterator[Finding]:
    """Yield months at which FOB over the domestic price with VAT steps: one of the two changed its basis."""
    view = PriceView(dataset, priced_months(dataset), "latest")
    rule = rules["basis_break"]
    for material in MATERIALS:
        ratio = pd.Series(np.log(_fob_over_domestic(view, material, at_least=1)))
        before = ratio.rolling(rule["months"]).mean()
        step = before.shift(-rule["months"]) - before
        turning = step.abs() == step.abs().rolling(2 * rule["months"] - 1, center=True, min_periods=1).max()
        for place in np.flatnonzero(turning & (step.abs() > rule["step"])):
            yield Finding(
                Severity.WARNING, "prices_monthly", f"{material} after {view.months[place]}",
                f"FOB over domestic with VAT steps from {np.exp(before[place]):.2f} by {np.expm1(step[place]):+.0%}",
                f"a step below {rule['step']:.0%}",
                "A duty, a quota, a licence or a publisher's basis; never join the two sides into one series.",
            )  # fmt: skip


def _pairs(view: PriceView, material: str, inside: np.ndarray, at_least: int) -> Iterator[tuple[str, FloatArray]]:
    fob = _fob_over_domestic(view, material, at_least)
    yield "FOB over domestic with VAT", np.where(inside, fob, np.nan)
    first, second = view.two_publishers(material, "china_domestic", at_least)
    yield "one domestic publisher over another", first / second


def _fob_over_domestic(view: PriceView, material: str, at_least: int) -> FloatArray:
    fob, domestic = view.figures(material, "fob_china"), view.figures(material, "china_domestic")
    enough = (fob["count"] >= at_least) & (domestic["count"] >= at_least)
    ratio = fob["mean"].to_numpy(dtype=float) / (view.usd_ex_vat(domestic) * (1 + view.vat))
    return np.where(enough, ratio, np.nan)
