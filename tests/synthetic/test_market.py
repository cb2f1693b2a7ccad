"""One month's market by hand, the shapes of series, and investment by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pricing.market.synthetic import Economies
from pricing.market.synthetic.series import panic, pulses, turning
from pricing.market.synthetic.setting import Distortions, Setting
from pricing.market.synthetic.world import Investment, Market

Floats = np.ndarray
ONE = np.ones(1)


def path(value: float) -> Floats:
    return np.full((1, 1), value)


@pytest.fixture
def setting() -> Setting:
    """Return one month of one economy whose plants cost 60 USD/kg in both regions, with some of every wedge."""
    return Setting(
        curve=np.zeros(1, dtype=int),
        supply_slope=np.full((2, 1), 0.3),
        elasticity=np.full((2, 1), 0.5),
        cost_ratio=np.ones((2, 1)),
        freight=2 * ONE,
        factor_price=np.ones((4, 1, 1)),
        factor_cost=np.full((4, 1), 15.0),
        demand=np.array([[[30.0]], [[25.0]]]),
        ore_feed=path(0.5),
        policy_share=0 * ONE,
        policy_rate=path(0.0),
        distortions=Distortions(
            subsidy=path(0.0),
            quota=path(40.0),
            illegal=path(0.1),
            duty=path(0.2),
            vat=path(0.1),
            export_quota=path(0.8),
            licence=path(0.6),
            stockpile=path(4.0),
            panic=path(0.0),
        ),
    )


def excess(setting: Setting, price: float) -> tuple[float, float]:
    china, ex_china = Market(setting).excess(np.array([[100.0], [20.0]]), 0)
    at = np.log([price])
    return float(china(at)[0]), float(ex_china(at)[0])


def test_a_months_supply_and_demand_are_those_worked_by_hand(setting: Setting) -> None:
    """At 60, the cost, half of capacity works. China: min(50, 40 x 1.1) + half of 10 fed - 30 - 4 = 15; rest 5 - 25."""
    assert excess(setting, 60.0) == pytest.approx((15.0, -20.0))


def test_a_subsidy_of_half_the_cost_moves_chinas_supply_alone(setting: Setting) -> None:
    """At 30, China's paid cost: 44 of 50 allowed; fed ore at ln .5 / .3 works 9.0240 %; demand 30 x sqrt 2."""
    half = replace(setting, distortions=replace(setting.distortions, subsidy=path(0.5)))
    worked = 1 / (1 + 2 ** (1 / 0.3))
    assert worked == pytest.approx(0.0902, abs=1e-4)
    wanted = (44 + 10 * worked - 30 * 2**0.5 - 4, 10 * worked - 25 * 2**0.5)
    assert excess(half, 30.0) == pytest.approx(wanted)


def test_panic_adds_to_what_both_regions_buy(setting: Setting) -> None:
    doubled = replace(setting, distortions=replace(setting.distortions, panic=path(np.log(2))))
    assert excess(doubled, 60.0) == pytest.approx((15.0 - 30.0, -20.0 - 25.0))


def test_duty_and_tax_multiply_and_the_tighter_limit_holds(setting: Setting) -> None:
    trade = Market(setting).trade(0)
    assert (trade.slope[0], trade.freight[0], trade.export_limit[0]) == pytest.approx((1.2 * 1.1, 2.0, 0.6 * 25))


def test_lifting_every_wedge_leaves_ore_demand_and_technology(setting: Setting) -> None:
    """At 60: 50 + 5 - 30 = 25 in China, 5 - 25 outside; nothing between the regions but freight."""
    panicking = replace(setting, policy_share=0.5 * ONE, distortions=replace(setting.distortions, panic=path(0.7)))
    fair = panicking.undistorted()
    assert fair.policy_share == 0
    assert excess(fair, 60.0) == pytest.approx((25.0, -20.0))
    trade = Market(fair).trade(0)
    assert (trade.slope[0], trade.freight[0], trade.export_limit[0]) == (1.0, 2.0, np.inf)


def test_growth_answers_the_mean_margin_of_the_window_within_its_bounds() -> None:
    """Margins .1, .2, .3, ... from the first month on; delay 2, window 2: in month 4 they are .2 and .3, mean .25.

    Speed .4 above a hurdle of .05 gives .08 a year; in month 1 nothing counts yet and the pipeline's .06 holds; in
    month 2 only the .1 does: .02.
    """
    law = Investment(
        delay=np.array([2]),
        window=np.array([2]),
        speed=0.4 * ONE,
        hurdle=0.05 * ONE,
        closure=0.03 * ONE,
        build=0.1 * ONE,
        pipeline=np.full((2, 1), 0.06),
    )
    margins = np.linspace(0.1, 2.0, 20)
    paid = np.concatenate([[0.0], np.cumsum(margins)])[:, None, None] * np.ones((1, 2, 1))
    rates = [float(law.rate(paid, month)[0, 0]) for month in (1, 2, 4, 19)]
    assert rates == pytest.approx([0.06, 0.02, 0.08, 0.1])
    assert law.rate(-paid, 19)[1, 0] == pytest.approx(-0.03)


def test_a_burst_lasts_as_long_as_it_drew() -> None:
    """A start in month 3 that drew .5 of 7 months lasts 4; one in month 5 that drew .1 lasts 1 beside it."""
    starts, lengths = np.zeros((190, 1), dtype=bool), np.zeros((190, 1))
    starts[3], lengths[3] = True, 0.5
    starts[5], lengths[5] = True, 0.1
    running = pulses(starts, lengths, np.array([7.0]))[:, 0]
    assert running[2:8].tolist() == [0, 1, 1, 2, 1, 0]


def test_what_a_panic_hoards_comes_back_in_the_end() -> None:
    starts = np.zeros((2000, 1), dtype=bool)
    starts[0] = True
    all_back, half_back = (panic(starts, 0.3 * ONE, 4 * ONE, share * ONE)[:, 0] for share in (1.0, 0.5))
    assert all_back[0] > 0.15
    assert all_back.min() < 0
    assert abs(all_back.sum()) < 1e-9
    assert half_back.sum() > 0.3 * half_back[half_back > 0].sum()


def test_a_turn_is_half_way_in_its_middle() -> None:
    share = turning(np.array([70.0]), np.array([10.0]))[:, 0]
    assert share[70] == 0.5
    assert share[80] == pytest.approx(0.731, abs=1e-3)


def test_twins_have_as_much_more_as_those_of_the_examples(twins: Economies) -> None:
    """.12 of cost added, quota x .88, purchases doubled and one more, up to 12: 0, 5, 8 become 1, 11, 12."""
    seen = twins.observed

    def more(kind: str, column: str) -> tuple[Floats, Floats]:
        rows = [i for i, twin in enumerate(twins.twin) if twin == kind]
        return seen[column][twins.base[rows]], seen[column][rows]

    before, after = more("more_subsidy", "subsidy_rate_est")
    seen_over_true = (after - before) / 0.12
    scale = seen_over_true.mean(axis=1)
    assert 0.7 < scale.min() < scale.max() < 1.3
    assert np.ptp(scale) > 0.1
    assert np.log(seen_over_true).std(axis=1) == pytest.approx(np.full(6, 0.095), abs=0.025)
    quota, tighter = more("tighter_quota", "mining_quota")
    np.testing.assert_allclose(tighter, 0.88 * quota)
    bought, more_bought = more("more_stockpiling", "stockpile_purchase_est")
    pairs = set(zip(bought.ravel().tolist(), more_bought.ravel().tolist(), strict=True))
    assert pairs <= {(0.0, 0.0), (0.0, 1.0), (5.0, 11.0), (8.0, 12.0)}
    assert pairs >= {(0.0, 0.0), (0.0, 1.0), (5.0, 11.0)}
