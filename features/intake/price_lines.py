"""Monthly prices as lines: one publisher's figures of one material on one basis, brought to USD/kg without VAT."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from features.dataset import Dataset
from features.intake.rows import Entry
from features.panel import FloatArray, month_number
from features.policy import monthly_policy
from features.replaced import standing
from features.tables import PRICE_KEY

LINE = tuple(name for name in PRICE_KEY if name != "month")
TAXED = ("included", "unknown", "not refunded")  # China refunds no VAT on oxide, so its FOB price holds it
FX = "usd_cny"


@dataclass(frozen=True)
class Lines:
    """Monthly prices sorted by line and month, with `line`, `number` (months since year 0) and `level` (log USD/kg)."""

    frame: pd.DataFrame
    yuan_per_usd: float

    @classmethod
    def of(cls, dataset: Dataset, entries: Iterable[Entry]) -> Lines:
        """Return the standing prices of a dataset with new ones in them, marked by FILE:LINE in `row`."""
        new = [{**entry.values, "row": entry.row} for entry in entries]
        prices = standing(dataset.prices, PRICE_KEY).assign(row="")
        frame = pd.concat([prices, pd.DataFrame(new)], ignore_index=True) if new else prices
        frame = frame.drop_duplicates(list(PRICE_KEY), keep="last")  # a revision stands in the place of what it revises
        months = sorted(frame["month"].unique())
        fx = dataset.panel.series(FX)
        rate = fx.assign(month=fx["date"].dt.strftime("%Y-%m")).drop_duplicates("month", keep="last")
        yuan = rate.set_index("month")["value"].reindex(months).ffill().bfill()
        vat = pd.Series(monthly_policy(dataset.policy, "vat", "all", months, "latest") / 100, index=months)
        mean = frame["mean"].to_numpy(dtype=float)
        per_usd = np.where(frame["currency"] == "CNY", frame["month"].map(yuan), 1.0)
        tax = np.where(frame["vat"].isin(TAXED), 1 + frame["month"].map(vat), 1.0)
        frame = frame.assign(
            line=frame[LINE[0]].str.cat(frame[list(LINE[1:])], sep="|"),
            number=month_number(frame["month"].tolist()),
            level=np.log(mean / per_usd / tax),
            log_mean=np.log(mean),
            vat_rate=frame["month"].map(vat),
        )
        return cls(frame.sort_values(["line", "number"], ignore_index=True), float(yuan.iloc[-1]))

    @property
    def new(self) -> dict[str, dict[Any, Any]]:
        """Return the new prices by FILE:LINE."""
        return {str(row["row"]): row for row in self.frame[self.frame["row"] != ""].to_dict("records")}

    def line(self, name: str) -> pd.DataFrame:
        """Return the rows of one line, by month; none of a line that is not there."""
        start, stop = self._bounds.get(name, (0, 0))
        return self.frame.iloc[start:stop]

    def moves(self, name: str, before: int, most_months: int) -> FloatArray:
        """Return the sizes of a line's moves up to a month, each over a root of its months, gaps too long left out."""
        rows = self.line(name)
        rows = rows[rows["number"] < before]
        months = np.diff(rows["number"])
        kept = months <= most_months
        return np.asarray(np.abs(np.diff(rows["log_mean"]))[kept] / np.sqrt(months[kept]), dtype=np.float64)

    def around(self, row: Mapping[Any, Any], since: int, families: Sequence[Sequence[str]]) -> float:
        """Return the median log move of other lines between a month and the row's: other publishers of the material.

        Where there is none, the same publisher's other materials of the family; NaN where there is none either.
        """
        for rows in self._others(row, families):
            ends = (
                rows[rows["number"] == month].drop_duplicates("line").set_index("line")["log_mean"]
                for month in (since, row["number"])
            )
            start, stop = ends
            found = (stop - start).dropna().to_numpy(dtype=float)
            if len(found):
                return float(np.median(found))
        return math.nan

    def strange_moves(self, row: Mapping[Any, Any], families: Sequence[Sequence[str]]) -> FloatArray:
        """Return the sizes of a line's past log moves from month to month that the lines around it did not show."""
        mine = self.line(row["line"])
        own = _monthly_moves(mine[mine["number"] < row["number"]])
        around = own * np.nan
        for rows in self._others(row, families):
            around = around.fillna(_monthly_moves(rows).reindex(own.index))
        return np.asarray((own - around.fillna(0.0)).abs().dropna(), dtype=np.float64)

    def _others(self, row: Mapping[Any, Any], families: Sequence[Sequence[str]]) -> Iterator[pd.DataFrame]:
        rows = self.frame[self.frame["form"] == row["form"]]
        yield rows[(rows["material"] == row["material"]) & (rows["source"] != row["source"])]
        kin = next((family for family in families if row["material"] in family), [])
        near = rows[rows["material"].isin(kin) & (rows["material"] != row["material"])]
        yield near[near["source"] == row["source"]]

    def market(self, row: Mapping[str, Any], home: Sequence[str], months: int) -> FloatArray:
        """Return the log levels of the material of the nearest month back: in the row's market, at home or outside.

        Where its market has none, those of the other.
        """
        same = self.frame[(self.frame["material"] == row["material"]) & (self.frame["form"] == row["form"])]
        same = same[same["number"].between(row["number"] - months, row["number"]) & (same["line"] != row["line"])]
        near = same[same["basis"].isin(list(home)) == (row["basis"] in home)]
        same = same if near.empty else near
        return same.loc[same["number"] == same["number"].max(), "level"].to_numpy(dtype=float)

    @cached_property
    def _bounds(self) -> dict[str, tuple[int, int]]:
        names = self.frame["line"].to_numpy(dtype=object)
        edges = np.flatnonzero(names[1:] != names[:-1]) + 1
        starts, stops = np.r_[0, edges], np.r_[edges, len(names)]
        return {str(names[a]): (int(a), int(b)) for a, b in zip(starts, stops, strict=True)}


def _monthly_moves(rows: pd.DataFrame) -> pd.Series[float]:
    """Return the median log move of lines from each month to the next, by month; months without one are missing."""
    if rows.empty:
        return pd.Series(dtype=float)
    levels = rows.pivot_table(index="number", columns="line", values="log_mean")
    months = range(int(levels.index.min()), int(levels.index.max()) + 1)
    return levels.reindex(months).diff().median(axis=1).dropna()
