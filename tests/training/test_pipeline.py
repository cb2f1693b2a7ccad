"""The main job on the real data, cut off early and with few draws: it can be made again and is never revised."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import mlflow
import pandas as pd
import pytest
from mlflow import MlflowClient

from pricing.bundle import Bundle, read_bundle
from pricing.bundle_tables import TABLES, WEDGE_ITEMS
from training.config import TrainingConfig, silent
from training.fit import fit
from training.pipeline import TrainingResult, current, load, run

EARLY, LATER = date(2014, 6, 30), date(2015, 6, 30)
DRAWS = 64
REASON = "tests of the fit need no leaderboard"
NEVER_REVISED = ("history_as_known", "incentive", "cost_stacks", "references", "fx", "snapshots")


@pytest.fixture(scope="module")
def config(empty_registry: Path, tmp_path_factory: pytest.TempPathFactory) -> TrainingConfig:
    place = tmp_path_factory.mktemp("trained")
    store = f"sqlite:///{shutil.copy(empty_registry, place)}"
    return TrainingConfig(
        as_of=EARLY, draws=DRAWS, tracking_uri=store, out=place / "out", economies=0, promote_anyway=REASON
    )


@pytest.fixture(scope="module")
def result(config: TrainingConfig) -> TrainingResult:
    return run(config)


@pytest.fixture(scope="module")
def later() -> Bundle:
    config = TrainingConfig(as_of=LATER, draws=DRAWS)
    return fit(load(config), config, silent)


@pytest.mark.slow
def test_the_same_data_and_seed_give_the_same_bytes_in_another_process(result: TrainingResult, tmp_path: Path) -> None:
    options = ["--as-of", EARLY.isoformat(), "--draws", str(DRAWS), "--economies", "0", "--out", str(tmp_path)]
    command = [sys.executable, "-m", "training", "train", *options, "--tracking-uri", f"sqlite:///{tmp_path}/mlflow.db"]
    subprocess.run(command, check=True, capture_output=True, env=os.environ | {"PYTHONHASHSEED": "7"})
    assert read_bundle(tmp_path / "bundle").digest == result.bundle_digest


@pytest.mark.parametrize("name", NEVER_REVISED)
def test_a_later_fit_begins_with_the_rows_of_an_earlier_one(result: TrainingResult, later: Bundle, name: str) -> None:
    key = list(TABLES[name].key)
    before, after = (bundle.table(name).set_index(key) for bundle in (result.bundle, later))
    pd.testing.assert_frame_equal(after.loc[before.index], before, rtol=1e-9, atol=1e-9)


def test_the_parts_of_every_wedge_add_up(result: TrainingResult) -> None:
    for history in (result.bundle.history_as_known, result.bundle.history_latest):
        for region in ("china", "ex_china"):
            parts = history[[f"wedge.{region}.{item}" for item in WEDGE_ITEMS]].sum(axis=1, min_count=len(WEDGE_ITEMS))
            total = history[f"wedge.{region}.total"]
            known = total.notna()
            assert known.any()
            assert (parts - total)[known].abs().max() < 1e-9


def test_a_bundle_says_what_its_last_month_owes_to_priors_and_assumptions(result: TrainingResult) -> None:
    """Both open the published headline: its sets start at ratio one, and shares of a material's variance add up."""
    ranges = result.bundle.assumption_range
    headline = ranges[ranges["assumption_set"] == "headline"].set_index(["vintage", "material"])["fair_usd_per_kg"]
    shares = result.bundle.tornado.groupby(["vintage", "material"])["share"].sum()
    for vintage, history in (("as_known", result.bundle.history_as_known), ("latest", result.bundle.history_latest)):
        for material, fair in history.groupby("material")["long_run.market_economy.mean"].last().items():
            assert headline[vintage, material] == pytest.approx(fair, rel=1e-9)
            assert shares[vintage, material] == pytest.approx(1.0)


def test_the_champion_answers_with_unpickling_turned_off(
    result: TrainingResult, config: TrainingConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_ALLOW_PICKLE_DESERIALIZATION", "False")
    mlflow.set_tracking_uri(config.tracking_uri)
    model = mlflow.pyfunc.load_model("models:/fairprice@champion")
    answer = model.predict(pd.DataFrame({"material": ["NdPr"], "as_of": [EARLY.isoformat()]}))
    assert answer.loc[0, "month"] == result.bundle.last_month == "2014-05"


def test_the_run_carries_digests_numbers_and_plots(result: TrainingResult, config: TrainingConfig) -> None:
    client = MlflowClient(config.tracking_uri)
    run = client.get_run(result.run_id)
    assert run.data.tags["bundle_digest"] == result.bundle_digest
    assert run.data.tags["dataset_digest"] == result.bundle.dataset_digest
    assert run.data.params["as_of"] == EARLY.isoformat()
    assert run.data.metrics == pytest.approx(dict(result.metrics))
    plots = {Path(file.path).name for file in client.list_artifacts(result.run_id, "plots")}
    assert {"fair_NdPr.png", "wedge_NdPr.png", "cost_stacks.png", "evidence.png", "tornado_NdPr.png"} <= plots


def test_the_bundle_is_also_written_where_asked(result: TrainingResult, config: TrainingConfig) -> None:
    assert config.out is not None
    assert read_bundle(config.out / "bundle").digest == result.bundle_digest


def test_a_champion_from_the_same_inputs_is_current_and_from_others_is_not(
    result: TrainingResult, config: TrainingConfig
) -> None:
    assert current(config) == result.version
    assert current(replace(config, draws=2 * DRAWS)) is None
