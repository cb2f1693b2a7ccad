"""The shipped parameters of paths are those the dataset gives, and say what they imply."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from features.dataset import Dataset, load_dataset
from features.path_calibration import (
    PathMoments,
    fitted_short_reversion,
    main,
    path_moments,
    variance_ratio,
)
from features.path_numbers import path_parameters
from pricing.errors import DataError, InputError
from pricing.parameters import ParameterSet
from pricing.paths.process import TwoFactor
from pricing.paths.stated import stated_jumps, stated_process

ITEMS = ("NdPr", "Dy", "Tb")


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return load_dataset()


@pytest.fixture(scope="module")
def moments(dataset: Dataset) -> PathMoments:
    return path_moments(dataset)


@pytest.fixture(scope="module")
def stated() -> ParameterSet:
    return path_parameters()


def test_stated_volatilities_are_those_of_the_dataset(moments: PathMoments, stated: ParameterSet) -> None:
    assert {item: stated.value(f"volatility.{item}") for item in ITEMS} == pytest.approx(moments.volatility, abs=0.001)


def test_the_stated_ratio_at_24_months_is_the_mean_over_the_materials(
    moments: PathMoments, stated: ParameterSet
) -> None:
    assert stated.value("variance_ratio_24_months") == pytest.approx(moments.mean_ratios[24], abs=0.05)


def test_the_stated_speed_is_the_one_fitted_to_shorter_horizons(moments: PathMoments, stated: ParameterSet) -> None:
    fitted = fitted_short_reversion(
        moments.mean_ratios, stated.value("variance_ratio_24_months"), stated.value("level_reversion_per_year")
    )
    assert stated.value("short_reversion_per_year") == pytest.approx(fitted, abs=0.02)


def test_stated_correlations_are_those_of_yearly_changes(moments: PathMoments, stated: ParameterSet) -> None:
    for a, b in (("NdPr", "Dy"), ("NdPr", "Tb"), ("Dy", "Tb")):
        assert stated.value(f"shock_correlation.{a}_{b}") == pytest.approx(moments.correlation_of(a, b), abs=0.005)


def test_the_shipped_process_has_the_stated_ratio_for_every_material(stated: ParameterSet) -> None:
    process = stated_process(stated, ITEMS)
    assert [one.variance_ratio(24) for one in process.factors] == pytest.approx([2.6] * 3)


def test_every_corner_of_the_ranges_is_a_process_whose_next_month_is_uncertain(
    stated: ParameterSet,
) -> None:
    names = ("variance_ratio_24_months", "short_reversion_per_year", "level_reversion_per_year")
    for ends in itertools.product(*((stated[name].low, stated[name].high) for name in names)):
        one = TwoFactor.from_moments(0.374, *ends)
        ahead = one.deviation(np.array([1 / 12]))[0] * np.sqrt(12)
        assert 0.7 < ahead / one.monthly_volatility < 1.0


def test_any_order_of_materials_gives_the_same_joint_process(stated: ParameterSet) -> None:
    years = np.array([0.5, 2.0])
    one, other = (stated_process(stated, items).covariance(years) for items in (("Tb", "NdPr"), ("NdPr", "Tb")))
    assert np.allclose(one, np.roll(other, (2, 2), axis=(0, 1)))


def test_a_material_without_a_volatility_is_refused(stated: ParameterSet) -> None:
    with pytest.raises(InputError, match=r"volatility\.La"):
        stated_process(stated, ("La",))


def test_the_shipped_jumps_name_every_material(stated: ParameterSet) -> None:
    assert (stated_jumps(stated).sizes(ITEMS) > 0).all()


def test_a_random_walk_has_a_ratio_of_one_and_a_trend_none_of_it() -> None:
    walk = np.random.default_rng(4).standard_normal(20_000).cumsum()
    assert variance_ratio(pd.Series(walk + 3.0 * np.arange(20_000)), 24) == pytest.approx(1.0, abs=0.1)


def test_rows_of_later_days_do_not_move_an_earlier_calibration(dataset: Dataset) -> None:
    day = pd.Timestamp("2024-06-30").date()
    shaken = replace(dataset, prices=dataset.prices.copy())
    later = shaken.prices["known_at"] > pd.Timestamp(day)
    shaken.prices.loc[later, "last"] *= 10
    assert path_moments(shaken.as_known(day)).volatility == path_moments(dataset.as_known(day)).volatility


def test_a_series_with_a_gap_is_refused_by_its_month(dataset: Dataset) -> None:
    prices = dataset.prices
    holed = prices[~((prices["material"] == "Dy") & (prices["month"] == "2020-03"))]
    with pytest.raises(DataError, match="Dy oxide fob_china by komis: no quote for 2020-03"):
        path_moments(replace(dataset, prices=holed))
    with pytest.raises(DataError, match="no last quotes"):
        path_moments(replace(dataset, prices=prices[prices["material"] != "Tb"]))


def test_too_short_a_history_is_refused(dataset: Dataset) -> None:
    with pytest.raises(DataError, match="needs more"):
        variance_ratio(pd.Series(np.zeros(10), name="Tb"), 24)


def test_the_command_prints_each_calibrated_figure_beside_the_stated_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    main()
    lines = {line.split("│")[1].strip(): line for line in capsys.readouterr().out.splitlines() if "│" in line}
    dataset, stated = (float(cell) for cell in lines["variance_ratio_24_months"].split("│")[2:4])
    assert dataset == pytest.approx(stated, abs=0.05)
    assert {"volatility.Tb", "shock_correlation.Dy_Tb", "short_reversion_per_year", "24"} <= lines.keys()
