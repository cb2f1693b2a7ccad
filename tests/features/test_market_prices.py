"""Market prices per region: worked cases by hand, the traps of the bases, and the poison law."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from features.dataset import Dataset
from features.market_prices import market_price, priced_months
from features.ndpr_proxy import ndpr_proxy_errors, proxy_band
from features.panel import Panel, vintage_day
from features.price_view import PriceView
from features.rules import price_rules
from pricing.errors import DataError

CASES = yaml.safe_load((Path(__file__).parents[1] / "worked_cases/market_prices.yaml").read_text("utf-8"))
MARKETS = [(material, region) for material in ("NdPr", "Dy", "Tb") for region in ("china", "ex_china")]
PRICES = ["price", "low", "high"]


@pytest.mark.parametrize("vintage", ["as_known", "latest"])
@pytest.mark.parametrize("case", CASES["points"], ids=lambda case: case["name"])
def test_a_price_is_what_the_arithmetic_by_hand_gives(shipped: Dataset, case: dict[str, Any], vintage: Any) -> None:
    row = market_price(shipped, case["material"], case["region"], vintage).loc[str(case["month"])]
    assert row["price"] == pytest.approx(case["price"], abs=0.001)
    assert (row["evidence"], row["basis"]) == (case["evidence"], case["basis"])


@pytest.mark.parametrize("vintage", ["as_known", "latest"])
@pytest.mark.parametrize(("material", "region"), MARKETS)
def test_a_point_lies_in_its_band_and_says_where_it_comes_from(
    shipped: Dataset, material: str, region: Any, vintage: Any
) -> None:
    table = market_price(shipped, material, region, vintage)
    priced = table[table["price"].notna()]
    assert (priced["low"] <= priced["price"]).all()
    assert (priced["price"] <= priced["high"]).all()
    assert set(priced["evidence"]) <= {"observed", "derived"}
    assert (priced[["basis", "source"]] != "").all(axis=None)
    assert table.index.tolist() == list(priced_months(shipped))


def test_ndpr_has_a_price_in_every_month_since_2010_07(shipped: Dataset) -> None:
    for region in ("china", "ex_china"):
        assert market_price(shipped, "NdPr", region, "as_known")["price"].notna().all()  # type: ignore[arg-type]


def test_no_month_of_dy_before_2013_or_tb_before_2019_is_interpolated(shipped: Dataset) -> None:
    dy = market_price(shipped, "Dy", "ex_china", "latest")["price"]
    tb = market_price(shipped, "Tb", "ex_china", "latest")["price"]
    assert dy[dy.index < "2013-03"].dropna().index.tolist() == ["2010-07", "2011-09"]  # two dated lists
    assert tb[tb.index < "2019-01"].dropna().index.tolist() == ["2010-07"]


def test_fob_is_never_divided_by_vat_after_july_2025(shipped: Dataset) -> None:
    for material in ("NdPr", "Dy", "Tb"):
        china = market_price(shipped, material, "china", "latest")
        from_fob = china[china["basis"].str.contains("fob_china less VAT")]
        assert from_fob.index.min() >= "2015-06"
        assert from_fob.index.max() <= "2025-07"
    assert np.isnan(market_price(shipped, "Dy", "china", "latest").loc["2025-08", "price"])


def test_may_2015_has_no_china_price_of_dy_because_its_fob_is_half_of_each_regime(shipped: Dataset) -> None:
    assert market_price(shipped, "Dy", "china", "latest").loc["2015-05", PRICES].isna().all()


def test_after_the_licence_dy_and_tb_outside_china_are_a_thin_market_and_a_band(shipped: Dataset) -> None:
    dy = market_price(shipped, "Dy", "ex_china", "as_known")
    may = dy.loc["2025-05"]
    fob = 225.57  # KOMIS, nominal
    assert may["price"] == 850.0
    assert may["low"] < fob < may["high"] == 1000.0
    later = dy[dy.index > "2025-05"]
    assert later["price"].isna().all()
    assert (later["high"] > 5 * later["low"]).all()
    assert set(later["evidence"]) == {"prior"}


def test_the_china_price_of_dy_did_not_follow_europe(shipped: Dataset) -> None:
    china = market_price(shipped, "Dy", "china", "latest")["price"]
    assert china["2025-05"] == pytest.approx(china["2025-03"], rel=0.05)


def test_assessors_that_disagree_widen_the_band_upwards(shipped: Dataset) -> None:
    table = market_price(shipped, "NdPr", "ex_china", "latest")
    spread = table["high"] / table["price"]
    assert spread["2026-01"] > 1.9  # one publisher has CIF Rotterdam at 192 where FOB is 100
    assert spread["2025-06"] < 1.15


def test_a_month_seen_once_is_less_sure_than_a_month_seen_often(shipped: Dataset) -> None:
    view = PriceView(shipped, priced_months(shipped), "latest")
    once, often = (view.half_width("Nd", np.full(len(view.months), count)) for count in (1.0, 9.0))
    assert (once > often).all()


def test_a_quote_that_does_not_say_counts_as_vat_included(shipped: Dataset) -> None:
    silent = shipped.prices.assign(vat=shipped.prices["vat"].replace("included", "unknown"))
    told, untold = (market_price(one, "Tb", "china", "latest") for one in (shipped, replace(shipped, prices=silent)))
    pd.testing.assert_series_equal(told["price"], untold["price"])


def test_list_prices_never_enter_the_market(shipped: Dataset) -> None:
    prices = shipped.prices
    listed = (
        (prices["publisher_class"] == "producer")
        & (prices["basis"] == "china_domestic")
        & (prices["vat"] == "included")
    )
    assert listed.any()
    dear = prices.assign(mean=prices["mean"].where(~listed, prices["mean"] * 10))
    for material in ("NdPr", "Dy", "Tb"):
        quiet = market_price(shipped, material, "china", "latest")
        pd.testing.assert_frame_equal(quiet, market_price(replace(shipped, prices=dear), material, "china", "latest"))


def test_the_proxy_band_is_measured_and_covers_most_months_it_did_not_see(shipped: Dataset) -> None:
    record = ndpr_proxy_errors(shipped).set_index("period")
    assert (record["low"] < record["high"]).all()
    assert (
        record.loc["2023-01 to 2026-12", "mean_absolute_error"]
        < record.loc["2013-01 to 2014-12", "mean_absolute_error"]
    )
    view = PriceView(shipped, priced_months(shipped), "as_known")
    quote = view.usd_ex_vat(view.figures("NdPr", "china_domestic"))
    ratio = quote / (view.usd_ex_vat(view.figures("Nd", "china_domestic")) / price_rules()["ndpr_from_nd"]["divisor"])
    low, high = proxy_band(view)
    seen = np.isfinite(ratio)
    assert np.mean((ratio[seen] >= low[seen]) & (ratio[seen] <= high[seen])) > 0.7


def test_before_there_is_overlap_the_proxy_band_is_the_stated_prior(shipped: Dataset) -> None:
    low, high = proxy_band(PriceView(shipped, ("2010-07", "2013-01"), "as_known"))
    rule = price_rules()["ndpr_from_nd"]
    assert low.tolist() == [rule["prior_low"]] * 2
    assert high.tolist() == [rule["prior_high"]] * 2


@settings(max_examples=6, deadline=None)
@given(as_of=st.dates(date(2012, 1, 1), date(2026, 2, 28)), market=st.sampled_from(MARKETS))
@example(as_of=date(2022, 4, 1), market=("NdPr", "china"))  # quotes of 2022-02 came out on 2022-04-30
@example(as_of=date(2011, 10, 25), market=("Dy", "ex_china"))  # and those of 2011-09 on 2011-10-31
@example(as_of=date(2020, 1, 1), market=("NdPr", "ex_china"))  # the proxy's record and the scatter of quotes go on
def test_poisoned_rows_of_the_future_move_no_price_as_known(
    shipped: Dataset, as_of: date, market: tuple[str, Any]
) -> None:
    months = [month for month in priced_months(shipped) if vintage_day(month) <= as_of]
    quiet = market_price(shipped, *market, "as_known").loc[months]  # of all months, asked for together
    pd.testing.assert_frame_equal(quiet, market_price(poison(shipped, as_of), *market, "as_known").loc[months])
    pd.testing.assert_frame_equal(quiet, market_price(shipped.as_known(as_of), *market, "as_known", months))


@settings(max_examples=10, deadline=None)
@given(factor=st.floats(0.5, 3.0), market=st.sampled_from([("NdPr", "china"), ("Tb", "china")]))
def test_a_weaker_yuan_lowers_a_dollar_price_read_from_yuan(
    shipped: Dataset, factor: float, market: tuple[str, Any]
) -> None:
    frame = shipped.panel.frame
    weaker = frame.assign(value=frame["value"].where(frame["series"] != "usd_cny", frame["value"] * factor))
    before = market_price(shipped, *market, "latest", ["2024-12", "2025-01"])["price"]
    after = market_price(replace(shipped, panel=Panel(weaker)), *market, "latest", ["2024-12", "2025-01"])["price"]
    np.testing.assert_allclose(after * factor, before)


def test_an_unknown_market_is_refused(shipped: Dataset) -> None:
    with pytest.raises(DataError, match="no market price of La in china"):
        market_price(shipped, "La", "china", "latest")


def poison(dataset: Dataset, as_of: date) -> Dataset:
    """Multiply every price, rate and regime known after a day by ten."""
    stamp = pd.Timestamp(as_of)
    panel, prices, policy = dataset.panel.frame, dataset.prices, dataset.policy
    money = {
        name: prices[name].where(prices["known_at"] <= stamp, prices[name] * 10) for name in ("mean", "high", "last")
    }
    return replace(
        dataset,
        panel=Panel(panel.assign(value=panel["value"].where(panel["known_at"] <= stamp, panel["value"] * 10))),
        prices=prices.assign(**money),
        policy=policy.assign(value=policy["value"].where(policy["known_at"] <= stamp, policy["value"] * 10)),
    )
