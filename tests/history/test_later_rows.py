"""Nothing that became known after a day may move a cell of an as-known history priced by that day."""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from features.dataset import Dataset
from features.expert_paths import ExpertPath
from features.market_history import SERIES, build_market
from features.material_columns import Slice, slice_of
from features.panel import Panel, vintage_day
from features.readings import Readings
from features.vantage import vantages
from pricing.fair.estimator import estimate
from pricing.market.facts import Facts, facts_of
from pricing.market.supply import Market
from training.assumptions import settings_for, shipped_prior
from training.config import TrainingConfig

BASKETS = {
    name: {"NdPr": 0.2, "Dy": 0.01, "Tb": 0.002}
    for name in (
        *("bayan_obo", "sichuan", "southern_clays", "myanmar_feed", "imported_concentrate"),
        *("incumbents_ex_china", "brownfield_ex_china", "greenfield_ex_china", "brazil_clay"),
    )
}


def times_ten_after(dataset: Dataset, day: date) -> Dataset:
    """The dataset with every number that became known after a day multiplied by ten."""
    return replace(
        dataset,
        panel=Panel(_grown(dataset.panel.frame, day)),
        prices=_grown(dataset.prices, day),
        policy=_grown(dataset.policy, day),
    )


def _grown(table: pd.DataFrame, day: date) -> pd.DataFrame:
    late = table["known_at"] > pd.Timestamp(day)
    numbers = table.select_dtypes("number").columns
    return table.assign(**{name: table[name].astype(float).where(~late, 10 * table[name]) for name in numbers})


def cell(dataset: Dataset, month: str, experts: Mapping[str, ExpertPath]) -> Slice:
    readings = Readings.of(dataset.panel, SERIES)
    (vantage,) = vantages(readings, [month], experts, "as_known")
    return slice_of(vantage, BASKETS)


@given(month=st.sampled_from([f"{year}-{m:02d}" for year in range(2011, 2026) for m in (1, 4, 7, 10)]))
@example("2010-07")
@example("2026-02")
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_months_quantities_stand_on_its_vintage_day(
    dataset: Dataset, experts: Mapping[str, ExpertPath], month: str
) -> None:
    day = vintage_day(month)
    expected = cell(dataset, month, experts)
    for later in (times_ten_after(dataset, day), dataset.as_known(day)):
        found = cell(later, month, experts)
        for key, part in expected.parts.items():
            for mine, theirs in zip(part.numbers, found.parts[key].numbers, strict=True):
                assert np.array_equal(mine, theirs, equal_nan=True), key
            assert (part.evidence == found.parts[key].evidence).all(), key


@pytest.mark.parametrize("day", [date(2014, 6, 15), date(2025, 8, 1)])
def test_the_whole_market_known_by_a_day_stands(dataset: Dataset, as_known: Market, day: date) -> None:
    for later in (times_ten_after(dataset, day), dataset.as_known(day)):
        _same_until(build_market(later, "as_known"), as_known, day)


def _same_until(found: Market, expected: Market, day: date) -> None:
    for name, history in found.histories.items():
        known = [month for month in history.months if vintage_day(month) <= day]
        mine, theirs = (market.histories[name].frame.loc[known] for market in (found, expected))
        assert list(mine) == list(theirs)
        for column in mine:
            assert mine[column].equals(theirs[column]), (name, column)
    size = len([month for month in found.months if vintage_day(month) <= day])
    for source, other in zip(found.sources, expected.sources, strict=True):
        for field in (
            "capacity",
            "cash_cost",
            "capital_charge",
            "environment",
            "environment_unpaid",
            "co_product_credit",
        ):
            mine, theirs = (np.asarray(getattr(s, field))[:size] for s in (source, other))
            assert np.array_equal(mine, theirs), (source.name, field)
    for name, index in found.geopolitics.items():
        assert np.array_equal(index[:size], expected.geopolitics[name][:size])


@pytest.mark.parametrize("day", [date(2012, 6, 25), date(2016, 6, 25)])
def test_oxides_whose_history_begins_later_are_in_the_market_as_they_were_known(
    dataset: Dataset, as_known: Market, day: date
) -> None:
    expected = facts_of(as_known)
    for later in (times_ten_after(dataset, day), dataset.as_known(day)):
        found = facts_of(build_market(later, "as_known"))
        assert found.materials == expected.materials
        priced = expected.first < _months_known(as_known, day)
        assert (found.first[priced] == expected.first[priced]).all()
        for name in {field.name for field in fields(Facts)} - {"materials", "names", "first"}:
            cells, wanted = (_known(facts, name, _months_known(as_known, day)) for facts in (found, expected))
            assert np.array_equal(cells, wanted), name


def _months_known(market: Market, day: date) -> int:
    return len([month for month in market.months if vintage_day(month) <= day])


def _known(facts: Facts, name: str, size: int) -> np.ndarray:
    values = np.asarray(getattr(facts, name))
    if name == "support":
        return values[:, :size]
    return values[:size] if values.ndim and len(values) == facts.months else values


def test_a_later_row_does_move_the_latest_history(dataset: Dataset, latest: Market) -> None:
    moved = build_market(times_ten_after(dataset, date(2024, 1, 1)), "latest")
    assert (
        not moved.histories["NdPr"]
        .frame["physical_demand_china"]
        .equals(latest.histories["NdPr"].frame["physical_demand_china"])
    )


def test_fair_prices_stand_when_an_oxide_gets_its_first_history(dataset: Dataset) -> None:
    """Tb's history begins in 2019-01: what was said of NdPr and Dy before is not revised by it."""
    how = settings_for(TrainingConfig(draws=64))
    how = replace(how, draws=16, kept=4, wedge_draws_a_stage=1, rest_years=0.5, least_effective=1.0)
    before, after = (
        estimate(build_market(dataset.as_known(day), "as_known"), shipped_prior(), how).frame.set_index(
            ["material", "month"]
        )
        for day in (date(2018, 12, 31), date(2019, 6, 30))
    )
    assert set(before.index.unique(0)) == {"NdPr", "Dy"}
    assert set(after.index.unique(0)) == {"NdPr", "Dy", "Tb"}
    pd.testing.assert_frame_equal(after.loc[before.index], before, rtol=1e-9, atol=1e-9)
