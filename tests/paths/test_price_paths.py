"""Simulated paths: on the deck in the mean, spread as the process says, the same bytes for the same seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.contracts.valuation.closed_form import floorlet
from pricing.errors import InputError
from pricing.paths.jumps import PolicyJumps, jump_sizes
from pricing.paths.normals import _normals, check_budget
from pricing.paths.process import PriceProcess, TwoFactor
from pricing.paths.simulate import Sampling, _kept_growths, checked_deck, growths, principal_loadings, risk_adjusted

NDPR = TwoFactor.from_moments(0.374, 2.6, 1.0, 0.3)
BOTH = PriceProcess(("NdPr", "Dy"), (NDPR, NDPR.scaled(0.7)), ((1.0, 0.68), (0.68, 1.0)))
YEARS = tuple(month / 12 for month in range(1, 25))
DECK = np.array([np.linspace(120.0, 90.0, 24), np.full(24, 180.0)])
SMALL = Sampling(paths=1024)
JUMPS = PolicyJumps(per_year=0.2, log_sizes=(("NdPr", 0.4), ("Dy", 1.4)), spread=0.5, half_life_years=1.0)


def price_paths(process: PriceProcess, deck: np.ndarray, years: Sequence[float], sampling: Sampling) -> np.ndarray:
    """Prices (M, T, N) around a deck."""
    return checked_deck(process, deck, years)[:, :, None] * growths(process, years, sampling)


def test_the_mean_path_is_the_deck_exactly() -> None:
    assert price_paths(BOTH, DECK, YEARS, Sampling()).mean(axis=2) == pytest.approx(DECK, rel=1e-13)


@pytest.mark.parametrize("paths", [256, 8192])
def test_a_payoff_of_one_month_is_that_of_the_closed_form(paths: int) -> None:
    grown = growths(BOTH, YEARS, Sampling(paths=paths))[0]
    simulated = np.maximum(1.1 - grown, 0.0).mean(axis=1)
    assert np.allclose(simulated, floorlet(1.0, NDPR.deviation(np.array(YEARS)), 1.1), rtol=2e-4)


def test_log_prices_spread_as_the_process_says() -> None:
    logs = np.log(growths(BOTH, YEARS, Sampling())).reshape(48, -1)
    assert np.cov(logs) == pytest.approx(BOTH.covariance(np.array(YEARS)), abs=0.005)


def test_the_same_seed_gives_the_same_bytes_and_another_gives_others() -> None:
    first = price_paths(BOTH, DECK, YEARS, SMALL).tobytes()
    _normals.cache_clear()
    _kept_growths.cache_clear()
    assert price_paths(BOTH, DECK, YEARS, SMALL).tobytes() == first
    assert price_paths(BOTH, DECK, YEARS, replace(SMALL, seed=7)).tobytes() != first


def test_requests_share_what_a_deck_does_not_change_and_cannot_spoil_it() -> None:
    shared = growths(BOTH, YEARS, SMALL)
    price_paths(BOTH, DECK * 2, YEARS, SMALL)
    assert growths(BOTH, list(YEARS), SMALL) is shared
    with pytest.raises(ValueError, match="read-only"):
        shared[0, 0, 0] = 1.0


def test_a_month_that_is_past_holds_its_fixing_on_every_path() -> None:
    prices = price_paths(BOTH, DECK[:, :3], (-1 / 12, 0.0, 1 / 12), SMALL)
    assert (prices[:, :2] == DECK[:, :2, None]).all()
    assert prices[0, 2].std() > 1.0


def test_the_largest_component_takes_the_first_dimension() -> None:
    loadings = principal_loadings(BOTH.covariance(np.array(YEARS)))
    sizes = (loadings**2).sum(axis=0)
    assert (np.diff(sizes) <= 1e-15).all()
    assert loadings @ loadings.T == pytest.approx(BOTH.covariance(np.array(YEARS)), abs=1e-12)


@given(factor=st.floats(0.1, 10.0))
def test_prices_scale_with_the_deck(factor: float) -> None:
    scaled = price_paths(BOTH, DECK * factor, YEARS, SMALL)
    assert np.allclose(scaled, price_paths(BOTH, DECK, YEARS, SMALL) * factor, rtol=1e-12)


def test_jumps_widen_the_high_end_and_leave_the_mean_on_the_deck() -> None:
    calm, stressed = (price_paths(BOTH, DECK, YEARS, replace(SMALL, jumps=jumps)) for jumps in (None, JUMPS))
    assert stressed.mean(axis=2) == pytest.approx(DECK, rel=1e-13)
    assert np.quantile(stressed[1, -1], 0.99) > 1.3 * np.quantile(calm[1, -1], 0.99)
    assert np.quantile(stressed[1, -1], 0.05) < np.quantile(calm[1, -1], 0.05)


def test_jumps_come_as_often_as_stated_hit_all_items_and_halve_in_their_half_life() -> None:
    steady = replace(JUMPS, per_year=1.0, spread=0.0)
    added = jump_sizes(steady, ("NdPr", "Dy", "Tb"), (1.0, 2.0), 4096, 3).reshape(3, 2, -1)
    assert added[:, 0].mean(axis=1) == pytest.approx([0.4, 1.4, 0.0], rel=0.05)
    assert added[0, 1].mean() == pytest.approx(0.4 * 1.5, rel=0.05)  # a year's jumps and half of the last
    assert added[1] == pytest.approx(added[0] * 3.5)


def test_a_price_of_risk_lowers_the_deck_and_none_leaves_it() -> None:
    assert risk_adjusted(BOTH, DECK, YEARS, 0.0) == pytest.approx(DECK)
    lowered = risk_adjusted(BOTH, DECK, YEARS, 0.3) / DECK
    assert (np.diff(lowered, axis=1) < 0).all()
    assert lowered[0] == pytest.approx(np.exp(-NDPR.risk_premium(np.array(YEARS), 0.3)))


def test_a_request_beyond_the_budget_says_by_how_much() -> None:
    check_budget(65_536, 120, 3)
    with pytest.raises(InputError, match=r"65,536 paths x 360 periods x 3 items = 70,778,880; allowed: at most"):
        price_paths(three_items(), np.ones((3, 360)), [m / 12 for m in range(360)], Sampling(paths=65_536))
    with pytest.raises(InputError, match="a power of two"):
        check_budget(1000, 12, 1)


def three_items() -> PriceProcess:
    identity = tuple(tuple(float(i == j) for j in range(3)) for i in range(3))
    return PriceProcess(("NdPr", "Dy", "Tb"), (NDPR, NDPR, NDPR), identity)


@pytest.mark.parametrize("deck", [DECK[:, :3], DECK * 0, DECK * np.nan])
def test_a_deck_that_is_none_is_refused(deck: np.ndarray) -> None:
    with pytest.raises(InputError, match="deck"):
        price_paths(BOTH, deck, YEARS, SMALL)


def test_impossible_jumps_are_refused_with_every_fault() -> None:
    with pytest.raises(InputError) as refused:
        PolicyJumps(per_year=-1, log_sizes=(), spread=float("nan"), half_life_years=0)
    assert len(refused.value.faults) == 3
