"""A market that its model follows is like the simulated economies, one that swings about it is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from features.simulated_cloud import REALISTIC, simulated_cloud
from pricing.bundle import Bundle
from pricing.fair.misspecification import PRICE_RATIOS
from training.leaderboard.board import board_of
from training.leaderboard.settings import Size
from training.likeness import SIMULATED, market_likeness, stated, told
from training.pipeline import judged

MONTHS = [str(month) for month in pd.period_range("2011-01", periods=120, freq="M")]


def history(miss: np.ndarray, swing: float) -> pd.DataFrame:
    """Return ten years of two materials: one missed by `miss` a year, the other by it and a swing every other month."""
    model = 60 * np.exp(0.3 * np.sin(np.arange(120) / 20))
    wild = np.tile([swing, -swing], 60)
    frames = []
    for material, extra in (("NdPr", 0.0), ("Dy", wild)):
        columns: dict[str, object] = {"material": material, "month": MONTHS, "deflator": np.linspace(0.8, 1.0, 120)}
        for region in ("china", "ex_china"):
            columns |= {f"model.{region}": model, f"market.{region}": model * np.exp(np.repeat(miss, 12) + extra)}
            columns |= {f"market.{region}.evidence": "observed"}
        frames.append(pd.DataFrame(columns))
    return pd.concat(frames, ignore_index=True)


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    # Misses and a swing of the size that simulated economies have.
    middle = np.nanmedian(simulated_cloud(REALISTIC).of(tuple(PRICE_RATIOS)).ratios, axis=0)
    typical = dict(zip(PRICE_RATIOS, middle, strict=True))
    miss = typical["price_miss"] * np.array([1, 1, 1, -1, -1, 1, 1, -1, -1, 1.0])
    made = history(miss, 0.8)
    calm = made["material"] == "NdPr"
    swing = np.tile([1.0, -1.0], 60) * typical["price_swing"]
    for region in ("china", "ex_china"):
        made.loc[calm, f"market.{region}"] *= np.exp(swing)
    return market_likeness(made)


def test_a_market_missed_as_simulated_ones_are_lies_inside_and_one_that_swings_lies_outside(rows: pd.DataFrame) -> None:
    found = rows.set_index("material")
    assert found.loc["NdPr", "farther"] > 0.05
    assert (found.loc["NdPr", "outside"], found.loc["Dy", "outside"]) == (0, 1)
    assert found.loc["Dy", "price_swing"] == pytest.approx(0.8)


def test_each_material_is_told_in_one_line(rows: pd.DataFrame) -> None:
    lines = told(rows)
    assert [line.split(":")[0] for line in lines] == ["NdPr", "Dy"]
    assert lines[0].startswith("NdPr: inside the cloud (score ")
    assert lines[1].startswith("Dy: **outside** the cloud (score ")


def test_what_a_bundle_states_are_plain_numbers_by_material(rows: pd.DataFrame) -> None:
    assert stated(rows)["Dy"]["outside"] == 1
    assert set(stated(rows)["NdPr"]) == {
        "score", "farther", "outside", "score_calibrated", "farther_calibrated", "outside_calibrated",
    }  # fmt: skip


def test_a_price_that_rests_on_a_prior_is_no_evidence() -> None:
    made = history(np.zeros(10), 0.8)
    made["market.china.evidence"] = "prior"
    made["market.ex_china"] = made["model.ex_china"]
    assert market_likeness(made).set_index("material").loc["Dy", "price_swing"] == 0


def test_a_judged_bundle_states_it_beside_its_other_parameters(bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pricing.fair.misspecification.LEAST_YEARS", 2)
    judged_one = judged(replace(bundle, parameters={"settings": 1}), board_of([], {}, Size(0, 0, 0, 1)))
    assert judged_one.parameters["settings"] == 1
    assert set(judged_one.parameters["likeness"]) == {"NdPr", "Dy", "Tb"}


def test_two_years_are_too_short_to_compare(bundle: Bundle) -> None:
    rows = market_likeness(bundle.history_latest)
    assert rows["material"].tolist() == [SIMULATED, "NdPr", "Dy", "Tb"]
    assert rows["score"].isna().all()
    assert told(rows)[0] == "NdPr: too short a history to compare with simulated economies."
    assert stated(rows) == {}
