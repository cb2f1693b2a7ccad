"""How far prices and forecasts of a candidate are from the champion's, worked by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pricing.bundle import Bundle, write_bundle
from training.retrain.forecast_change import against_forecasts
from training.retrain.moves import largest_moves, main
from training.retrain.price_change import price_change

MEAN = "long_run.market_economy.mean"
MONTHS = [str(month) for month in pd.period_range("2024-01", periods=26, freq="M")]


def changed(bundle: Bundle, vintage: str, change: Callable[[pd.DataFrame], pd.Series]) -> Bundle:
    history = bundle.table(f"history_{vintage}")
    return replace(bundle, **{f"history_{vintage}": history.assign(**{MEAN: change(history)})})


def test_nothing_changes_between_a_bundle_and_itself(bundle: Bundle) -> None:
    found = price_change(bundle, bundle)
    assert found.against() == []
    assert {size["largest_change_ln"] for size in found.sizes()} == {0.0}
    assert len(found.sizes()) == 12  # two vintages, two horizons, three materials


@pytest.mark.parametrize(("vintage", "within", "beyond"), [("as_known", 0.029, 0.031), ("latest", 0.099, 0.101)])
def test_one_month_beyond_the_limit_of_its_vintage_is_named_with_its_size(
    bundle: Bundle, vintage: str, within: float, beyond: float
) -> None:
    def moved(by: float) -> Bundle:
        return changed(
            bundle,
            vintage,
            lambda h: h[MEAN].where(~((h["material"] == "Dy") & (h["month"] == "2025-06")), h[MEAN] * np.exp(by)),
        )

    assert price_change(moved(within), bundle).against() == []
    assert price_change(moved(-within), bundle).against() == []
    (reason,) = price_change(moved(beyond), bundle).against()
    assert reason.startswith(f"The long-run fair price of Dy, {vintage.replace('_', ' ')}, changes by ")
    assert f"{100 * np.expm1(beyond):+.1f} % in 2025-06" in reason
    size = next(s for s in price_change(moved(beyond), bundle).sizes() if s["largest_in"] == "2025-06")
    assert (size["material"], size["median_change_ln"]) == ("Dy", 0.0)


def test_a_new_month_is_set_against_the_month_before(bundle: Bundle) -> None:
    def without_last(history: pd.DataFrame) -> pd.DataFrame:
        return history[history["month"] != MONTHS[-1]].reset_index(drop=True)

    champion = replace(
        bundle,
        history_as_known=without_last(bundle.history_as_known),
        history_latest=without_last(bundle.history_latest),
    )
    assert price_change(bundle, champion).against() == []
    assert price_change(bundle, champion).sizes()[0]["new_months"] == [MONTHS[-1]]
    jumped = changed(bundle, "latest", lambda h: h[MEAN].where(h["month"] != MONTHS[-1], h[MEAN] * 1.7))
    reasons = price_change(jumped, champion).against()
    assert len(reasons) == 3
    assert all("moves by +70.0 % in the new month 2026-02" in reason for reason in reasons)


def test_forecasts_are_compared_on_the_same_origins_and_outcomes(tiny: ModuleType, bundle: Bundle) -> None:
    def said(wrong: float) -> Bundle:
        plain: dict[str, Any] = tiny.forecasts(MONTHS, wrong)
        return replace(bundle, forecasts=plain)

    same, none = against_forecasts(said(0.0), said(0.0))
    assert [(one.horizon, one.months, one.error) for one in same] == [
        (1, 59, 1.0),
        (3, 57, 1.0),
        (6, 54, 1.0),
        (12, 48, 1.0),
    ]  # at 24 months 36 are left, fewer than two blocks of the bootstrap
    assert none == []
    better, none = against_forecasts(said(0.0), said(0.2))
    assert none == []
    assert all(one.error < 1 for one in better)
    worse, reasons = against_forecasts(said(0.2), said(0.0))
    assert all(one.error_low > 1.02 for one in worse)
    assert len(reasons) == 8  # error and interval score at each horizon


def test_forecasts_that_are_gone_speak_against_a_candidate(tiny: ModuleType, bundle: Bundle) -> None:
    champion = replace(bundle, forecasts=tiny.forecasts(MONTHS, 0.0))
    assert against_forecasts(bundle, champion)[1] == ["It holds no forecast of the market; the champion does."]
    assert against_forecasts(champion, bundle) == ([], [])
    lost = {**champion.forecasts, "targets": {"fob_china": {}}}
    assert against_forecasts(replace(bundle, forecasts=lost), champion)[1] == [
        "It no longer forecasts NdPr FOB China, VAT not refunded; the champion does."
    ]


def test_the_largest_monthly_move_is_found_with_its_month_and_printed(
    bundle: Bundle, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The last month but one of Dy is lifted to 50 times its price: ln 50 = 3.91."""
    months = bundle.history_as_known.loc[bundle.history_as_known["material"] == "Dy", "month"]
    month = sorted(months)[-2]
    lifted = changed(
        bundle, "as_known", lambda h: h[MEAN].where(~((h["material"] == "Dy") & (h["month"] == month)), 50 * h[MEAN])
    )
    found = {(move.horizon, move.material): move for move in largest_moves(lifted)}
    assert len(found) == 6
    assert found["long_run", "Dy"].size_ln == pytest.approx(np.log(50), abs=0.3)
    assert found["long_run", "Dy"].month >= month
    assert found["short_run", "Dy"].size_ln < 1
    write_bundle(lifted, tmp_path / "lifted")
    assert main(["--bundle", str(tmp_path / "lifted")]) == 0
    assert f"{found['long_run', 'Dy'].size_ln:.2f}" in capsys.readouterr().out
    assert main(["--bundle", str(tmp_path)]) == 1
