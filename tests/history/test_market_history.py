import numpy as np
import pandas as pd
import pytest

from features.dataset import Dataset
from features.expert_paths import load_paths
from features.market_history import BASE_MONTH, FIRST_MONTH
from features.supply_outputs import CHINA, OUTSIDE
from pricing.market.history import OPTIONAL, REQUIRED, Evidence
from pricing.market.supply import Market

BUILT = ("china_price", "ex_china_price", "output_china", "mining_quota", "quota_rent", "physical_demand_china")


@pytest.fixture(params=["latest", "as_known"])
def market(request: pytest.FixtureRequest) -> Market:
    found: Market = request.getfixturevalue(request.param)
    return found


def test_each_history_runs_from_its_first_month_to_the_last_priced_one(market: Market) -> None:
    assert {name: history.months[0] for name, history in market.histories.items()} == FIRST_MONTH
    assert {history.months[-1] for history in market.histories.values()} == {"2026-02"}


def test_every_number_carries_evidence_and_a_band_around_it(market: Market) -> None:
    for history in market.histories.values():
        for column in (*REQUIRED, *BUILT):
            assert set(history.evidence(column)) <= set(Evidence)
            low, value, high = (history.column(f"{column}{side}") for side in ("_low", "", "_high"))
            known = np.isfinite(low) & np.isfinite(value)
            assert (low[known] <= value[known]).all(), column
            assert (value[known] <= high[known]).all(), column


def test_columns_are_those_of_the_schema(market: Market) -> None:
    named = {*REQUIRED, *OPTIONAL, "consumption_china", "consumption_ex_china"}
    plain = {c for c in market.histories["NdPr"].frame if not c.endswith(("_low", "_high", "_evidence"))}
    assert {c for c in plain if not c.startswith("output_by_source_")} <= named


def test_what_china_makes_is_the_sum_of_its_sources(market: Market) -> None:
    for history in market.histories.values():
        made = sum(history.column(f"output_by_source_{source}") for source in CHINA)
        assert history.column("output_china") == pytest.approx(made)


def test_supply_and_use_meet_in_each_region(market: Market) -> None:
    history = market.histories["NdPr"]
    c = history.column
    made = c("output_china") + c("scrap_output_china") - c("exports_china") - c("stockpile_purchase_est")
    assert c("consumption_china") == pytest.approx(made)
    there = c("output_ex_china") + c("scrap_output_ex_china") + c("exports_china")
    assert c("consumption_ex_china") == pytest.approx(there)


def test_regimes_stand_where_they_stood(market: Market) -> None:
    ndpr, dy = market.histories["NdPr"].frame, market.histories["Dy"].frame
    assert ndpr.loc["2010-12", "export_tax_rate"] == 0.15
    assert ndpr.loc["2011-01", "export_tax_rate"] == 0.25
    assert ndpr.loc["2015-05", "export_tax_rate"] == 0
    assert ndpr.loc[["2014-12", "2015-01"], "export_quota_in_force"].tolist() == [1, 0]
    assert dy.loc[["2025-03", "2025-04"], "export_licence_in_force"].tolist() == [0, 1]
    assert (ndpr["export_licence_in_force"] == 0).all()
    assert ndpr.loc[["2018-04", "2018-05", "2019-04"], "vat_not_refunded"].tolist() == pytest.approx([0.17, 0.16, 0.13])
    assert ndpr.loc["2025-10", "policy_floor"] == 110
    assert np.isnan(ndpr.loc["2025-09", "policy_floor"])


def test_the_tariff_weighs_as_much_as_america_does(market: Market) -> None:
    frame = market.histories["NdPr"].frame
    assert frame.loc["2025-06", "import_tariff"] == pytest.approx(0.2 * 0.1)
    assert frame.loc["2025-06", "import_tariff_high"] < 0.2
    assert (frame.loc[:"2025-01", "import_tariff"] == 0).all()


def test_more_dysprosium_than_light_oxide_comes_from_beyond_the_quota(market: Market) -> None:
    illegal = {
        name: history.frame.loc["2014-07", "illegal_output_share_est"]
        for name, history in market.histories.items()
        if name != "Tb"
    }
    assert illegal["Dy"] > 2 * illegal["NdPr"]


def test_money_of_the_base_month_is_its_own_unit(dataset: Dataset, latest: Market) -> None:
    rows = dataset.panel.series("us_cpi_CPIAUCSL")
    assert rows["date"].iloc[-1] == pd.Timestamp(f"{BASE_MONTH}-01")
    assert load_paths("supply")["price_level_of_base_month"].number() == rows["value"].iloc[-1]
    assert latest.histories["NdPr"].frame.loc[BASE_MONTH, "deflator"] == 1


def test_real_money_is_nominal_money_over_the_change_of_us_prices(dataset: Dataset, market: Market) -> None:
    rows = dataset.panel.series("us_cpi_CPIAUCSL").set_index("date")["value"]
    before = rows.loc["2012-01-01"] / rows.loc[f"{BASE_MONTH}-01"]
    assert market.histories["NdPr"].frame.loc["2012-01", "deflator"] == pytest.approx(before)
    assert before < 0.75


def test_a_new_yearbook_moves_the_size_of_the_market_and_is_told_apart_from_its_growth(as_known: Market) -> None:
    for name, history in as_known.whole.items():
        called = history.column("physical_demand_china") + history.column("physical_demand_ex_china")
        jumps, news = np.diff(np.log(called)), np.log(as_known.revision[name])[1:]
        assert np.abs(jumps).max() > 0.08, name
        assert np.abs(jumps - news).max() < 0.03, name


def test_sources_span_the_longest_history(market: Market) -> None:
    size = len(market.months)
    assert tuple(source.name for source in market.sources) == (*CHINA, *OUTSIDE)
    for source in market.sources:
        assert source.capacity.shape == source.cash_cost.shape == (size,)
        assert (source.capacity <= source.limit).all(), source.name
        assert (source.capacity >= 0).all()
    assert [s.name for s in market.sources if s.floor_covered] == ["brownfield_ex_china"]


def test_geopolitics_is_measured_in_deviations_from_its_past(latest: Market, as_known: Market) -> None:
    assert set(latest.geopolitics) == {"gpr", "gpr_china", "tpu", "epu_china"}
    for name, index in latest.geopolitics.items():
        assert index.shape == (len(latest.months),)
        assert np.isfinite(index).all()
        assert as_known.geopolitics[name][-1] == pytest.approx(index[-1])


def test_a_price_derived_from_the_same_quote_says_so(latest: Market) -> None:
    basis = latest.histories["NdPr"].frame["price_basis"]
    assert basis.loc["2011-03"].startswith("derived:")


def test_physical_demand_is_anchored_in_the_month_that_experts_state(market: Market) -> None:
    assert market.demand_anchor == "2024-06"
