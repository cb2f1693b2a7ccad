"""Last quotes by month as known on each month's vintage day: rare earths by place, and metals that teach beside them.

FOB China is the export quote; NdPr follows Nd over the stated divisor. China domestic is ex VAT in USD at the month's
rate, its evidence as in `market_price`: only months whose last domestic quote is known by its day count as quoted. A
month known only as a mean is no quote: a mean moves with its past, and less than a price does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from features.forecast_settings import recipe
from features.market_prices import market_price
from features.ndpr_proxy import ndpr_proxy
from features.panel import FloatArray, monthly_as_first_known
from features.price_view import PriceView, priced_months
from pricing.market.history import Evidence
from pricing.materials import Material

if TYPE_CHECKING:
    from features.dataset import Dataset

FOB, DOMESTIC, OUTSIDE, METAL = "fob_china", "china_domestic", "ex_china", "metal"
PROXY = "Nd"
TEACHER = "Pr"  # quoted FOB beside Nd; learnt from, never served


@dataclass(frozen=True)
class Quotes:
    """One series by month (T,): last quote and mean in USD/kg, which months are quotes of this very market, and whose.

    Months without a figure are NaN; `day` is the quote's day, empty where only a monthly mean is known, which then
    stands in `last`: such a month of a rare earth is not `quoted`. Metals are means throughout.
    """

    name: str
    place: str
    last: FloatArray
    mean: FloatArray
    quoted: np.ndarray
    day: tuple[str, ...]
    evidence: tuple[str, ...]
    source: tuple[str, ...]


def forecast_months(dataset: Dataset) -> tuple[str, ...]:
    """Return the months that series of the forecast stand on, to the last whose vintage day is reached."""
    last = priced_months(dataset)[-1]
    return tuple(str(month) for month in pd.period_range(recipe().first_month, last, freq="M"))


def forecast_quotes(dataset: Dataset) -> list[Quotes]:
    """Return every series: three materials FOB, Pr FOB, three materials domestic, then the metals."""
    months = forecast_months(dataset)
    view = PriceView(dataset, priced_months(dataset), "as_known")
    rare = [*(_fob(view, name) for name in (*Material, TEACHER)), *(_domestic(dataset, view, m) for m in Material)]
    return [*(_spread(quotes, view.months, months) for quotes in rare), *_metals(dataset, months)]


def delivered_quotes(dataset: Dataset, material: str) -> int:
    """Return in how many months a quote of the material delivered outside China was known in time."""
    view = PriceView(dataset, priced_months(dataset), "as_known")
    return int(view.figures(material, OUTSIDE)["mean"].notna().sum())


def last_over_mean(view: PriceView, material: str, basis: pd.Series) -> FloatArray:
    """Return last quote over mean of the figures each month was read from (T,); 1 without a dated quote."""
    ratio = np.ones(len(view.months))
    for market in (DOMESTIC, FOB, OUTSIDE):
        for own in (material, PROXY):
            figures = view.figures(own, market)
            used = basis.str.contains(market) & (basis.str.contains("nd_proxy") == (own == PROXY))
            found = (figures["last"] / figures["mean"]).fillna(1.0).to_numpy(dtype=float)
            ratio = np.where(used, found, ratio)
    return ratio


def _fob(view: PriceView, name: str) -> Quotes:
    proxied = name == Material.NDPR
    figures = view.figures(PROXY if proxied else name, FOB)
    mean, last = (figures[column].to_numpy(dtype=float) for column in ("mean", "last"))
    dated = ~np.isnan(last)
    last = np.where(dated, last, mean)
    kind = Evidence.DERIVED if proxied else Evidence.OBSERVED
    return Quotes(
        name=name,
        place=FOB,
        last=ndpr_proxy(last) if proxied else last,
        mean=ndpr_proxy(mean) if proxied else mean,
        quoted=dated,
        day=_days(figures["last_day"]),
        evidence=tuple(kind.value if known else "" for known in ~np.isnan(last)),
        source=tuple(_source("nd_proxy:fob_china" if proxied else FOB, found) for found in figures["source"]),
    )


def _domestic(dataset: Dataset, view: PriceView, material: Material) -> Quotes:
    prices = market_price(dataset, material.value, "china", "as_known", view.months)
    mean = prices["price"].to_numpy(dtype=float)
    return Quotes(
        name=material.value,
        place=DOMESTIC,
        last=mean * last_over_mean(view, material.value, prices["basis"]),
        mean=mean,
        quoted=prices["basis"].str.contains(DOMESTIC).to_numpy(dtype=bool) & prices["quote_day"].notna().to_numpy(),
        day=_days(prices["quote_day"]),
        evidence=tuple(prices["evidence"]),
        source=tuple(_source(basis, found) for basis, found in zip(prices["basis"], prices["source"], strict=True)),
    )


def _metals(dataset: Dataset, months: Sequence[str]) -> Iterator[Quotes]:
    for name in recipe().metals:
        value = monthly_as_first_known(dataset.panel, name, months, how="exact")
        known = ~np.isnan(value)
        nothing = ("",) * len(months)
        yield Quotes(name, METAL, value, value, known, nothing, nothing, nothing)


def _spread(quotes: Quotes, months: Sequence[str], wanted: Sequence[str]) -> Quotes:
    """Return quotes on more months, empty where they have none."""
    ahead = wanted.index(months[0])
    gap, none = np.full(ahead, np.nan), ("",) * ahead
    return Quotes(
        quotes.name,
        quotes.place,
        np.r_[gap, quotes.last],
        np.r_[gap, quotes.mean],
        np.r_[np.zeros(ahead, dtype=bool), quotes.quoted],
        none + quotes.day,
        none + quotes.evidence,
        none + quotes.source,
    )


def _days(days: pd.Series) -> tuple[str, ...]:
    return tuple(days.dt.strftime("%Y-%m-%d").fillna(""))


def _source(basis: str, source: object) -> str:
    return f"{basis} ({source})" if isinstance(source, str) and source else ""
