"""Simulated economies obey the laws that make their truth a truth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pricing.market.synthetic import Economies, Family, simulate
from pricing.market.synthetic.draws import MONTHS, draw
from pricing.market.synthetic.family import SCHEMES, TWINS
from pricing.market.synthetic.setting import CHINA, EX_CHINA, by_region, settings
from pricing.market.synthetic.twins import twinned
from pricing.market.synthetic.world import Investment, Market, grow

Floats = np.ndarray
PLAIN, MIXED = "as_examples", "training_mix_realistic"  # the second holds every curve, scheme and distortion


def every_number(economies: Economies) -> dict[str, Floats]:
    truth = {"fair_long_run": economies.fair_long_run, "fair_short_run": economies.fair_short_run}
    market = {f"true {name}": values for name, values in economies.market.items()}
    return {**economies.observed, **truth, **market, "derived": economies.derived}


def same(one: Economies, other: Economies) -> bool:
    pairs = zip(every_number(one).values(), every_number(other).values(), strict=True)
    return one.names == other.names and all(a.tobytes() == b.tobytes() for a, b in pairs)


@pytest.mark.parametrize("name", [PLAIN, MIXED])
def test_an_economy_depends_on_its_own_number_alone(shipped: dict[str, Family], name: str) -> None:
    """Made beside eight others or alone: the same bytes."""
    together = simulate(shipped[name], 9, 11)
    assert same(together.take([5]), simulate(shipped[name], 1, 11, first=5))


def test_the_same_seed_gives_the_same_bytes(shipped: dict[str, Family], twins: Economies) -> None:
    assert same(twins, simulate(shipped[PLAIN], 6, 7, twins=True))


def test_another_seed_gives_other_economies(shipped: dict[str, Family]) -> None:
    one, other = (simulate(shipped["as_examples"], 2, seed) for seed in (1, 2))
    assert not np.isclose(one.fair_long_run, other.fair_long_run).any(axis=1).all()
    assert one.fair_long_run[0, 0] != one.fair_long_run[1, 0]


def test_twins_change_no_economy_and_follow_it_in_order(shipped: dict[str, Family], twins: Economies) -> None:
    assert same(twins.take(range(0, 30, 5)), simulate(shipped["as_examples"], 6, 7))
    assert twins.twin == ("", *TWINS) * 6
    assert twins.base.tolist() == [5 * (i // 5) for i in range(30)]
    assert twins.names[6] == "as_examples-00001-more_subsidy"


@pytest.mark.parametrize(
    ("kind", "column"),
    [
        ("more_subsidy", "subsidy_rate_est"),
        ("tighter_quota", "mining_quota"),
        ("more_stockpiling", "stockpile_purchase_est"),
        ("tighter_licence", None),
    ],
)
def test_a_twin_shares_all_but_one_distortion_and_its_consequences(
    twins: Economies, kind: str, column: str | None
) -> None:
    answers = {"china_price", "ex_china_price", "exports_china", "capacity_china_est", "capacity_ex_china_est"}
    rows = [i for i, twin in enumerate(twins.twin) if twin == kind]
    bases = twins.base[rows]
    changed = {n for n, v in twins.observed.items() if not np.array_equal(v[rows], v[bases], equal_nan=True)}
    assert changed <= answers | {column}
    assert column is None or column in changed
    np.testing.assert_array_equal(twins.fair_long_run[rows], twins.fair_long_run[bases])


def test_the_noise_on_a_twin_is_that_on_its_base(twins: Economies) -> None:
    noise = np.log(twins.observed["china_price"] / twins.market["china_price"])
    np.testing.assert_allclose(noise, noise[twins.base], atol=1e-12)


def test_a_licence_that_never_binds_changes_nothing(shipped: dict[str, Family]) -> None:
    loose = _with(shipped[PLAIN], licence_share=(10.0, 10.0))
    none = _with(loose, licence_from=(float(MONTHS), float(MONTHS)))
    licensed, free = simulate(loose, 3, 2), simulate(none, 3, 2)
    for name in ("china_price", "ex_china_price"):
        np.testing.assert_array_equal(licensed.market[name], free.market[name])


def test_a_tighter_licence_raises_the_gap_only_while_it_is_in_force(twins: Economies) -> None:
    gap = twins.market["ex_china_price"] - twins.market["china_price"]
    rows = np.array([i for i, twin in enumerate(twins.twin) if twin == "tighter_licence"])
    more = gap[rows] - gap[twins.base[rows]]
    assert (more[:, -19:] > 0).all()
    assert not more[:, :-19].any()


def test_without_any_distortion_the_market_is_fair_in_both_runs(no_wedge: Family) -> None:
    free = simulate(no_wedge, 8, 3)
    np.testing.assert_allclose(free.market["ex_china_price"], free.fair_long_run, rtol=1e-9)
    np.testing.assert_allclose(free.market["ex_china_price"], free.fair_short_run, rtol=1e-9)


def test_the_undistorted_world_starts_with_other_plant(twins: Economies) -> None:
    assert (np.abs(np.log(twins.fair_long_run / twins.fair_short_run)[:, 0]) > 1e-6).all()


def test_the_truth_does_not_depend_on_how_an_economy_is_seen(shipped: dict[str, Family]) -> None:
    """The information ladder: one scheme's family after another, same economies."""
    ladder = [simulate(replace(shipped[PLAIN], schemes=(scheme,)), 3, 4) for scheme in SCHEMES[:3]]
    noisier = simulate(_with(shipped[PLAIN], price_noise=(0.5, 0.5), factor_error=(0.9, 0.9)), 3, 4)
    for other in (*ladder[1:], noisier):
        np.testing.assert_array_equal(other.fair_long_run, ladder[0].fair_long_run)
        np.testing.assert_array_equal(other.market["china_price"], ladder[0].market["china_price"])
    assert not np.array_equal(ladder[0].observed["capacity_china_est"], ladder[1].observed["capacity_china_est"])


@pytest.mark.parametrize("name", [PLAIN, MIXED])
def test_supply_meets_demand_at_the_cleared_prices(shipped: dict[str, Family], name: str) -> None:
    """To 1e-8 of demand, in both regions and every month; exports stay within their limit."""
    draws = draw(shipped[name], 9, range(4)).repeat(5)
    setting = twinned(settings(shipped[name], draws), draws)
    world = grow(setting, Investment.of(draws), by_region(draws, "capacity_start"))
    market = Market(setting)
    for month in range(MONTHS):
        china, ex_china = market.excess(world.capacity[:, month], month)
        scale = setting.demand[:, month].min(axis=0)
        left = china(np.log(world.price[CHINA, month])) - world.exports[month]
        short = ex_china(np.log(world.price[EX_CHINA, month])) + world.exports[month]
        assert np.abs(left / scale).max() < 1e-8
        assert np.abs(short / scale).max() < 1e-8
        assert (world.exports[month] <= market.trade(month).export_limit).all()


def test_plants_answer_a_margin_only_after_the_delay_of_investment(twins: Economies) -> None:
    """As the examples: three years from the newest margin that counts, so the 38th month is the first to differ."""
    rows = np.array([i for i, twin in enumerate(twins.twin) if twin == "more_subsidy"])
    ratio = twins.observed["capacity_ex_china_est"][rows] / twins.observed["capacity_ex_china_est"][twins.base[rows]]
    np.testing.assert_allclose(ratio[:, :37], 1.0, atol=1e-12)
    assert (np.abs(ratio[:, 60:] - 1) > 1e-6).any(axis=1).all()


def test_more_subsidy_lowers_what_the_market_would_be_at_todays_plant(twins: Economies) -> None:
    """Subsidised plant stays when the subsidy goes: the short-run fair price of later years falls with it, or stays."""
    rows = np.array([i for i, twin in enumerate(twins.twin) if twin == "more_subsidy"])
    change = np.log(twins.fair_short_run[rows] / twins.fair_short_run[twins.base[rows]])
    assert (change[:, 60:].mean(axis=1) < 0.01).all()  # a cycle of building may leave a year or two a little dearer
    assert np.median(change[:, 60:]) < -0.02


@pytest.mark.parametrize("name", ["other_ranges", "slow_investment"])
def test_truth_and_market_are_finite_and_positive(shipped: dict[str, Family], name: str) -> None:
    made = simulate(shipped[name], 30, 3)
    for prices in (made.fair_long_run, made.fair_short_run, *made.market.values()):
        assert np.isfinite(prices).all()
        assert (prices > 0).all()
    assert all(np.isfinite(made.observed[c]).all() for c in made.observed if c.startswith(("capacity", "demand")))


def _with(family: Family, **ranges: tuple[float, float]) -> Family:
    return replace(family, ranges={**family.ranges, **ranges})
