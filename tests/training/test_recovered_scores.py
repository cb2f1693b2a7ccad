"""Beside the fair prices `recover` writes how unlike the simulated economies each economy is, and says it of aliens."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from features.synthetic import families
from pricing.market.synthetic import simulate
from training.__main__ import app

FAIR = ["month", "fair_long_run", "fair_short_run", "low50", "high50", "low80", "high80", "low95", "high95"]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return where the answers stand and what was said of an ordinary economy and of one whose price is noise."""
    folder = tmp_path_factory.mktemp("economies")
    ordinary = simulate(families()["as_examples"], 1, 12).history(0).frame
    price = np.random.default_rng(1).normal(4, 0.4, len(ordinary))
    ordinary.to_csv(folder / "ordinary_observed.csv")
    ordinary.assign(china_price=np.exp(price)).to_csv(folder / "noise_observed.csv")
    command = ["recover", "--economies", str(folder), "--out", str(folder / "out"), "--jobs", "1"]
    return folder / "out", CliRunner().invoke(app, command).output


@pytest.mark.slow
def test_noise_is_outside_the_cloud_and_an_ordinary_economy_inside(ran: tuple[Path, str]) -> None:
    scores = pd.read_csv(ran[0] / "misspecification.csv")
    assert scores.columns.tolist() == ["name", "score", "share_farther", "outside"]
    assert scores.set_index("name")["outside"].to_dict() == {"noise": 1, "ordinary": 0}
    assert scores["score"].iloc[0] > 3 > scores["score"].iloc[1]


def test_who_is_outside_is_said_and_the_answers_keep_their_columns(ran: tuple[Path, str]) -> None:
    folder, output = ran
    assert "noise: outside the simulated cloud, intervals widened" in " ".join(output.split())
    assert "ordinary: outside" not in output
    for name in ("noise", "ordinary"):
        assert pd.read_csv(folder / f"{name}_fair.csv").columns.tolist() == FAIR
