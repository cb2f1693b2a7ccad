"""MarketHistory: the one table the estimator reads, for the real world and simulated economies alike.

One row per month, one material. NaN says "not observed" and is never filled silently; an absent optional
column says "not in this economy". Any column may carry `_low`, `_high` and `_evidence`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import pandas as pd

from pricing.errors import DataError

Floats = np.ndarray

# column -> unit. Prices are nominal USD/kg ex VAT of this oxide; quantities are tonnes of this oxide a year in the
# real world and one unknown common unit a year in a simulated economy.
REQUIRED = {
    "china_price": "USD/kg ex VAT, at works",
    "ex_china_price": "USD/kg, delivered outside China",
    "subsidy_rate_est": "share of unit cost",
    "illegal_output_share_est": "share of quota",
    "export_tax_rate": "ad valorem",
    "mining_quota": "quantity a year",
    "export_quota_in_force": "0/1",
    "export_licence_in_force": "0/1",
    "stockpile_purchase_est": "quantity a year",
    "capacity_china_est": "quantity a year",
    "capacity_ex_china_est": "quantity a year",
    "exports_china": "quantity a year",
}
# Either quantity demanded at the reference price, or quantity consumed at the price of the day.
DEMAND = ("demand_index_china", "demand_index_ex_china")
CONSUMPTION = ("consumption_china", "consumption_ex_china")
OPTIONAL = {
    "ex_china_user_price": "USD/kg, bears unrefunded VAT",
    "ex_china_netback": "USD/kg, what a miner gets",
    "price_basis": "name of the basis; `derived:<region>` adds no likelihood",
    "quota_rent": "USD/kg",
    "gap_in_rent": "0/1: the rent is this month's own gap between the prices, which then adds no likelihood",
    "vat_not_refunded": "rate",
    "import_tariff": "ad valorem",
    "policy_floor": "USD/kg",
    "output_china": "quantity a year",
    "output_ex_china": "quantity a year",
    "scrap_output_china": "quantity a year",
    "scrap_output_ex_china": "quantity a year",
    "deflator": "index, 1 in the base month",
    "physical_demand_china": "quantity a year that the physical drivers call for, before any price response",
    "physical_demand_ex_china": "quantity a year that the physical drivers call for, before any price response",
}
PREFIXES = ("factor_price_", "factor_cost_", "output_by_source_", "price_weight_", "unit_cost_ratio_")


class Evidence(StrEnum):
    """How a value came about; the likelihood weights by it."""

    OBSERVED = "observed"
    DERIVED = "derived"
    PRIOR = "prior"


@dataclass(frozen=True)
class MarketHistory:
    """Monthly market of one material, indexed by `month` (YYYY-MM), with the columns named above."""

    material: str
    frame: pd.DataFrame
    demand_reference_price: float = 60.0
    notes: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check(self.frame, self.material)

    def column(self, name: str, absent: float = np.nan) -> Floats:
        """Return a column (T,) as floats; an absent optional column is `absent` everywhere."""
        if name in self.frame:
            return self.frame[name].to_numpy(dtype=float)
        return np.full(len(self.frame), absent)

    def evidence(self, name: str) -> np.ndarray:
        """Return how each value of a column came about (T,); without a mark a value counts as observed."""
        marked = f"{name}_evidence"
        if marked in self.frame:
            return self.frame[marked].to_numpy(dtype=object)
        return np.full(len(self.frame), Evidence.OBSERVED.value, dtype=object)

    @property
    def gap_known(self) -> np.ndarray:
        """Return where the gap between the regions' prices is evidence (T,) bool.

        It is none where one price was made from the other, nor where the rent between them was read from this gap.
        """
        known = self.column("gap_in_rent", 0.0) == 0
        if "price_basis" in self.frame:
            known &= np.array(["derived:" not in str(basis) for basis in self.frame["price_basis"]])
        return known

    @property
    def months(self) -> list[str]:
        """Return the months as YYYY-MM, in order."""
        return [str(month) for month in self.frame.index]


def check(frame: pd.DataFrame, name: str) -> None:
    """Raise DataError naming column and row for the first fault of a MarketHistory table."""
    missing = [column for column in REQUIRED if column not in frame]
    if missing:
        msg = f"{name}: missing column {', '.join(missing)}. A MarketHistory needs every column of REQUIRED."
        raise DataError(msg)
    if not all(c in frame for c in DEMAND) and not all(c in frame for c in CONSUMPTION):
        msg = f"{name}: needs {' and '.join(DEMAND)}, or {' and '.join(CONSUMPTION)}."
        raise DataError(msg)
    _check_months(frame, name)
    for column in frame.columns:
        if pd.api.types.is_numeric_dtype(frame[column]):
            _check_numbers(frame[column], name)
        elif not (column == "price_basis" or column.endswith("_evidence")):
            msg = f"{name}: column {column} holds text; expected numbers."
            raise DataError(msg)


def _check_months(frame: pd.DataFrame, name: str) -> None:
    try:
        found = pd.PeriodIndex(frame.index.astype(str), freq="M")
    except ValueError as fault:
        msg = f"{name}: months are written YYYY-MM; {fault}."
        raise DataError(msg) from fault
    expected = pd.period_range(found[0], periods=len(found), freq="M")
    if not (found == expected).all():
        row = int(np.argmin(found == expected))
        msg = f"{name}: row {row + 1} is {found[row]}, expected {expected[row]}; months run without gap or repeat."
        raise DataError(msg)


def _check_numbers(values: pd.Series, name: str) -> None:
    numbers = values.to_numpy(dtype=float)
    bad = np.isinf(numbers)
    if "price" in str(values.name) or "capacity" in str(values.name):
        bad |= numbers <= 0
    if bad.any():
        row = int(np.argmax(bad))
        place = f"column {values.name}, row {row + 1} ({values.index[row]})"
        msg = f"{name}: {place} is {numbers[row]}; expected a finite, positive number."
        raise DataError(msg)
