"""Our own estimator, with and without its learned correction, as the command `recover` runs it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pricing.fair.recovery import recover
from pricing.market.synthetic import Economies
from training.leaderboard.board import OURS, UNCORRECTED
from training.leaderboard.estimates import LEVELS, Estimates
from training.recovery import shipped_calibration, shipped_prior, shipped_search

EDGES = tuple(f"{end}{level}" for level in LEVELS for end in ("low", "high"))
COLUMNS = ("fair_long_run", "fair_short_run", *EDGES)


def estimator(economies: Economies) -> dict[str, Estimates]:
    """Return what `recover` answers for each economy, with and without correction; today there is none to leave out."""
    histories = [economies.history(row) for row in range(len(economies))]
    found = of_answers(recover(histories, shipped_prior(), shipped_search(), shipped_calibration()))
    return {OURS: found, UNCORRECTED: found}


def of_answers(answers: Sequence[pd.DataFrame]) -> Estimates:
    """Return the answers of `recover`, one economy each, as estimates."""
    columns = {name: np.array([answer[name].to_numpy(dtype=float) for answer in answers]) for name in COLUMNS}
    return Estimates(columns["fair_long_run"], columns["fair_short_run"], {name: columns[name] for name in EDGES})
