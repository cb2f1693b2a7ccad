"""Write what the peers may see, and what we served, as CSV: run in the project's environment.

    python benchmarks/forecast_peers/export.py --out FOLDER

quotes.csv: month, series, ln of the last quote as first known on the month's vintage day (FOB China), empty where none.
ours.csv: series, horizon, origin, ln of the base, our error and that of the last quote (both over scale), scale; only
forecasts that are resolved.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from features.dataset import load_dataset
from pricing.forecast.published import HEADLINE, SCORED_HORIZONS
from training.config import silent
from training.forecast.backtest import Backtest, backtest
from training.forecast.examples import FOB
from training.forecast.judge import regimes, scored


def main() -> None:
    """Write both files."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--out", type=Path, required=True)
    folder = options.parse_args().out
    folder.mkdir(parents=True, exist_ok=True)
    found = backtest(load_dataset(), silent)
    quotes(found).to_csv(folder / "quotes.csv", index=False)
    pd.concat([ours(found, horizon) for horizon in SCORED_HORIZONS]).to_csv(folder / "ours.csv", index=False)


def quotes(found: Backtest) -> pd.DataFrame:
    """Return the logs of last quotes by month and series."""
    known = found.examples
    rows = known.places(FOB)
    return pd.DataFrame(
        {"month": known.months, **{known.quotes[row].name: np.log(known.quotes[row].last) for row in rows}}
    )


def ours(found: Backtest, horizon: int) -> pd.DataFrame:
    """Return our resolved forecasts of the headline at a horizon."""
    known, one = found.examples, scored(found, FOB, horizon)
    rows = found.served[FOB, horizon].rows
    kept = np.isfinite(one.error) & regimes(known.months, found.first)[HEADLINE]
    table = [
        (known.quotes[rows[n]].name, horizon, known.months[t], known.level[rows[n], t], one.error[n, t],
         one.base_error[n, t], one.scale[n, t])
        for n, t in np.argwhere(kept)
    ]  # fmt: skip
    return pd.DataFrame(table, columns=["series", "horizon", "origin", "base", "error", "base_error", "scale"])


if __name__ == "__main__":
    main()
