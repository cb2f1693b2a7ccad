"""What oxide traded at, per region, on one stated basis: USD per kg of oxide without VAT, nominal.

China: at works. Outside China: delivered; what a buyer pays for Chinese oxide there holds the VAT that China does not
refund, so nothing is taken out of it. Each month takes the first evidence there is, in a fixed order, and says which:

China       1 domestic quotes less VAT at the month's FX   2 (NdPr) domestic Nd less VAT over 1.03
            3 FOB less VAT, only while FOB was the domestic price with VAT   4 FOB before May 2015 less duty, VAT, rent
Outside     1 quotes delivered outside China   2 (NdPr) FOB quotes of NdPr   3 FOB, for NdPr as Nd over 1.03
            After the export licence on Dy and Tb the FOB is a nominal price: the month is a band without a point.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from features.ndpr_proxy import ndpr_proxy, proxy_band
from features.panel import FloatArray
from features.policy import Vintage, vat_rate
from features.price_view import PriceView, priced_months
from features.rules import price_rules
from pricing.errors import DataError
from pricing.market.history import Evidence

if TYPE_CHECKING:
    from features.dataset import Dataset

__all__ = ["Region", "market_price", "priced_months", "vat_rate"]

Region = Literal["china", "ex_china"]
DERIVED_FROM_FOB = "derived:fob"
EXPORT_BASES = ("fob_china", "ex_china", "cif_rotterdam")
NUMBERS = ("price", "low", "high")
TEXT = ("evidence", "basis", "source")
DAYS = ("quote_day", "known_at")


@dataclass(frozen=True)
class Candidate:
    """One kind of evidence over all months (T,): point, band, and the figures it was read from."""

    price: FloatArray
    low: FloatArray
    high: FloatArray
    evidence: Evidence
    basis: str
    figures: pd.DataFrame

    def frame(self) -> pd.DataFrame:
        """Return the candidate as a table; a month with neither point nor band is empty."""
        numbers = dict(zip(NUMBERS, (self.price, self.low, self.high), strict=True))
        table = pd.DataFrame(numbers, index=self.figures.index)
        table = table.assign(evidence=self.evidence.value, basis=self.basis, source=self.figures["source"])
        table = table.assign(quote_day=self.figures["last_day"], known_at=self.figures["known_at"])
        return table[table["low"].notna()]


def market_price(
    dataset: Dataset, material: str, region: Region, vintage: Vintage, months: Sequence[str] | None = None
) -> pd.DataFrame:
    """Return the market price by month: price, low, high (USD/kg oxide ex VAT, 80 % band) and where they come from.

    `evidence` is observed, derived or prior; `basis` names the quote behind it, `derived:fob` where the China price of
    the month comes from the same FOB quote. Months without evidence are NaN; a band without a point has price NaN.
    `as_known` reads each month from the rows public on its vintage day, `latest` from all rows.
    """
    _check(material, region)
    view = PriceView(dataset, tuple(months or priced_months(dataset)), vintage)
    china = _first_of(_china(view, material), view)
    if region == "china":
        return china
    outside = _first_of(_outside(view, material), view)
    shared = china["basis"].str.contains("fob_china") & outside["basis"].str.contains("fob_china")
    outside.loc[shared, "evidence"] = Evidence.DERIVED.value
    outside.loc[shared, "basis"] = DERIVED_FROM_FOB
    return outside


def _check(material: str, region: str) -> None:
    if material not in {"NdPr", "Dy", "Tb"} or region not in {"china", "ex_china"}:
        msg = f"no market price of {material} in {region}; materials are NdPr, Dy, Tb, regions china and ex_china."
        raise DataError(msg)


def _china(view: PriceView, material: str) -> list[Candidate]:
    quotes = view.figures(material, "china_domestic")
    candidates = [_within(view, material, quotes, view.usd_ex_vat(quotes), Evidence.OBSERVED, "china_domestic")]
    if material == "NdPr":
        nd = view.figures("Nd", "china_domestic")
        low, high = proxy_band(view)
        price = ndpr_proxy(view.usd_ex_vat(nd))
        basis = "nd_proxy:china_domestic"
        candidates.append(Candidate(price, price * low, price * high, Evidence.DERIVED, basis, nd))
    return [*candidates, _fob_less_vat(view, material), _fob_before_2015(view, material)]


def _outside(view: PriceView, material: str) -> list[Candidate]:
    freight = price_rules()["freight_usd_per_kg"]["central"]
    delivered = view.figures(material, "ex_china")
    price = delivered["mean"].to_numpy(dtype=float)
    quoted = _within(view, material, delivered, price, Evidence.OBSERVED, "ex_china")
    if material != "NdPr":
        return [_thin_after_licence(view, material, quoted), *_fob_delivered(view, material)]
    own = view.figures("NdPr", "fob_china")
    own_price = own["mean"].to_numpy(dtype=float) + freight
    fob_quotes = _within(view, material, own, own_price, Evidence.OBSERVED, "fob_china")
    return [quoted, fob_quotes, *_fob_delivered(view, material)]


def _within(
    view: PriceView, material: str, figures: pd.DataFrame, price: FloatArray, evidence: Evidence, basis: str
) -> Candidate:
    """Return a price read from quotes, its band from how few they are and how far assessors differ."""
    half = view.half_width(_dense(material), figures["count"].to_numpy(dtype=float))
    return Candidate(price, price * (1 - half), price * (1 + half), evidence, basis, figures)


def _fob(view: PriceView, material: str) -> tuple[pd.DataFrame, FloatArray, FloatArray, FloatArray]:
    """Return the FOB figures and their price, low and high (T,); for NdPr by the Nd proxy with its band."""
    figures = view.figures(_dense(material), "fob_china")
    mean = figures["mean"].to_numpy(dtype=float)
    half = view.half_width(_dense(material), figures["count"].to_numpy(dtype=float))
    low, high = proxy_band(view) if material == "NdPr" else (1.0, 1.0)
    price = ndpr_proxy(mean) if material == "NdPr" else mean
    return figures, price, price * low * (1 - half), price * high * (1 + half)


def _fob_less_vat(view: PriceView, material: str) -> Candidate:
    rule = price_rules()["fob_equals_domestic_with_vat"]
    figures, price, low, high = _fob(view, material)
    inside = np.where(view.between(str(rule["first"]), str(rule["last"])), 1.0, np.nan) / (1 + view.vat)
    error = rule["error"]
    basis = "nd_proxy:fob_china less VAT" if material == "NdPr" else "fob_china less VAT"
    low, high = low * inside * (1 - error), high * inside * (1 + error)
    return Candidate(price * inside, low, high, Evidence.DERIVED, basis, figures)


def _fob_before_2015(view: PriceView, material: str) -> Candidate:
    rule = price_rules()["fob_before_2015"]
    figures, price, low, high = _fob(view, material)
    residual = {name: np.full(len(view.months), np.nan) for name in ("low", "central", "high")}
    for span in rule["residual"]:
        inside = view.between(str(span["first"]), str(span["last"])) & (span["material"] == material)
        for name, values in residual.items():
            values[inside] = span[name]
    taxes = (1 + view.vat) * (1 + view.duty(material))
    basis = "nd_proxy:fob_china less duty, VAT, rent" if material == "NdPr" else "fob_china less duty, VAT, rent"
    point = price / taxes / residual["central"]
    bounds = low / taxes / residual["high"], high / taxes / residual["low"]
    return Candidate(point, *bounds, Evidence.DERIVED, basis, figures)


def _fob_delivered(view: PriceView, material: str) -> list[Candidate]:
    """Return FOB plus freight while it was a market; for Dy and Tb after the licence, a band without a point."""
    freight = price_rules()["freight_usd_per_kg"]
    figures, price, low, high = _fob(view, material)
    high = high * _disagreement(view, material)
    low, high = low + freight["low"], high + freight["high"]
    if material == "NdPr":
        return [Candidate(price + freight["central"], low, high, Evidence.DERIVED, "nd_proxy:fob_china", figures)]
    licensed = _after_licence(view)
    before = np.where(licensed, np.nan, 1.0)
    market = Candidate(
        (price + freight["central"]) * before, low * before, high * before, Evidence.OBSERVED, "fob_china", figures
    )
    after = np.where(licensed, 1.0, np.nan)
    ceiling = np.maximum(price * price_rules()["europe_spot"]["carried_high_ratio"], high)
    nothing = np.full(len(view.months), np.nan)
    basis = "band: nominal FOB to European spot"
    return [market, Candidate(nothing, low * after, ceiling * after, Evidence.PRIOR, basis, figures)]


def _thin_after_licence(view: PriceView, material: str, quoted: Candidate) -> Candidate:
    """Return European quotes of Dy or Tb; after the licence their band starts at the nominal FOB."""
    _, _, fob_low, _ = _fob(view, material)
    thin = _after_licence(view) & ~np.isnan(quoted.price)
    low = np.where(thin, np.fmin(fob_low + price_rules()["freight_usd_per_kg"]["low"], quoted.low), quoted.low)
    high = np.where(thin, np.fmax(quoted.figures["high"].to_numpy(dtype=float), quoted.high), quoted.high)
    return replace(quoted, low=low, high=high)


def _disagreement(view: PriceView, material: str) -> FloatArray:
    """Return the highest publisher over the dense FOB figure, carried a few months (T,); 1 before 2025-08."""
    rule = price_rules()["assessors_disagree"]
    dense = _dense(material)
    fob = view.figures(dense, "fob_china")["mean"].to_numpy(dtype=float)
    ratio = pd.Series(np.fmax(view.highest(dense, EXPORT_BASES) / fob, 1.0))
    carried = ratio.rolling(rule["months"], min_periods=1).max().fillna(1.0).to_numpy(dtype=float)
    return np.where(view.between(str(rule["first"]), view.months[-1]), carried, 1.0)


def _after_licence(view: PriceView) -> np.ndarray:
    return view.between(str(price_rules()["europe_spot"]["first"])[:7], max(view.months[-1], "2025-04"))


def _dense(material: str) -> str:
    """Return the material whose dense series stands behind a price: Nd for NdPr."""
    return "Nd" if material == "NdPr" else material


def _first_of(candidates: list[Candidate], view: PriceView) -> pd.DataFrame:
    """Return each month's first candidate; text is empty and days are NaT where there is none."""
    tables = [candidate.frame() for candidate in candidates]
    stacked = pd.concat(tables)
    table = stacked[~stacked.index.duplicated()].reindex(view.index)
    table = table.astype(dict.fromkeys(NUMBERS, float)).fillna(dict.fromkeys(TEXT, ""))
    return table[[*NUMBERS, *TEXT, *DAYS]]
