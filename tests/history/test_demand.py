from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from features.dataset import Dataset
from features.demand import SERIES, demand
from features.expert_paths import ExpertPath
from features.market_history import build_market
from features.readings import Readings
from features.vantage import Vantage
from pricing.market.supply import Market
from pricing.materials import Material

Experts = Mapping[str, ExpertPath]


def vantage(dataset: Dataset, experts: Experts, months: tuple[str, ...], day: date | None = None) -> Vantage:
    return Vantage(Readings.of(dataset.panel, SERIES).known_by(day), day, months, experts)


def test_no_price_moves_what_the_drivers_call_for(dataset: Dataset, latest: Market) -> None:
    tripled = replace(dataset, prices=dataset.prices.assign(mean=3 * dataset.prices["mean"]))
    dear = build_market(tripled, "latest")
    for material, history in latest.histories.items():
        for column in ("physical_demand_china", "physical_demand_ex_china", "consumption_china"):
            assert history.frame[column].equals(dear.histories[material].frame[column])
        assert not history.frame["china_price"].equals(dear.histories[material].frame["china_price"])


def test_electric_cars_of_2024_take_what_the_iea_says(experts: Experts, worked: dict[str, Any]) -> None:
    case = worked["electric_cars"]
    kg = experts["ev_magnet_ree_kg"].at(np.array([2024.5])).value[0]
    assert case["cars"] * kg * 1e-3 == pytest.approx(case["tonnes"])


def test_use_rises_and_dysprosium_thins_out(dataset: Dataset, experts: Experts) -> None:
    world = demand(vantage(dataset, experts, ("2011-07", "2024-07")))
    ndpr, dy = (world.china[m].value + world.outside[m].value for m in (Material.NDPR, Material.DY))
    assert ndpr[1] > 2.5 * ndpr[0]
    assert dy[1] / ndpr[1] < 0.75 * dy[0] / ndpr[0]


def test_most_is_used_where_magnets_are_made(dataset: Dataset, experts: Experts) -> None:
    world = demand(vantage(dataset, experts, ("2010-07", "2024-07")))
    share = world.china[Material.NDPR].value / (world.china[Material.NDPR].value + world.outside[Material.NDPR].value)
    assert 0.7 < share[0] < share[1] < 0.95


def test_monthly_car_sales_lead_the_yearly_figure(dataset: Dataset, experts: Experts) -> None:
    # IEA published 2021 in May 2022; China's monthly sales had more than doubled by the end of 2021.
    early = demand(vantage(dataset, experts, ("2021-12",), date(2022, 1, 20))).china[Material.TB].value[0]
    blind = replace(dataset, panel=type(dataset.panel)(_without(dataset, "cn_nev_sales_caam")))
    unled = demand(vantage(blind, experts, ("2021-12",), date(2022, 1, 20))).china[Material.TB].value[0]
    assert early > 1.03 * unled


def test_what_was_carried_on_is_a_prior_and_its_band_grows(dataset: Dataset, experts: Experts) -> None:
    known = demand(vantage(dataset, experts, ("2016-06",), date(2016, 7, 20))).china[Material.NDPR]
    later = demand(vantage(dataset, experts, ("2016-06",))).china[Material.NDPR]
    assert known.evidence[0] == "prior"
    assert known.high[0] / known.low[0] > later.high[0] / later.low[0]


def _without(dataset: Dataset, series: str) -> Any:
    frame = dataset.panel.frame
    return frame[frame["series"] != series].reset_index(drop=True)
