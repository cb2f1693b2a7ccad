"""The tables of a bundle: their columns, what identifies a row, and the check they share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, NoReturn

import numpy as np
import pandas as pd

from pricing.errors import BundleError
from pricing.explain.lines import CHANGES, COSTS, MARGIN
from pricing.market.supply import Region, SupportSet

HORIZONS = ("long_run", "short_run")
QUANTILES = (2.5, 10, 25, 50, 75, 90, 97.5)  # per cent: the edges of the 95, 80 and 50 % intervals and the median
STATISTICS = ("mean", *(f"p{q:g}" for q in QUANTILES))
MC_ERROR = "mc_se"  # Monte Carlo standard error of the headline's mean: another seed moves it by about as much
STATUSES = ("estimate", "band", "refused")
INCENTIVE_TONNES = (10_000, 15_000, 20_000)  # t NdPr oxide a year outside China

# What a wedge is made of; `unexplained` closes the sum.
WEDGE_ITEMS = (
    "subsidy_explicit",
    "support_financing",
    "support_plant_capital",
    "environment",
    "production_quota",
    "illegal_output",
    "export_duty_and_quota",
    "export_licence",
    "vat_not_refunded",
    "stockpiling",
    "western_responses",
    "capacity_and_start",
    "unexplained",
)


def fair_column(horizon: str, support: str, statistic: str) -> str:
    """Return the name of a column of fair prices.

    >>> fair_column("long_run", "market_economy", "p50")
    'long_run.market_economy.p50'
    """
    return f"{horizon}.{support}.{statistic}"


def cost_column(line: str) -> str:
    """Return the name of a column that holds one part of a month's fair price.

    >>> cost_column("energy")
    'cost.energy'
    """
    return f"cost.{line}"


def change_column(line: str) -> str:
    """Return the name of a column that holds what a line added to the fair price since the first month.

    >>> change_column("inflation")
    'change.inflation'
    """
    return f"change.{line}"


def _history_numbers() -> tuple[str, ...]:
    regions = [region.value for region in Region]
    return (
        "deflator",
        "ess",
        *(f"market.{region}{edge}" for region in regions for edge in ("", ".low", ".high")),
        *(fair_column(h, s.value, x) for h in HORIZONS for s in SupportSet for x in STATISTICS),
        fair_column(HORIZONS[0], SupportSet.MARKET_ECONOMY.value, MC_ERROR),
        *(f"p_market_below_fair.{region}" for region in regions),
        *(f"wedge.{region}.total" for region in regions),
        *(f"wedge.{r}.{item}{edge}" for r in regions for item in WEDGE_ITEMS for edge in ("", ".low", ".high")),
        *(f"model.{region}" for region in regions),
        *(f"incentive.{tonnes}" for tonnes in INCENTIVE_TONNES),
    )


def _history_text() -> tuple[str, ...]:
    marks = (f"market.{region.value}.{mark}" for region in Region for mark in ("evidence", "basis", "quote_day"))
    return ("material", "month", "vintage_day", "status", "reason", *marks)


@dataclass(frozen=True)
class Table:
    """Shape of one table. Columns not named in `text` are numbers; further columns are welcome."""

    name: str
    key: tuple[str, ...]  # identifies a row
    text: tuple[str, ...]
    numbers: tuple[str, ...]

    def parse(self, source: IO[str]) -> pd.DataFrame:
        """Return the table from CSV: text as text (missing = ""), numbers as floats (missing = NaN)."""
        raw = pd.read_csv(source, dtype=str, keep_default_na=False)
        self._need_columns(raw)
        frame = pd.DataFrame({column: self._typed(raw, str(column)) for column in raw.columns})
        self.check(frame)
        return frame

    def check(self, frame: pd.DataFrame) -> None:
        """Raise BundleError for a missing column, a repeated row, or a number that is text or infinite."""
        self._need_columns(frame)
        repeated = frame.duplicated(list(self.key))
        if repeated.any():
            row = frame.loc[repeated, list(self.key)].iloc[0].tolist()
            self._refuse(f"row {row} appears twice")
        for column in self.numbers:
            values = frame[column]
            if not pd.api.types.is_numeric_dtype(values):
                self._refuse(f"column {column} holds text; expected numbers")
            if np.isinf(values.to_numpy(dtype=float)).any():
                self._refuse(f"column {column} holds an infinite number")

    def _need_columns(self, frame: pd.DataFrame) -> None:
        missing = [column for column in (*self.text, *self.numbers) if column not in frame]
        if missing:
            more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
            self._refuse(f"missing column {', '.join(missing[:3])}{more}")

    def _typed(self, raw: pd.DataFrame, column: str) -> pd.Series:
        if column in self.numbers:
            return pd.to_numeric(raw[column].mask(raw[column] == "")).astype(float)
        return raw[column]

    def _refuse(self, what: str) -> NoReturn:
        msg = f"bundle table {self.name}: {what}."
        raise BundleError(msg)


_HISTORY = (("material", "month"), _history_text(), _history_numbers())

TABLES = {
    table.name: table
    for table in (
        Table("history_as_known", *_HISTORY),
        Table("history_latest", *_HISTORY),
        Table(
            "incentive",  # step curve of the ex-China incentive price, nominal USD/kg NdPr oxide
            key=("month", "tonnes_ndpr"),
            text=("month", "marginal_project"),
            numbers=("tonnes_ndpr", "price", "low", "high", "heavy_credit_at_fair", "heavy_credit_zero"),
        ),
        Table(
            "cost_stacks",  # normal values, nominal USD per kg of `unit_of`
            key=("route", "variant", "unit_of", "month", "stage", "component"),
            text=("route", "variant", "unit_of", "month", "stage", "component"),
            numbers=("usd_per_kg",),
        ),
        Table(
            "evidence",  # share of each input column that was observed, derived or prior, per year
            key=("material", "year", "column"),
            text=("material", "column"),
            numbers=("year", "observed", "derived", "prior"),
        ),
        Table(
            # Market prices a contract can settle on, USD/kg oxide as the index is quoted. `basis` names the index
            # (fob_china, china_domestic, ex_china, ...); `vat` is included, excluded, not refunded or none;
            # `vat_rate` the rate inside the price (0 when none is). `last_usd_per_kg` is the month's last quote and
            # `last_day` its day; a month with a mean only repeats the mean and the month's last day.
            "references",
            key=("material", "month", "basis"),
            text=("material", "month", "basis", "vat", "evidence", "source", "last_day", "known_at"),
            numbers=("price_usd_per_kg", "vat_rate", "last_usd_per_kg"),
        ),
        Table(
            "fx",  # monthly mean exchange rates: units of `currency` per USD
            key=("month", "currency"),
            text=("month", "currency", "source", "known_at"),
            numbers=("per_usd",),
        ),
        Table("snapshots", key=("month",), text=("month", "vintage_day", "snapshot"), numbers=()),
        Table(
            # What the headline is made of, nominal USD/kg oxide: `cost.*` add up to the month's fair price, `change.*`
            # are running sums since the first month, which add up to its change; demand and plant in t oxide a year.
            "explanations",
            key=("vintage", "material", "month"),
            text=("vintage", "material", "month"),
            numbers=(
                *(cost_column(line) for line in (*COSTS, MARGIN)),
                *(change_column(line) for line in CHANGES),
                "demand_t",
                "capacity_t",
            ),
        ),
        Table(
            # What the last month's fair price owes to each prior: its move, as a share, with a parameter at the prior's
            # 10th and 90th percentile; the share of its variance; mean and spread after evidence, in spreads of the
            # prior; 1 where the data taught something. A material's row `not linear` closes its shares.
            "tornado",
            key=("vintage", "material", "parameter"),
            text=("vintage", "material", "parameter"),
            numbers=("swing_low", "swing_high", "share", "shift", "spread", "identified"),
        ),
        Table(
            "assumption_range",  # the last month's fair price under other assumptions, nominal USD/kg and over headline
            key=("material", "vintage", "assumption_set"),
            text=("material", "vintage", "assumption_set"),
            numbers=("fair_usd_per_kg", "ratio"),
        ),
    )
}


def empty_table(name: str) -> pd.DataFrame:
    """Return a table without rows."""
    table = TABLES[name]
    columns: dict[str, pd.Series] = {column: pd.Series(dtype=object) for column in table.text}
    return pd.DataFrame(columns | {column: pd.Series(dtype=float) for column in table.numbers})
