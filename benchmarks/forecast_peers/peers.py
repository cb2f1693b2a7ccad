"""Forecast the quotes of quotes.csv by statistical peers: run in the peers' own environment (requirements.txt).

    PEERS/bin/python benchmarks/forecast_peers/peers.py FOLDER

At each origin a peer sees the last quotes known by then, gaps up to three months filled with the quote before, as our
own base is; models of statsforecast are fitted anew at each origin, LightGBM on lags every January. Writes peers.csv.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Iterator
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pandas as pd
from statsforecast.models import AutoARIMA, AutoETS, AutoTheta, Naive, RandomWalkWithDrift

HORIZONS = (1, 3, 6, 12, 24)
FIRST = "2014-01"
LEAST_MONTHS = 12  # of a series before it is forecast, as in our own backtest
CARRIED_MONTHS = 3
LAGS = 12
STATISTICAL = {
    "last quote": Naive,
    "drift": RandomWalkWithDrift,
    "AutoARIMA": lambda: AutoARIMA(season_length=1),
    "AutoETS": lambda: AutoETS(season_length=1),
    "AutoTheta": lambda: AutoTheta(season_length=1),
}


def main() -> None:
    """Write the forecasts of every peer, series, origin and horizon."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path)
    folder = options.parse_args().folder
    warnings.filterwarnings("ignore")
    table = pd.read_csv(folder / "quotes.csv").set_index("month").ffill(limit=CARRIED_MONTHS)
    rows = [*statistical(table), *on_lags(table)]
    found = pd.DataFrame(rows, columns=["peer", "series", "horizon", "origin", "point"])
    found.to_csv(folder / "peers.csv", index=False)


def statistical(table: pd.DataFrame) -> Iterator[tuple[str, str, int, str, float]]:
    """Yield the forecasts of models that see one series alone."""
    for series in table.columns:
        for origin in (month for month in table.index if month >= FIRST):
            seen = table[series].loc[:origin].dropna().to_numpy()
            if len(seen) < LEAST_MONTHS or np.isnan(table.at[origin, series]):
                continue
            for peer, make in STATISTICAL.items():
                path = np.asarray(make().forecast(y=seen, h=max(HORIZONS))["mean"], dtype=float)
                yield from ((peer, series, horizon, origin, float(path[horizon - 1])) for horizon in HORIZONS)
        print(series, "done", flush=True)


def on_lags(table: pd.DataFrame) -> Iterator[tuple[str, str, int, str, float]]:
    """Yield the forecasts of LightGBM, default settings, on the last twelve monthly changes, series pooled."""
    changes = {series: table[series].diff() for series in table.columns}
    lags = {s: pd.concat({k: change.shift(k) for k in range(LAGS)}, axis=1) for s, change in changes.items()}
    for horizon in HORIZONS:
        ahead = {series: table[series].shift(-horizon) - table[series] for series in table.columns}
        booster = None
        for place, origin in enumerate(table.index):
            if origin < FIRST:
                continue
            if booster is None or origin.endswith("-01"):
                booster = _grown(lags, ahead, place - horizon)
            for series in table.columns:
                row = lags[series].loc[[origin]]
                if row.notna().all(axis=None):
                    point = table.at[origin, series] + booster.predict(row.to_numpy())[0]
                    yield "LightGBM on lags", series, horizon, origin, float(point)


def _grown(lags: dict[str, pd.DataFrame], ahead: dict[str, pd.Series], last: int) -> lgb.Booster:
    pairs = [pd.concat([lags[s], ahead[s].rename("y")], axis=1).iloc[: last + 1].dropna() for s in lags]
    known = pd.concat(pairs)
    settings = {"verbosity": -1, "num_threads": 1, "seed": 1, "deterministic": True, "force_row_wise": True}
    return lgb.train(settings, lgb.Dataset(known.drop(columns="y").to_numpy(), known["y"].to_numpy()))


if __name__ == "__main__":
    main()
