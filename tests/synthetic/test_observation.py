"""What an analyst sees errs as much, and is missing as often, as its scheme says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pricing.market.history import DEMAND, REQUIRED
from pricing.market.synthetic import Economies, Family, simulate
from pricing.market.synthetic.draws import draw
from pricing.market.synthetic.economies import DERIVED
from pricing.market.synthetic.family import PARAMETERS
from pricing.market.synthetic.observation import by_year, observe
from pricing.market.synthetic.setting import EX_CHINA, by_region, settings
from pricing.market.synthetic.world import Investment, grow

Floats = np.ndarray


@pytest.fixture(scope="module")
def full(shipped: dict[str, Family]) -> Economies:
    return simulate(shipped["as_examples"], 40, 5)


@pytest.fixture(scope="module")
def yearly(shipped: dict[str, Family]) -> Economies:
    return simulate(replace(shipped["as_examples"], schemes=("yearly",)), 40, 5)


def spread(seen: Floats, true: Floats) -> float:
    return float(np.nanstd(np.log(seen / true)))


def test_full_data_miss_a_price_by_two_per_cent_and_nothing_is_missing(full: Economies) -> None:
    assert 0.015 < spread(full.observed["china_price"], full.market["china_price"]) < 0.022
    assert all(np.isfinite(values).all() for values in full.observed.values())
    assert set(full.observed) >= {*REQUIRED, *DEMAND}


def test_illegal_output_is_seen_with_a_noise_of_a_quarter_and_more(full: Economies) -> None:
    """The path behind it is smooth, so that a month's change is the noise of two months."""
    change = np.diff(np.log(full.observed["illegal_output_share_est"]), axis=1)
    assert 0.24 < change.std() / np.sqrt(2) < 0.31


def test_how_an_economy_is_seen_is_drawn_apart_from_what_it_is(shipped: dict[str, Family]) -> None:
    draws = draw(shipped["training_mix"], 1, range(300))
    first = draws.value[PARAMETERS[0]]
    assert abs(np.corrcoef(first, draws.scheme)[0, 1]) < 0.2


def test_yearly_data_hold_one_capacity_and_one_demand_a_year(yearly: Economies) -> None:
    for column in ("capacity_china_est", "capacity_ex_china_est", *DEMAND):
        within = np.diff(yearly.observed[column].reshape(40, -1)[:, :180].reshape(40, 15, 12), axis=2)
        assert not within.any()
    assert np.diff(yearly.observed["mining_quota"], axis=1).all()


def test_a_year_without_december_is_the_mean_of_its_months() -> None:
    months = np.arange(14.0)[:, None]
    assert by_year(months)[:, 0].tolist() == [5.5] * 12 + [12.5] * 2


def test_poor_data_miss_most_outside_prices_exports_and_purchases(poor: Economies) -> None:
    seen = {name: float(np.isfinite(values).mean()) for name, values in poor.observed.items()}
    assert 0.26 < seen["ex_china_price"] < 0.36
    assert 0.15 < seen["exports_china"] < 0.26
    assert seen["illegal_output_share_est"] < 0.08
    assert seen["china_price"] == 1.0


def test_poor_data_err_lastingly_in_capacity_and_guess_a_flat_subsidy(poor: Economies, yearly: Economies) -> None:
    assert not np.diff(poor.observed["subsidy_rate_est"], axis=1).any()
    for column in ("capacity_china_est", "mining_quota"):
        assert 0.15 < np.log(poor.observed[column][:, 0]).std() < 0.3
    assert np.log(yearly.observed["capacity_china_est"][:, 0]).std() < 0.05


def test_an_engineers_factor_cost_errs_by_a_fifth_and_the_level_by_a_tenth(shipped: dict[str, Family]) -> None:
    """Four factors of equal weight: the sum errs by the level's .1 and half a fifth, sqrt(.01 + .01) = .14."""
    even = {f"cost_weight_{factor}": (1.0, 1.0) for factor in ("energy", "reagents", "labour", "capital")}
    family = shipped["as_examples"]
    same_plant = replace(family, ranges={**family.ranges, **even, "unit_cost": (40.0, 40.0)})
    seen = simulate(same_plant, 200, 1).observed
    energy = np.log(seen["factor_cost_energy"][:, 0] / 10.0)
    total = np.log(sum(seen[f"factor_cost_{f}"][:, 0] for f in ("energy", "reagents", "labour", "capital")) / 40.0)
    assert energy.std() == pytest.approx(np.hypot(0.2, 0.1), rel=0.15)
    assert total.std() == pytest.approx(0.14, rel=0.15)


def test_most_outside_prices_of_realistic_data_only_restate_the_chinese_one(realistic: Economies) -> None:
    d = realistic.derived
    seen = realistic.observed
    made = seen["china_price"] * (1 + seen["export_tax_rate"]) * (1 + seen["vat_not_refunded"]) + 2.0
    np.testing.assert_allclose(seen["ex_china_price"][d], made[d])
    assert 0.4 < d.mean() < 0.9
    history = realistic.history(0)
    assert (history.frame["price_basis"] == DERIVED).to_numpy().tolist() == d[0].tolist()


def test_realistic_data_state_demand_as_consumption_at_the_price_of_the_day(realistic: Economies) -> None:
    frame = realistic.history(1).frame
    assert {"consumption_china", "consumption_ex_china", "physical_demand_china"} <= set(frame)
    consumed, price = frame["consumption_china"], frame["china_price"]
    yearly_price = by_year(price.to_numpy()[:, None])[:, 0]
    implied = np.log(frame["demand_index_china"] / consumed) / np.log(yearly_price / 60.0)
    assert implied.std() < 1e-6
    assert 0.2 <= implied.mean() <= 0.4


def test_ore_separated_in_china_can_turn_exports_negative(realistic: Economies) -> None:
    exports = realistic.observed["exports_china"]
    assert (exports[np.isfinite(exports)] < 0).any()
    assert (exports[np.isfinite(exports)] > 0).any()


def test_exports_are_net_of_the_ore_that_china_separates_for_others(shipped: dict[str, Family]) -> None:
    family = shipped["training_mix_realistic"]
    exact = replace(family, ranges={**family.ranges, "exports_noise": (0.0, 0.0)}, schemes=("full",))
    draws = draw(exact, 3, range(4))
    setting = settings(exact, draws)
    world = grow(setting, Investment.of(draws), by_region(draws, "capacity_start"))
    fed = setting.ore_feed * world.capacity[EX_CHINA]
    seen = observe(exact, draws, setting, world).columns
    np.testing.assert_allclose(seen["exports_china"], world.exports - fed)
    stood = seen["capacity_ex_china_est"] / (world.capacity[EX_CHINA] - fed)
    assert spread(stood, np.ones_like(stood)) == pytest.approx(0.08, abs=0.015)


def test_columns_that_nobody_sees_in_an_economy_are_left_out_of_its_history(poor: Economies) -> None:
    assert "vat_not_refunded" not in poor.history(0).frame
    assert "price_basis" not in poor.history(0).frame
