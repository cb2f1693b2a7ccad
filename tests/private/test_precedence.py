"""A user's own price, series or cost takes precedence where it has a value, from the day it was known; only there."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from features.costs import cost_model, cost_model_of
from features.dataset import Dataset
from features.market_prices import market_price
from features.panel import monthly, monthly_as_first_known
from features.private.joined import with_private_data
from features.quota_rent import OXIDES, _quotes
from pricing.materials import Material

Examples = dict[str, dict[str, str]]
OUTSIDE_CHINA = {"month": "2025-06", "last_day": "2025-06-30", "mean": "83.319771", "last": "84.5"}
MONTHS = ["2025-05", "2025-06", "2025-07"]
LIFE = "routes.mountain_pass.parameters.life"


def joined(feed: Any, dataset: Dataset, *prices: dict[str, str]) -> Dataset:
    feed.prices = list(prices)
    return with_private_data(dataset, feed.write())


@pytest.mark.parametrize("vintage", ["as_known", "latest"])
def test_a_private_price_replaces_the_public_one_of_its_month_and_no_other(
    feed: Any, shipped: Dataset, examples: Examples, vintage: Any
) -> None:
    mine = joined(feed, shipped, examples["price"] | OUTSIDE_CHINA | {"known_at": "2025-07-01"})
    before, after = (market_price(d, "NdPr", "ex_china", vintage, MONTHS) for d in (shipped, mine))
    assert [after.loc["2025-06", name] for name in ("price", "source", "evidence", "basis")] == [
        83.319771, "paid_feed", "observed", "ex_china",
    ]  # fmt: skip
    others = ["2025-05", "2025-07"]
    columns = ["price", "source", "basis"]  # bands may move: they rest on how far quotes stray
    pd.testing.assert_frame_equal(after.loc[others, columns], before.loc[others, columns])


def test_a_private_price_known_too_late_for_its_month_counts_in_the_latest_history_alone(
    feed: Any, shipped: Dataset, examples: Examples
) -> None:
    mine = joined(feed, shipped, examples["price"] | OUTSIDE_CHINA | {"known_at": "2026-01-15"})
    known, latest = (market_price(mine, "NdPr", "ex_china", v, MONTHS).loc["2025-06"] for v in ("as_known", "latest"))
    assert (latest["source"], latest["price"]) == ("paid_feed", 83.319771)
    assert known["source"] != "paid_feed"
    assert "paid_feed" not in set(mine.as_known(date(2026, 1, 14)).prices["source"])


def test_of_two_domestic_quotes_a_private_one_says_what_the_quota_rent_was(
    feed: Any, shipped: Dataset, examples: Examples
) -> None:
    rows = shipped.prices[
        (shipped.prices["basis"] == "fob_china") & shipped.prices["material"].isin(OXIDES[Material.DY])
    ]
    month = sorted(rows["month"])[3]
    day = f"{pd.Period(month, 'M') + 1}-01"
    mine = joined(
        feed,
        shipped,
        examples["price"]
        | {"material": "Dy", "basis": "fob_china", "month": month, "mean": "733.31", "count": "1"}
        | {"known_at": day, "last": "", "last_day": "", "vat": "not refunded"},
    )
    chosen = [q for q in _quotes(mine.prices, Material.DY) if q.month == month and q.basis == "fob_china"]
    assert len(chosen) > 1
    assert chosen[-1].mean == 733.31


def test_a_private_series_replaces_the_public_one_from_the_day_it_is_known(
    feed: Any, shipped: Dataset, examples: Examples
) -> None:
    feed.rates = [examples["rate"]]
    early = joined(feed, shipped)
    feed.rates = [examples["rate"] | {"known_at": "2015-01-01"}]
    late = joined(feed, shipped)
    months = ["2011-02", "2011-03"]
    public = monthly(shipped.panel, "usd_cny", months, how="exact")
    assert monthly(early.panel, "usd_cny", months, how="exact").tolist() == [public[0], 6.719773]
    assert monthly(late.panel, "usd_cny", months, how="exact").tolist() == [public[0], 6.719773]
    first_known = (monthly_as_first_known(d.panel, "usd_cny", months, how="exact")[1] for d in (early, late))
    assert list(first_known) == [6.719773, pytest.approx(public[1])]


def test_a_plants_own_cost_replaces_the_shipped_parameter_alone(feed: Any, shipped: Dataset, own_cost: str) -> None:
    feed.costs = own_cost
    mine = joined(feed, shipped)
    replaced, before = cost_model_of(mine).parameters, cost_model().parameters
    assert (replaced[LIFE].value, replaced[LIFE].source, replaced[LIFE].unit) == (17.31977, "our own plan", "years")
    assert {name for name in before if before[name] != replaced[name]} == {LIFE}
    assert cost_model_of(shipped) is cost_model()


def test_names_of_costs_may_be_nested_as_in_the_shipped_files(feed: Any, shipped: Dataset) -> None:
    leaf = "{value: 17.31977, low: 15, high: 25, unit: years, source: own}"
    feed.costs = f"routes:\n  mountain_pass:\n    parameters:\n      life: {leaf}\n"
    assert cost_model_of(joined(feed, shipped)).parameters[LIFE].value == 17.31977


def test_the_public_dataset_stays_beside_the_joined_one_as_it_was(
    feed: Any, shipped: Dataset, examples: Examples
) -> None:
    mine = joined(feed, shipped, examples["price"])
    assert mine.public is shipped
    assert mine.digest != shipped.digest
    earlier = mine.as_known(date(2012, 6, 30))
    assert earlier.public is not None
    assert "paid_feed" not in set(earlier.public.prices["source"])
    assert earlier.public.last_day == earlier.last_day == date(2012, 6, 30)


def test_a_folder_changes_nothing_it_does_not_name(feed: Any, shipped: Dataset, examples: Examples) -> None:
    mine = joined(feed, shipped, examples["price"])
    assert mine.panel is shipped.panel
    assert len(mine.prices) == len(shipped.prices) + 1
    assert mine.catalogue.card("paid_feed").rows == 1
    assert mine.facts is shipped.facts
