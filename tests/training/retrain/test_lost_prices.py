"""Months that had a price and would have none: counted, told to whoever decides, and never promoted by themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from features.dataset import Dataset
from pricing.bundle import Bundle
from serving.cli import app
from training.config import Progress, TrainingConfig
from training.promotion import lost_prices
from training.registry import versions
from training.retrain.by_hand import let_serve
from training.retrain.job import retrain
from training.retrain.lock import Turn
from training.retrain.outcome import Kind, as_dict, summary
from training.retrain.price_change import price_change
from training.retrain.published import bundle_of
from training.retrain.request import Makers
from training.retrain.status_change import status_change

MEAN = "long_run.market_economy.mean"
SAID = "As known, 25 months had a price and would have none (NdPr 25); without a person up to 0."


def with_status(bundle: Bundle, status: str, material: str, months: slice, vintage: str = "as_known") -> Bundle:
    """Return a bundle with another status in some months of a material."""
    history = bundle.table(f"history_{vintage}").copy()
    rows = history.index[history["material"] == material][months]
    history.loc[rows, "status"] = status
    changed: dict[str, Any] = {f"history_{vintage}": history}
    return replace(bundle, **changed)


def blind(makers: Makers) -> Makers:
    """Return makers of the same version, but for 25 of 26 months of NdPr, as known, that it refuses."""

    def prices(dataset: Dataset, config: TrainingConfig, progress: Progress) -> Bundle:
        return with_status(makers.prices(dataset, config, progress), "refused", "NdPr", slice(None, -1))

    return replace(makers, prices=prices)


def test_months_that_lose_their_price_are_counted_by_vintage_and_material(bundle: Bundle) -> None:
    assert status_change(bundle, bundle).told() == []
    lost = with_status(with_status(bundle, "refused", "NdPr", slice(25)), "refused", "Dy", slice(3))
    assert status_change(lost, bundle).against() == [
        "As known, 28 months had a price and would have none (NdPr 25, Dy 3); without a person up to 0."
    ]
    assert status_change(bundle, lost).told() == []  # a price that comes back is no loss
    banded = with_status(bundle, "band", "Dy", slice(3))
    assert status_change(lost, banded).counts("lost", "as_known") == {"NdPr": 25, "Dy": 3}


def test_a_month_that_is_gone_has_no_price_either(bundle: Bundle) -> None:
    gone = replace(bundle, history_latest=bundle.history_latest.iloc[2:].reset_index(drop=True))
    (reason,) = status_change(gone, bundle).against()
    assert reason.startswith("Latest, 2 months had a price and would have none (")


def test_a_point_that_becomes_a_band_is_told_and_stops_nothing(bundle: Bundle) -> None:
    banded = with_status(bundle, "band", "Dy", slice(3), "latest")
    found = status_change(banded, bundle)
    assert (found.against(), found.told()) == ([], ["Latest, 3 months had a point and would have a band (Dy 3)."])


def test_the_change_of_a_price_that_nobody_may_see_is_not_told(bundle: Bundle) -> None:
    """Ten refused months, said to be worth twice as much: the sixteen others did not move."""
    history = bundle.history_as_known
    rows = history.index[history["material"] == "NdPr"][:10]
    doubled = replace(
        bundle,
        history_as_known=history.assign(**{MEAN: history[MEAN].where(~history.index.isin(rows), history[MEAN] * 2)}),
    )
    size = price_change(with_status(doubled, "refused", "NdPr", slice(10)), bundle).sizes()[0]
    assert (size["material"], size["months"], size["largest_change_ln"]) == ("NdPr", 16, 0.0)
    seen = price_change(doubled, bundle).sizes()[0]
    assert (seen["months"], seen["largest_change_ln"]) == (26, pytest.approx(np.log(2)))


def test_a_candidate_without_prices_is_refused_and_the_mail_says_how_many_are_lost(
    tiny: ModuleType, served: Path
) -> None:
    outcome = retrain(tiny.request(served, seed=2), blind(tiny.makers()))
    assert (outcome.kind, outcome.code) == (Kind.REFUSED, 3)
    assert f"- {SAID}" in summary(outcome).splitlines()
    lost = {"status": "lost", "vintage": "as_known", "months": {"NdPr": 25}}
    assert as_dict(outcome)["gate"]["status_change"] == [lost]


def test_a_fit_by_hand_hears_of_lost_prices_as_well_and_the_first_one_has_none_to_lose(
    served: Path, tmp_path: Path
) -> None:
    store = f"sqlite:///{served}/store/mlflow.db"
    champion = bundle_of(store, versions(store)[0], tmp_path / "champion")
    lost = with_status(champion, "refused", "NdPr", slice(None, -1))
    assert lost_prices(store, lost, tmp_path / "lost") == [SAID]
    assert lost_prices(store, champion, tmp_path / "kept") == []
    assert lost_prices(f"sqlite:///{tmp_path}/empty.db", lost, tmp_path / "first") == []


def test_a_person_who_lets_it_serve_is_told_first_how_many_months_lose_their_price(
    tiny: ModuleType, served: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    retrain(tiny.request(served, seed=2), blind(tiny.makers()))
    words = ["promote", "2", "--tracking-uri", f"sqlite:///{served}/store/mlflow.db"]
    assert app(words) == 2
    assert app([*words, "--because", "they were wrong"]) == 0
    out, err = capsys.readouterr()
    assert "As known, 25 months had a price and would have none (NdPr 25)" in err
    assert out == "Version 2 serves, after version 1: they were wrong\n"


def test_a_version_that_keeps_every_price_is_let_serve_without_a_warning(tiny: ModuleType, served: Path) -> None:
    retrain(tiny.request(served, seed=2, promote=False), tiny.makers(level=1.01))
    told: list[str] = []
    let_serve(f"sqlite:///{served}/store/mlflow.db", "2", "it is right", Turn(datetime.now(UTC)), told.append)
    assert told == []
