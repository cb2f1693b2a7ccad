"""Score the peers and us on the same forecasts, and write the table of docs/forecasts.md: in the project's environment.

    python benchmarks/forecast_peers/compare.py FOLDER --table docs/tables/forecast_peers.csv

Only forecasts that everybody made count. RMSSE: root mean squared error over that of the last quote, errors of
ln(price) over the volatility known at the origin, three materials pooled; bands by a moving-block bootstrap over
origin months.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from pricing.forecast.scores import ratio_band
from training.forecast.judge import how_banded

KEY = ["series", "horizon", "origin"]
OURS = "ours, as served"
RIVALS = ("AutoARIMA", "AutoETS", "AutoTheta")


def main() -> None:
    """Print and write the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path)
    options.add_argument("--table", type=Path)
    chosen = options.parse_args()
    errors = together(pd.read_csv(chosen.folder / "ours.csv"), pd.read_csv(chosen.folder / "peers.csv"))
    table = pd.DataFrame([*rows(errors), against_best(errors)])
    print(table.to_string(index=False))
    if chosen.table:
        table.to_csv(chosen.table, index=False, lineterminator="\n")


def together(ours: pd.DataFrame, peers: pd.DataFrame) -> pd.DataFrame:
    """Return scaled errors by series, horizon and origin (rows) and forecaster (columns), none missing."""
    wide = peers.pivot_table(index=KEY, columns="peer", values="point")
    joined = ours.set_index(KEY).join(wide, how="inner").dropna()
    came = joined["base"] + joined["base_error"] * joined["scale"]
    errors = {name: (came - joined[name]) / joined["scale"] for name in wide.columns}
    return pd.DataFrame({OURS: joined["error"], **errors})


def rows(errors: pd.DataFrame) -> list[dict[str, str]]:
    """Return a row per forecaster: RMSSE with its band at each horizon, best first at 12 months."""
    order = (errors**2).groupby("horizon").mean().loc[12].sort_values(kind="stable").index
    named = [{"forecaster": str(name), **_cells(errors, str(name), "last quote")} for name in order]
    counts = errors.groupby("horizon").size()
    return [*named, {"forecaster": "forecasts", **{_head(h): str(counts[h]) for h in counts.index}}]


def against_best(errors: pd.DataFrame) -> dict[str, str]:
    """Return our error over that of the best statistical peer, chosen with hindsight at each horizon."""
    cells = {}
    for horizon, part in errors.groupby("horizon"):
        best = (part[list(RIVALS)] ** 2).mean().idxmin()
        cells[_head(horizon)] = f"{_cell(part, OURS, str(best), int(horizon))}, {best}"
    return {"forecaster": "ours over the best of AutoARIMA, AutoETS, AutoTheta", **cells}


def _cells(errors: pd.DataFrame, name: str, base: str) -> dict[str, str]:
    return {_head(h): _cell(part, name, base, int(h)) for h, part in errors.groupby("horizon")}


def _cell(part: pd.DataFrame, name: str, base: str, horizon: int) -> str:
    by_month = (part[list(dict.fromkeys((name, base)))] ** 2).groupby("origin").sum()
    months = pd.period_range(by_month.index.min(), by_month.index.max(), freq="M").astype(str)
    above, below = (by_month[column].reindex(months, fill_value=0.0).to_numpy() for column in (name, base))
    low, high = ratio_band(above, below, horizon, how_banded(), root=True)
    return f"{np.sqrt(above.sum() / below.sum()):.3f} ({low:.3f} to {high:.3f})"


def _head(horizon: object) -> str:
    return "1 month" if horizon == 1 else f"{horizon} months"


if __name__ == "__main__":
    main()
