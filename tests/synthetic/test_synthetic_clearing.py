"""The simulator's clearing agrees with a textbook, with the estimator's clearing, and with itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pricing.market import clearing as joint
from pricing.market.synthetic.clearing import Excess, Prices, Trade, clear
from pricing.market.synthetic.curves import utilisation
from pricing.market.synthetic.family import CURVES

CASES = yaml.safe_load((Path(__file__).parents[1] / "worked_cases" / "takayama_judge.yaml").read_text())
Floats = np.ndarray


def terms(slope: float = 1.0, freight: float = 0.0, export_limit: float = np.inf) -> Trade:
    return Trade(np.array([slope]), np.array([freight]), np.array([export_limit]))


def line(intercept: float, slope: float) -> Excess:
    return lambda log_price: intercept + slope * np.exp(log_price)


def bent(capacity: float, cost: float, demand: float) -> Excess:
    """Return a region of logistic supply (slope .3) and isoelastic demand (elasticity .4 at 60 USD/kg)."""

    def excess(log_price: Floats) -> Floats:
        worked = utilisation(np.array([0]), np.array([0.3]), log_price - np.log(cost))
        return capacity * worked - demand * np.exp(-0.4 * (log_price - np.log(60.0)))

    return excess


def as_joint(china: Excess, outside: Excess, trade: Trade) -> joint.Cleared:
    """Return what the estimator's clearing makes of the same market, with derivatives by differences."""
    small = 1e-6

    def net(p: Floats, q: Floats, rows: object) -> joint.Net:
        def rises(excess: Excess, price: Floats) -> Floats:
            change = excess(np.log(price * (1 + small))) - excess(np.log(price * (1 - small)))
            return (change / (2 * small * price))[..., None]

        return joint.Net(
            china(np.log(p)), outside(np.log(q)), rises(china, p), rises(outside, q), np.full_like(p, 100.0)
        )

    column = joint.Trade(*(v[:, None] for v in (trade.slope, trade.freight, trade.freight, trade.export_limit)))
    return joint.clear(net, column, joint.Cleared.guess(np.array([[60.0]])))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_takayama_and_judges_prices_are_met(case: dict[str, float]) -> None:
    found = clear(line(-70, 1.6), line(-70, 0.8), terms(case["slope"], case["margin"], case["export_limit"]))
    assert (found.china[0], found.ex_china[0], found.exports[0]) == pytest.approx(
        (case["china"], case["ex_china"], case["exports"]), abs=1e-8
    )


def test_a_dear_china_imports_and_pays_freight() -> None:
    """China -100 + p, outside -20 + p, freight 5: 2 p + 5 = 120, so 57.5 outside, 62.5 in China, which buys 37.5."""
    found = clear(line(-100, 1), line(-20, 1), terms(slope=1.2, freight=5.0))
    assert (found.china[0], found.ex_china[0], found.exports[0]) == pytest.approx((62.5, 57.5, -37.5), abs=1e-8)


def test_two_regions_of_like_prices_stay_alone() -> None:
    """China clears alone at 50 and the outside at 51, and freight is 2."""
    found = clear(line(-50, 1), line(-51, 1), terms(freight=2.0))
    assert (found.china[0], found.ex_china[0], found.exports[0]) == pytest.approx((50.0, 51.0, 0.0), abs=1e-8)


@given(
    china=st.tuples(st.floats(30, 400), st.floats(15, 60), st.floats(20, 200)),
    outside=st.tuples(st.floats(5, 100), st.floats(30, 90), st.floats(20, 200)),
    duty=st.floats(0, 0.4),
    freight=st.floats(0.5, 3),
    limit=st.one_of(st.just(np.inf), st.floats(5, 100)),
)
def test_the_estimators_clearing_finds_the_same_prices(
    china: tuple[float, float, float],
    outside: tuple[float, float, float],
    duty: float,
    freight: float,
    limit: float,
) -> None:
    trade = terms(1 + duty, freight, limit)
    mine = clear(bent(*china), bent(*outside), trade)
    theirs = as_joint(bent(*china), bent(*outside), trade)
    assert mine.china[0] == pytest.approx(theirs.china[0, 0], rel=1e-5)
    assert mine.ex_china[0] == pytest.approx(theirs.ex_china[0, 0], rel=1e-5)


@given(st.lists(st.floats(5, 90), min_size=2, max_size=6), st.integers(0, 5))
def test_a_price_is_the_same_to_the_last_bit_whatever_clears_beside_it(limits: list[float], which: int) -> None:
    which = which % len(limits)
    together, one = _limited(limits), _limited(limits[which : which + 1])
    assert (together.china[which], together.ex_china[which]) == (one.china[0], one.ex_china[0])


def _limited(limits: list[float]) -> Prices:
    ones = np.ones(len(limits))
    return clear(line(-70, 1.6), line(-70, 0.8), Trade(ones, 2 * ones, np.array(limits)))


@pytest.mark.parametrize("curve", range(len(CURVES)), ids=CURVES)
def test_output_rises_with_the_price_from_none_to_all_of_capacity(curve: int) -> None:
    log_margin = np.linspace(-8, 8, 400)
    worked = utilisation(np.full(400, curve), np.full(400, 0.25), log_margin)
    assert (np.diff(worked) >= 0).all()
    assert worked[0] < 1e-3
    assert worked[-1] == pytest.approx(1.0)
    at_cost = utilisation(np.array([curve]), np.array([0.25]), np.zeros(1))
    assert at_cost[0] == pytest.approx(0.5)
