"""What a fit is judged by: one flat dict of numbers, named `quantity.material[.region]`."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pricing.bundle import Bundle
from pricing.bundle_tables import MC_ERROR, fair_column
from pricing.market.supply import Region, SupportSet

HEADLINE = SupportSet.MARKET_ECONOMY
MISS_FROM = "2013-01"  # Chinese domestic prices are monthly from here; before it FOB held quota rent
YEAR = 12  # months


def fair(history: pd.DataFrame, statistic: str = "mean", horizon: str = "long_run") -> pd.Series:
    """Return the headline fair price (T,) of a history, nominal USD/kg oxide ex VAT."""
    column: pd.Series = history[fair_column(horizon, HEADLINE.value, statistic)]
    return column


def of_material(history: pd.DataFrame, material: str) -> pd.DataFrame:
    """Return one material's rows indexed by month."""
    rows = history[history["material"] == material]
    return rows.set_index("month").sort_index()


def materials(history: pd.DataFrame) -> list[str]:
    """Return the materials of a history in their order of appearance."""
    return [str(material) for material in history["material"].unique()]


def fit_metrics(bundle: Bundle) -> dict[str, float]:
    """Return the numbers logged with a fit; a number that cannot be had is left out."""
    found: dict[str, float] = {}
    for vintage, history in (("latest", bundle.history_latest), ("as_known", bundle.history_as_known)):
        for material in materials(history):
            rows = of_material(history, material)
            found |= {f"{vintage}.{name}.{material}": value for name, value in _of_history(rows).items()}
    return {name: float(value) for name, value in found.items() if np.isfinite(value)}


def _of_history(rows: pd.DataFrame) -> dict[str, float]:
    outside = rows[f"market.{Region.EX_CHINA}"]
    numbers = {
        "fair_long_run_usd_per_kg": _last(fair(rows)),
        "fair_short_run_usd_per_kg": _last(fair(rows, horizon="short_run")),
        "market_ex_china_usd_per_kg": _last(outside),
        "p_market_below_fair": _last(rows[f"p_market_below_fair.{Region.EX_CHINA}"]),
        "width80_ln": _mean(_ln(fair(rows, "p90")) - _ln(fair(rows, "p10"))),
        "slope_of_12_month_changes": slope_of_changes(fair(rows), outside),
        "share_refused": float((rows["status"] == "refused").mean()),
        "share_band": float((rows["status"] == "band").mean()),
        "ess_min": float(rows["ess"].min()),
        "mc_error_ln": _last(fair(rows, MC_ERROR) / fair(rows)),
    }
    return numbers | {f"miss_rms_ln.{region}": miss(rows, region) for region in Region}


def miss(rows: pd.DataFrame, region: Region) -> float:
    """Return the RMS of ln(model / market) with all wedges on, over months whose market price is our own evidence."""
    counted = rows[(rows.index >= MISS_FROM) & (rows[f"market.{region}.evidence"] == "observed")]
    gap = (_ln(counted[f"model.{region}"]) - _ln(counted[f"market.{region}"])).dropna()
    return float(np.sqrt(np.mean(gap**2))) if len(gap) else np.nan


def slope_of_changes(fair_price: pd.Series, market: pd.Series) -> float:
    """Return the slope of 12-month log changes of the fair price on those of the market: how much leaks through."""
    changes = pd.DataFrame({"fair": _ln(fair_price).diff(YEAR), "market": _ln(market).diff(YEAR)}).dropna()
    spread = float(changes["market"].var()) if len(changes) > 1 else 0.0
    return float(changes["fair"].cov(changes["market"])) / spread if spread > 0 else np.nan


def _ln(values: pd.Series) -> pd.Series:
    return pd.Series(np.log(values.to_numpy(dtype=float)), index=values.index)


def _last(values: pd.Series) -> float:
    known = values.dropna()
    return float(known.iloc[-1]) if len(known) else np.nan


def _mean(values: pd.Series) -> float:
    return float(values.mean())
