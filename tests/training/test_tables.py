from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from features.dataset import Dataset, load_dataset, vintage_day
from features.market_prices import market_price, priced_months
from pricing.costs.stack import Component, CostStack, Stage
from training.references import references
from training.tables import cost_stacks, exchange_rates, snapshots

DAY = date(2020, 1, 25)  # December 2019 is the last month priced


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return load_dataset()


@pytest.fixture(scope="module")
def indices(dataset: Dataset) -> pd.DataFrame:
    return references(dataset, priced_months(dataset)).set_index(["material", "basis", "month"]).sort_index()


def test_the_domestic_index_less_vat_is_the_market_price(dataset: Dataset, indices: pd.DataFrame) -> None:
    quoted = indices.loc[("Dy", "china_domestic")]
    price = market_price(dataset, "Dy", "china", "as_known")["price"].reindex(quoted.index)
    np.testing.assert_allclose(quoted["price_usd_per_kg"] / (1 + quoted["vat_rate"]), price)


@pytest.mark.parametrize(("month", "rate"), [("2014-06", 0.0), ("2016-06", 0.17), ("2020-06", 0.13), ("2025-10", 0.0)])
def test_vat_can_be_taken_out_of_fob_only_while_it_equalled_the_domestic_price(
    indices: pd.DataFrame, month: str, rate: float
) -> None:
    assert indices.loc[("Dy", "fob_china", month), "vat_rate"] == rate


def test_an_index_that_follows_nd_says_so(indices: pd.DataFrame) -> None:
    row = indices.loc[("NdPr", "fob_china", "2020-06")]
    assert row["evidence"] == "derived"
    assert "nd_proxy" in row["source"]


def test_the_last_quote_of_a_month_carries_its_day(indices: pd.DataFrame) -> None:
    row = indices.loc[("Dy", "fob_china", "2026-02")]
    assert row["last_day"] == "2026-02-27"
    assert row["last_usd_per_kg"] != row["price_usd_per_kg"]


def test_rows_known_later_change_no_earlier_fixing(dataset: Dataset, indices: pd.DataFrame) -> None:
    months = [month for month in priced_months(dataset) if vintage_day(month) <= DAY]
    then = references(dataset.as_known(DAY), months).set_index(["material", "basis", "month"]).sort_index()
    pd.testing.assert_frame_equal(then, indices[indices["known_at"] <= DAY.isoformat()])


def test_rows_known_later_change_no_earlier_snapshot(dataset: Dataset) -> None:
    months = ["2019-11", "2019-12"]
    pd.testing.assert_frame_equal(snapshots(dataset, months), snapshots(dataset.as_known(DAY), months))


def test_an_exchange_rate_says_when_it_became_known(dataset: Dataset) -> None:
    rates = exchange_rates(dataset).set_index(["currency", "month"])
    assert rates.loc[("CNY", "2026-01"), "per_usd"] == pytest.approx(6.97, abs=0.01)
    assert rates.loc[("CNY", "2026-01"), "known_at"] == "2026-02-03"


def test_the_parts_of_a_published_stack_add_up_and_nil_parts_stay_out() -> None:
    parts = {
        (Stage.MINING, Component.LABOUR): np.array([1.0, 2.0]),
        (Stage.SEPARATION, Component.BY_PRODUCT_CREDIT): np.array([-0.5, -0.25]),
        (Stage.SEPARATION, Component.ENERGY): np.zeros(2),
    }
    stack = CostStack("nolans", "undistorted", "REO", "nominal USD", parts)
    table = cost_stacks({("nolans", "undistorted"): stack}, ["2025-01", "2025-02"])
    assert len(table) == 4
    np.testing.assert_array_equal(table.groupby("month")["usd_per_kg"].sum(), stack.total)
