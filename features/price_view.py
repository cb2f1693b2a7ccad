"""Monthly price figures as one vintage sees them: which rows, which exchange rate, which VAT."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from features.panel import VINTAGE_DAY, FloatArray, month_number, monthly, monthly_as_first_known, vintage_day
from features.policy import Vintage, monthly_policy
from features.replaced import standing
from features.rules import price_rules
from features.tables import PRICE_KEY

if TYPE_CHECKING:
    from features.dataset import Dataset

FIRST_MONTH = "2010-07"  # the first of the dense FOB series
PRIVATE_FEED = "private feed"  # a user's own, before all others
CLASS_ORDER = (PRIVATE_FEED, "public agency", "price agency", "exchange", "association", "press", "producer")
LIST_PRICE = "producer"  # a producer's list price is an offer, not a market


def priced_months(dataset: Dataset) -> tuple[str, ...]:
    """Return the months from 2010-07 to the last whose vintage day the dataset has reached."""
    last = pd.Period(dataset.last_day, "M")
    while vintage_day(str(last)) > dataset.last_day:
        last -= 1
    return tuple(str(month) for month in pd.period_range(FIRST_MONTH, last, freq="M"))


@dataclass(frozen=True)
class PriceView:
    """The oxide prices of a dataset over months, as known on each month's vintage day or as they stand now."""

    dataset: Dataset
    months: tuple[str, ...]
    vintage: Vintage

    def figures(self, material: str, basis: str) -> pd.DataFrame:
        """Return the best monthly figure of each month (T,): mean, low, high, count, last_day, source, known_at.

        Best is the publisher class first in CLASS_ORDER, then the national currency, then the most quotes. Producers'
        list prices of the Chinese market never count. Months without a figure are NaN.
        """
        rows = self._prices[(self._prices["material"] == material) & (self._prices["basis"] == basis)]
        best = rows.sort_values(["month", "rank", "dollar", "count"], ascending=[True, True, True, False])
        return best.drop_duplicates("month").set_index("month").reindex(self.index)

    def highest(self, material: str, bases: Sequence[str]) -> FloatArray:
        """Return the highest mean any publisher has for a month on one of the bases (T,)."""
        rows = self._prices[(self._prices["material"] == material) & self._prices["basis"].isin(bases)]
        return rows.groupby("month")["mean"].max().reindex(self.index).to_numpy(dtype=float)

    def two_publishers(self, material: str, basis: str, at_least: int) -> tuple[FloatArray, FloatArray]:
        """Return the means of a month's two best publishers with enough quotes each (T,), NaN where one is alone."""
        rows = self._prices[(self._prices["material"] == material) & (self._prices["basis"] == basis)]
        rows = rows[(rows["count"] >= at_least) & ~rows["dollar"]].sort_values(["month", "rank", "count"])
        place = rows.groupby("month").cumcount()
        first, second = (rows[place == n].set_index("month")["mean"].reindex(self.index) for n in (0, 1))
        return first.to_numpy(dtype=float), second.to_numpy(dtype=float)

    def usd_ex_vat(self, figures: pd.DataFrame) -> FloatArray:
        """Return the figures' means in USD/kg without VAT (T,): by the month's FX and the month's VAT rate.

        A Chinese quote that does not say counts as VAT included, the convention of that market.
        """
        rate = np.where(figures["currency"] == "CNY", self.yuan_per_usd, 1.0)
        taxed = figures["vat"].isin(["included", "unknown"])
        return figures["mean"].to_numpy(dtype=float) / rate / np.where(taxed, 1 + self.vat, 1.0)

    def half_width(self, material: str, count: FloatArray) -> FloatArray:
        """Return the half-width of the 80 % band of a monthly mean seen through `count` quotes (T,), as a share."""
        sampling = self.movement(material) / np.sqrt(np.maximum(count, 1.0))
        return np.hypot(sampling, price_rules()["assessor_error"]["half_width"])

    def movement(self, material: str) -> FloatArray:
        """Return how far a month's last quote strays from its mean (T,): a high quantile over two years around it."""
        rule = price_rules()["sampling"]
        fob = self.figures(material, "fob_china")
        stray = (fob["last"] / fob["mean"] - 1).abs()
        window = stray.rolling(2 * rule["at_least"], min_periods=rule["at_least"], center=self.vintage == "latest")
        return window.quantile(rule["quantile"]).fillna(rule["prior_movement"]).to_numpy(dtype=float)

    def duty(self, material: str) -> FloatArray:
        """Return the export duty in force as a share (T,)."""
        return monthly_policy(self.dataset.policy, "export_duty", material, self.months, self.vintage) / 100

    def between(self, first: str, last: str) -> np.ndarray:
        """Return which months lie in [first, last] (T,)."""
        numbers = month_number(self.months)
        start, stop = month_number([first, last])
        return (numbers >= start) & (numbers <= stop)

    @property
    def index(self) -> pd.Index[str]:
        """Return the months as an index named `month`."""
        return pd.Index(list(self.months), name="month")

    @cached_property
    def yuan_per_usd(self) -> FloatArray:
        """Return the month's mean exchange rate (T,), NaN where not yet published."""
        read = monthly if self.vintage == "latest" else monthly_as_first_known
        return read(self.dataset.panel, "usd_cny", self.months, how="exact")

    @cached_property
    def vat(self) -> FloatArray:
        """Return the Chinese VAT rate of the month as a share (T,)."""
        return monthly_policy(self.dataset.policy, "vat", "all", self.months, self.vintage) / 100

    @cached_property
    def _prices(self) -> pd.DataFrame:
        table = self.dataset.prices
        table = table[(table["form"] == "oxide") & table["month"].isin(self.months)]
        listed = (table["publisher_class"] == LIST_PRICE) & (table["basis"] == "china_domestic")
        table = table[~listed | (table["vat"] == "excluded")]  # without VAT it is an average a producer reported
        if self.vintage == "as_known":
            table = table[table["known_at"] <= _vintage_days(table["month"])]
        table = standing(table, PRICE_KEY)
        rank = table["publisher_class"].map({name: place for place, name in enumerate(CLASS_ORDER)})
        return table.assign(rank=rank.fillna(len(CLASS_ORDER)), dollar=table["currency"] == "USD")


def _vintage_days(months: pd.Series[str]) -> pd.Series[pd.Timestamp]:
    first = pd.PeriodIndex(months, freq="M") + 1
    days = first.to_timestamp() + pd.Timedelta(days=VINTAGE_DAY - 1)
    return pd.Series(days, index=months.index)
