"""What past prices say about paths ahead: volatility, long-horizon variance and correlation of monthly last quotes.

`python -m features.path_calibration` prints the figures beside those in expert/paths.yaml. Series: FOB China by one
publisher, the only ones without gaps; NdPr moves as Nd, of which it is a fixed part.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table
from scipy.optimize import minimize_scalar

from features.dataset import Dataset, load_dataset
from features.path_numbers import path_parameters
from features.replaced import standing
from features.tables import PRICE_KEY
from pricing.errors import DataError, InputError
from pricing.parameters import ParameterSet
from pricing.paths.process import MONTHS_PER_YEAR, RATIO_MONTHS, TwoFactor

SERIES = {"NdPr": "Nd", "Dy": "Dy", "Tb": "Tb"}
BASIS, SOURCE = "fob_china", "komis"
HORIZONS = (3, 6, 12, RATIO_MONTHS, 36, 60)
FITTED = (3, 6, 12)
CORRELATION_MONTHS = 12
SPEEDS = (0.2, 4.0)  # short reversions tried, per year


@dataclass(frozen=True)
class PathMoments:
    """Moments of log prices: annualised volatility, variance ratios by months and item, correlation (M, M)."""

    volatility: Mapping[str, float]
    ratios: pd.DataFrame
    correlation: pd.DataFrame

    def correlation_of(self, a: str, b: str) -> float:
        """Return the correlation of the yearly changes of two items."""
        return float(self.correlation[a].to_numpy()[self.correlation.index.get_loc(b)])

    @property
    def mean_ratios(self) -> pd.Series[float]:
        """Return the ratio at each horizon, averaged over the items."""
        return self.ratios.mean(axis=1)


def path_moments(dataset: Dataset) -> PathMoments:
    """Return the moments of monthly last quotes; DataError where a series has a gap or is too short."""
    logs = pd.DataFrame({item: _log_quotes(dataset, material) for item, material in SERIES.items()})
    changes = logs.dropna().diff(CORRELATION_MONTHS).dropna()
    ratios = {item: [variance_ratio(logs[item].dropna(), months) for months in HORIZONS] for item in SERIES}
    return PathMoments(
        volatility={item: float(logs[item].diff().std() * np.sqrt(MONTHS_PER_YEAR)) for item in SERIES},
        ratios=pd.DataFrame(ratios, index=list(HORIZONS)),
        correlation=changes.corr(),
    )


def variance_ratio(logs: pd.Series[float], months: int) -> float:
    """Return the variance of changes over `months` relative to that many monthly ones, corrected for small samples.

    Lo and MacKinlay (1988), overlapping changes less their drift.
    """
    level = logs.to_numpy(dtype=float)
    count = len(level) - 1
    if count <= months:
        msg = f"{logs.name}: {count} monthly changes; the variance of {months} months needs more."
        raise DataError(msg)
    monthly = np.diff(level)
    drift = monthly.mean()
    long = level[months:] - level[:-months] - months * drift
    weight = months * (count - months + 1) * (1 - months / count)
    return float((long**2).sum() / weight / monthly.var(ddof=1))


def fitted_short_reversion(mean_ratios: pd.Series[float], ratio: float, level_reversion: float) -> float:
    """Return the short reversion per year that comes closest to the ratios at 3, 6 and 12 months, that at 24 given."""

    def miss(speed: float) -> float:
        try:
            process = TwoFactor.from_moments(1.0, ratio, speed, level_reversion)
        except InputError:  # this speed cannot give the ratio
            return np.inf
        return sum((process.variance_ratio(months) - mean_ratios[months]) ** 2 for months in FITTED)

    return float(minimize_scalar(miss, bounds=SPEEDS, method="bounded").x)


def _log_quotes(dataset: Dataset, material: str) -> pd.Series[float]:
    prices = standing(dataset.prices, PRICE_KEY)
    own = (prices["material"] == material) & (prices["basis"] == BASIS) & (prices["source"] == SOURCE)
    quotes = prices[own & (prices["form"] == "oxide")].set_index("month")["last"].dropna().sort_index()
    if quotes.empty:
        msg = f"{material} oxide: no last quotes {BASIS} by {SOURCE}; paths are calibrated on them."
        raise DataError(msg)
    months = pd.period_range(quotes.index[0], quotes.index[-1], freq="M").astype(str)
    missing = months.difference(quotes.index)
    if len(missing):
        msg = f"{material} oxide {BASIS} by {SOURCE}: no quote for {', '.join(missing)}; changes need every month."
        raise DataError(msg)
    return np.log(quotes)


def main() -> None:
    """Print what the dataset says beside what paths.yaml states."""
    moments, stated = path_moments(load_dataset()), path_parameters()
    ratio, level = (stated.value(name) for name in ("variance_ratio_24_months", "level_reversion_per_year"))
    found = {
        **{f"volatility.{item}": value for item, value in moments.volatility.items()},
        **{f"shock_correlation.{a}_{b}": moments.correlation_of(a, b) for a, b in combinations(SERIES, 2)},
        "variance_ratio_24_months": float(moments.mean_ratios[RATIO_MONTHS]),
        "short_reversion_per_year": fitted_short_reversion(moments.mean_ratios, ratio, level),
    }
    table = Table("parameter", "dataset", "stated", "low", "high", title="Price paths")
    for name, value in found.items():
        row = stated[name]
        table.add_row(name, *(f"{number:.3f}" for number in (value, row.value, row.low, row.high)))
    Console().print(table)
    Console().print(_ratio_table(moments, stated))


def _ratio_table(moments: PathMoments, stated: ParameterSet) -> Table:
    process = TwoFactor.from_moments(
        *(
            stated.value(name)
            for name in (
                "volatility.NdPr", "variance_ratio_24_months", "short_reversion_per_year", "level_reversion_per_year",
            )
        )
    )  # fmt: skip
    table = Table("months", *moments.ratios.columns, "mean", "process", title="Variance ratios")
    for months, row in moments.ratios.iterrows():
        values = (*row, row.mean(), process.variance_ratio(int(str(months))))
        table.add_row(str(months), *(f"{value:.2f}" for value in values))
    return table


if __name__ == "__main__":
    main()
