"""The shipped levers: each acts on something that is there, and its range is the one experts state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from features.costs import cost_model
from features.expert_paths import load_paths
from features.levers import expand, load_levers, load_new_uses, load_ordinary_tariffs
from pricing.costs.factors import FactorPrices
from pricing.costs.model import BAA_YIELD, CostModel
from pricing.costs.price_paths import Drivers
from pricing.errors import DataError
from pricing.levers import Lever, Levers, Through, Way
from pricing.scenarios.reading import RATIO_ONLY, known_targets
from pricing.scenarios.targets import ORIGINS, Target, expanded

SOURCES = (
    *("bayan_obo", "sichuan", "southern_clays", "myanmar_feed", "imported_concentrate"),
    *("incumbents_ex_china", "brownfield_ex_china", "greenfield_ex_china", "brazil_clay"),
)
MATERIALS = ("NdPr", "Dy", "Tb")


@dataclass(frozen=True, eq=False)
class CostsAlone:
    """What `known_targets` asks of a base: the real cost model, and the names of materials and sources."""

    costs: CostModel
    drivers: Drivers
    prices: FactorPrices
    facts: SimpleNamespace
    tariffs: Mapping[str, float]


@cache
def known() -> tuple[Target, ...]:
    model = cost_model()
    drivers = Drivers(("2026-02",), {name: np.ones(1) for name in (*model.series, BAA_YIELD)})
    names = SimpleNamespace(materials=MATERIALS, names=SOURCES)
    rates = {f"{place}.{origin}": 0.0 for place in load_ordinary_tariffs() for origin in ORIGINS}
    base: Any = CostsAlone(model, drivers, model.factor_prices(drivers), names, rates)
    return known_targets(base)


def targets(lever: Lever) -> list[Target]:
    return [target for pattern in lever.targets for target in expanded(pattern, known())]


@pytest.mark.parametrize("name", load_levers().rows)
def test_every_pattern_of_every_lever_names_something_that_is_there(name: str) -> None:
    found = targets(load_levers().rows[name])
    assert len(found) == len(set(found))  # and nothing is pushed twice


def test_what_can_only_be_scaled_is_moved_by_ratios_alone() -> None:
    for lever in load_levers().rows.values():
        if any(target[0] in RATIO_ONLY for target in targets(lever)):
            assert lever.through is Through.RATIO, lever.name


def test_all_reagents_are_all_that_a_plant_buys_but_labour_and_energy() -> None:
    found = {target[-1] for target in targets(load_levers().rows["reagents.all"])}
    bought = {target[-1] for target in known() if target[0] == "price"}
    assert found == bought - {"labour", "power", "heat"}


def test_every_lever_says_what_it_moves_and_who_says_so() -> None:
    for lever in load_levers().rows.values():
        texts = (lever.title, lever.group, lever.unit, lever.moves, lever.source, lever.as_of)
        assert all(isinstance(text, str) and text.strip() for text in texts), lever.name
        assert lever.group in ("costs", "policy", "demand", "supply")
        assert "<" not in "".join((*texts, *lever.targets, *lever.aliases)), lever.name


def test_the_range_of_american_wages_is_that_of_the_cost_model() -> None:
    wages = load_levers().rows["wages.united_states"]
    assert (wages.low, wages.high) == pytest.approx((32.0 / 36.8, 55.0 / 36.8))
    assert wages.within(1.1 * 42.0, baseline=42.0)
    assert not wages.within(2 * 42.0, baseline=42.0)


def test_what_geology_allows_has_the_range_of_the_supply_file() -> None:
    paths = load_paths("supply")
    for source in SOURCES:
        stated = paths[f"limit_{source}_t"].points
        lever = load_levers().rows[f"limit.{source}"]
        assert (lever.low, lever.high) == (stated.low[0], stated.high[0])
        assert load_levers().rows[f"capacity.{source}"].high == stated.value[0]


def test_a_stronger_yuan_lies_above_its_baseline() -> None:
    yuan = load_levers().rows["fx.cny"]
    assert yuan.through is Through.INVERSE
    assert yuan.value(Way.SCALE, 1.05, 1 / 6.9064) == pytest.approx(0.15203, abs=1e-5)


def test_robots_today_are_those_of_the_levers() -> None:
    today = load_new_uses()["robots"]
    rows = load_levers().rows
    assert (rows["robots.units"].stated, rows["robots.magnet_kg"].stated) == (today.units, today.kg)
    assert today.content["NdPr"] == pytest.approx(0.31 * 1.166, abs=1e-3)


def test_levers_survive_their_plain_rows() -> None:
    assert Levers.from_rows(load_levers().plain()) == load_levers()


def test_one_row_stands_for_every_entry_of_its_for() -> None:
    row = {
        "name": "limit.<key>",
        "title": "Limit of <label>",
        "most": 9.0,
        "for": {"a": {"label": "A"}, "b": {"most": 5.0}},
    }
    assert [found["name"] for found in expand(row)] == ["limit.a", "limit.b"]
    assert [found["most"] for found in expand(row)] == [9.0, 5.0]


def test_a_row_without_a_source_is_named() -> None:
    row = load_levers().plain()[0] | {"name": "wages.nowhere"}
    del row["source"]
    with pytest.raises(DataError, match=r"wages\.nowhere"):
        Levers.from_rows([row])


def test_a_lever_given_twice_is_refused() -> None:
    row = load_levers().plain()[0]
    with pytest.raises(DataError, match="given twice"):
        Levers.from_rows([row, row])
