"""Drift: what moved away from its own history is flagged, what did not is not; worked by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from features.dataset import Dataset, load_dataset
from features.panel import Panel
from pricing.bundle import Bundle
from training.retrain.drift import Drift, drift
from training.retrain.drift_coverage import coverage
from training.retrain.drift_inputs import inputs
from training.retrain.drift_residuals import residuals
from training.retrain.drift_row import Row

NAME = "usd_cny"
MONTHS = pd.date_range("2016-01-01", periods=120, freq="MS")


def dataset_of(values: np.ndarray, last_day: date = date(2025, 12, 20)) -> Dataset:
    """A dataset of one series that is read by a fit, public 20 days into the next month."""
    known = MONTHS + pd.offsets.MonthBegin(1) + pd.Timedelta(days=19)
    frame = pd.DataFrame({"series": NAME, "date": MONTHS, "known_at": known, "value": values})
    return replace(load_dataset(), panel=Panel(frame), last_day=last_day)


def swinging(*, last: float = 0.0, recent: float = 1.0) -> np.ndarray:
    """7 times exp of a swing of 1 %: the last value off by `last`, the last year's moves `recent` times as wide."""
    swing = 0.01 * np.sin(2.0 * np.arange(120))
    swing[-13:] *= recent
    swing[-1] += last
    return 7.0 * np.exp(swing)


def flagged(rows: list[Row]) -> list[str]:
    return [row.what for row in rows if row.flagged]


@pytest.mark.parametrize(
    ("values", "day", "said"),
    [
        (swinging(), date(2026, 1, 20), []),
        (swinging(last=0.06), date(2026, 1, 20), ["level of the last value"]),
        (swinging(recent=3.0), date(2026, 1, 20), ["volatility over that before"]),
        (swinging(recent=0.0), date(2026, 1, 20), ["volatility over that before"]),
        (swinging(), date(2026, 6, 20), ["age over the longest wait"]),  # 201 days; the longest wait was 81
    ],
    ids=["quiet", "level", "wild", "still", "stale"],
)
def test_a_series_is_flagged_for_what_is_unlike_its_history(values: np.ndarray, day: date, said: list[str]) -> None:
    assert flagged(inputs(dataset_of(values, day)))[: len(said) or 1] == said


def test_residuals_are_flagged_when_the_last_year_leaves_the_years_before(bundle: Bundle) -> None:
    history = bundle.history_as_known
    longer = pd.concat([history.assign(month=[f"{int(m[:4]) + 2 * k}{m[4:]}" for m in history["month"]])
                        for k in (0, 1)]).drop_duplicates(["material", "month"])  # fmt: skip
    noise = 0.02 * np.where(np.arange(len(longer)) % 2, 1.0, -1.0)
    quiet = longer.assign(**{f"model.{r}": longer[f"market.{r}"] * np.exp(noise) for r in ("china", "ex_china")})
    assert flagged(residuals(replace(bundle, history_as_known=quiet))) == []
    late = quiet["month"] >= sorted(quiet["month"].unique())[-12]
    moved = quiet.assign(**{"model.china": np.where(late, quiet["model.china"] * 1.2, quiet["model.china"])})
    found = [row for row in residuals(replace(bundle, history_as_known=moved)) if row.flagged]
    assert {row.about.split()[1] for row in found} == {"china"}
    assert {row.what for row in found} == {"shift of the mean", "RMS over that before"}


def test_coverage_of_fair_prices_is_the_share_of_months_still_put_inside(bundle: Bundle) -> None:
    """p10 is .75 of the centre: a candidate at .9 keeps every month inside, one at .7 none."""
    mean = "long_run.market_economy.mean"
    for factor, held in ((0.9, 1.0), (0.7, 0.0)):
        now = bundle.history_latest.assign(**{mean: bundle.history_latest[mean] * factor})
        rows = coverage(replace(bundle, history_latest=now), bundle)
        assert {row.found for row in rows if "fair price" in row.about} == {held}


def test_coverage_of_forecasts_counts_quotes_inside(tiny: ModuleType, bundle: Bundle) -> None:
    """Quotes vary by 10 % about 60 USD/kg and intervals are 10, 20 and 30 % wide: 68, 95 and 99.7 % are inside."""
    months = [str(month) for month in pd.period_range("2024-01", periods=26, freq="M")]
    known = replace(bundle, forecasts=tiny.forecasts(months, 0.0))
    rows = [row for row in coverage(known, known) if row.about.startswith("forecast")]
    assert {row.about.split(", ")[-1] for row in rows} == {f"{h} months ahead" for h in (1, 3, 6, 12, 24)}
    means = {level: np.mean([row.found for row in rows if f" {level} %" in row.what]) for level in (50, 80, 95)}
    assert means[50] == pytest.approx(0.68, abs=0.2)
    assert means[50] < means[80] <= means[95]


def test_the_report_is_a_page_and_json_and_its_flags_are_lines(bundle: Bundle, tmp_path: Path) -> None:
    found = drift(dataset_of(swinging(last=0.06), date(2026, 1, 20)), bundle, None)
    found.write(tmp_path)
    assert found.flags()[0].startswith("inputs: usd_cny: level of the last value ")
    assert json.loads((tmp_path / "drift.json").read_text())["flags"] == found.flags()
    page = (tmp_path / "drift.md").read_text()
    assert "| usd_cny | level of the last value |" in page


def test_a_number_that_is_none_is_flagged() -> None:
    assert Drift({"inputs": [Row("x", "level", float("nan"), -1.0, 1.0)]}).flags() != []
