"""The shipped cloud holds what it says, and a file that holds something else is refused with the way out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from features.simulated_cloud import CALIBRATED, REALISTIC, simulated_cloud, write_cloud
from pricing.errors import DataError
from pricing.fair.misspecification import RATIOS


def test_the_shipped_clouds_are_large_enough_for_an_economy_to_lie_outside() -> None:
    for families in (CALIBRATED, REALISTIC):
        cloud = simulated_cloud(families)
        assert cloud.level > 1 / (1 + len(cloud.ratios))
    assert len(simulated_cloud().ratios) >= 150
    assert simulated_cloud(REALISTIC).names == tuple(RATIOS)


def test_the_families_of_the_calibration_lie_in_their_own_cloud_but_for_the_stated_share() -> None:
    cloud = simulated_cloud()
    assert cloud.likeness(cloud.ratios).outside.mean() <= 2 * cloud.level


def test_a_written_cloud_is_read_back_to_four_digits(tmp_path: Path) -> None:
    rows = np.random.default_rng(1).normal(size=(40, len(RATIOS)))
    rows[3, 4] = np.nan
    write_cloud({"seed": 1}, {"one": rows, "other": rows[:30]}, tmp_path / "cloud.yaml")
    read = simulated_cloud(["one", "other"], tmp_path / "cloud.yaml")
    np.testing.assert_allclose(read.ratios, np.concatenate([rows, rows[:30]]), rtol=1e-3)


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("  one:", "  two:", "lacks one; write it again by `python benchmarks/misspecification.py cloud`"),
        ("price_miss", "price_mist", "holds price_mist"),
        ("families:", "kinds:", "expected the parts made, ratios, families"),
        ("families:", "families: [", "expected a YAML file"),
    ],
)
def test_a_file_of_other_ratios_or_families_is_refused(tmp_path: Path, was: str, becomes: str, said: str) -> None:
    file = tmp_path / "cloud.yaml"
    write_cloud({"seed": 1}, {"one": np.ones((30, len(RATIOS)))}, file)
    file.write_text(file.read_text().replace(was, becomes, 1))
    with pytest.raises(DataError, match=said):
        simulated_cloud(["one"], file)


def test_every_family_the_intervals_were_calibrated_on_is_in_the_cloud() -> None:
    assert len(simulated_cloud().ratios) == sum(len(simulated_cloud([family]).ratios) for family in CALIBRATED)
