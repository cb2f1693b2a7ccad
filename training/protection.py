"""What MP Materials reported under its price protection, beside the tonnes and the indices of the quarters."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

import pandas as pd

from features.contract_templates import load_templates
from features.dataset import Dataset
from features.expert import FOLDER, load_expert
from features.ndpr_proxy import ndpr_proxy
from features.policy import vat_rate
from features.price_view import PriceView
from pricing.contracts.inversion import implied_tonnes
from pricing.contracts.periods import last_day_of, month_shifted
from pricing.contracts.terms.reported import Reported
from pricing.parameters import Parameter, ParameterSet

REPORTED = FOLDER / "mp_payments.yaml"
TEMPLATE, FLOOR = "mp_price_protection", "floor"
MATERIAL, QUARTERS = "NdPr", ("2025-Q4", "2026-Q1")
BASES = ("sold", "produced")
LAGS = {0: "the same quarter", -1: "a month earlier", -3: "the quarter before"}
EX_VAT, WITH_VAT, FOB = "domestic, before VAT", "domestic, as quoted", "FOB, Nd over 1.03"
MONTHS_IN_QUARTER = 3


@dataclass(frozen=True)
class Payments:
    """What was reported for the first two quarters; indices are read with all that the dataset holds."""

    dataset: Dataset

    @cached_property
    def floor(self) -> Decimal:
        """Return the public floor in USD/kg."""
        clauses = load_templates()[TEMPLATE].terms["clauses"]
        return Decimal(next(clause["floor_usd_per_kg"] for clause in clauses if clause["name"] == FLOOR))

    def number(self, quarter: str, name: str) -> Parameter:
        """Return what was reported for a quarter: payment in USD, sold or produced in t."""
        return self.numbers[f"{quarter}.{name}"]

    def tonnes(self, quarter: str) -> dict[str, Decimal]:
        """Return the reported tonnes of a quarter by basis."""
        return {basis: _exact(self.number(quarter, basis).value) for basis in BASES}

    def reported(self, quarter: str) -> Reported:
        """Return a quarter's payment with every basis that is open, for `readings`."""
        payment = self.number(quarter, "payment")
        rate = vat_rate(self.dataset.policy, last_day_of(months_of(quarter)[-1]))
        return Reported(
            usd=_exact(payment.value),
            rounded_to_usd=_exact(payment.high - payment.low),
            floor_usd_per_kg=self.floor,
            tonnes=self.tonnes(quarter),
            vat_rates={"before VAT": Decimal(0), "with VAT": _exact(rate)},
        )

    def average(self, index: str, quarter: str, lag: int) -> tuple[float, int]:
        """Return an index's mean in USD/kg over a quarter moved by months, and how many months of it there are."""
        found = self.indices[index].reindex([month_shifted(month, lag) for month in months_of(quarter)]).dropna()
        return (float(found.mean()) if len(found) else float("nan")), len(found)

    def implied_tonnes(self, index: str, quarter: str, lag: int) -> float:
        """Return the tonnes on which the payment is the shortfall of an index; NaN at the floor or above."""
        mean, _ = self.average(index, quarter, lag)
        if not mean < self.floor:
            return float("nan")
        return float(implied_tonnes(_exact(self.number(quarter, "payment").value), self.floor, _exact(mean)))

    @cached_property
    def indices(self) -> dict[str, pd.Series[float]]:
        """Return the indices by month in USD/kg, each on its own VAT basis."""
        months = sorted({month_shifted(month, lag) for q in QUARTERS for month in months_of(q) for lag in LAGS})
        view = PriceView(self.dataset, tuple(months), "latest")
        domestic, fob = view.figures(MATERIAL, "china_domestic"), view.figures("Nd", "fob_china")
        found = {
            EX_VAT: view.usd_ex_vat(domestic),
            WITH_VAT: domestic["mean"].to_numpy(dtype=float) / view.yuan_per_usd,
            FOB: ndpr_proxy(fob["mean"].to_numpy(dtype=float)),
        }
        return {name: pd.Series(prices, index=view.index) for name, prices in found.items()}

    @cached_property
    def numbers(self) -> ParameterSet:
        """Return what was reported, by dotted name."""
        return load_expert(REPORTED)[0]


def months_of(quarter: str) -> tuple[str, ...]:
    """Return the months of a quarter.

    >>> months_of("2026-Q1")
    ('2026-01', '2026-02', '2026-03')
    """
    year, number = quarter.split("-Q")
    last = int(number) * MONTHS_IN_QUARTER
    return tuple(f"{year}-{month:02d}" for month in range(last - MONTHS_IN_QUARTER + 1, last + 1))


def _exact(value: float) -> Decimal:
    return Decimal(str(value))
