"""What the model card says of the market forecast: pooled skill and coverage at each place and horizon."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from pricing.forecast.published import PLACE_WORDS
from pricing.forecast.scores import LEVELS
from training.forecast.judge import pooled_headline


def forecast_rows(said: Mapping[str, Any]) -> pd.DataFrame:
    """Return the pooled record of what a bundle holds of forecasts; empty where it holds none."""
    return pd.DataFrame([_row(row) for row in pooled_headline(said.get("record", ()))])


def _row(row: Mapping[str, Any]) -> dict[str, object]:
    return {
        "place": PLACE_WORDS[row["place"]],
        "months ahead": row["horizon"],
        "windows": row["windows"],
        "models served": f"{100 * row['models_used']:.0f} %",
        "RMSSE over last quote": _three(row["rmsse"]),
        "band": f"{_three(row['rmsse_low'])} to {_three(row['rmsse_high'])}",
        **{f"in {level} %": f"{100 * row[f'coverage{level}']:.0f}" for level in LEVELS},
        "interval score over Gaussian walk": _three(row["interval_score_ratio"]),
    }


def _three(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
