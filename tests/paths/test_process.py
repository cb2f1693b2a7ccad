"""The two-factor process: its variances by formula, the moments it is made from, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.errors import InputError
from pricing.paths.process import PriceProcess, TwoFactor

OIL = TwoFactor(1.49, 0.286, 0.145, correlation=0.3)  # Schwartz and Smith (2000), table 2, futures data
YEARS = np.arange(1, 13) / 12
SPEEDS = st.floats(0.5, 3.0)
CORRELATIONS = st.floats(-1.0, 1.0)


def test_the_variance_a_year_ahead_is_that_of_the_published_formula() -> None:
    # (1 - e^-2.98) .081796 / 2.98 + .021025 + 2 (1 - e^-1.49) .3 x .286 x .145 / 1.49 = .026054 + .021025 + .012936
    assert OIL.deviation(np.array([1.0]))[0] ** 2 == pytest.approx(0.060015, abs=1e-6)


@given(
    speed=SPEEDS,
    short=st.floats(0.0, 0.8),
    long=st.floats(0.0, 0.8),
    correlation=CORRELATIONS,
    ahead=st.floats(0.01, 15.0),
)
def test_the_variance_of_two_correlated_factors_is_schwartz_and_smiths(
    speed: float, short: float, long: float, correlation: float, ahead: float
) -> None:
    # (1 - e^-2kT) s^2 / 2k + l^2 T + 2 (1 - e^-kT) r s l / k, their equation 9
    own = short**2 * (1 - np.exp(-2 * speed * ahead)) / (2 * speed) + long**2 * ahead
    both = 2 * correlation * short * long * (1 - np.exp(-speed * ahead)) / speed
    found = TwoFactor(speed, short, long, correlation).deviation(np.array([ahead]))[0] ** 2
    assert found == pytest.approx(max(own + both, 0.0), rel=1e-8, abs=1e-12)


def test_two_items_vary_together_as_steps_of_their_factors_add_up() -> None:
    # the same shocks summed over 4,000 small steps, each fading at its own rate until two dates
    factors = (TwoFactor(1.2, 0.3, 0.2, -0.6), TwoFactor(0.7, 0.5, 0.4, 0.3, level_reversion=0.25))
    exact = PriceProcess(("NdPr", "Dy"), factors, ((1.0, 0.5), (0.5, 1.0))).covariance(np.array([1.5, 4.0]))
    step = 1.5 / 4000
    middle = (np.arange(4000) + 0.5) * step
    weights = []
    for one, until in zip(factors, (1.5, 4.0), strict=True):
        faded = np.exp(-one.short_reversion * (until - middle)) * one.short_volatility
        level = np.exp(-one.level_reversion * (until - middle)) * one.long_volatility + one.correlation * faded
        weights.append((level, np.sqrt(1 - one.correlation**2) * faded))
    (level_a, own_a), (level_b, own_b) = weights
    summed = 0.5 * step * float(level_a @ level_b + own_a @ own_b)
    assert exact[0, 3] == pytest.approx(summed, rel=1e-6)


def test_nothing_is_uncertain_about_the_past() -> None:
    assert OIL.deviation(np.array([-1.0, 0.0])).tolist() == [0.0, 0.0]


@given(volatility=st.floats(0.1, 0.6), ratio=st.floats(1.2, 4.0), speed=SPEEDS, level=st.sampled_from([0.0, 0.1, 0.2]))
def test_a_process_has_the_volatility_and_variance_ratio_it_was_made_from(
    volatility: float, ratio: float, speed: float, level: float
) -> None:
    made = TwoFactor.from_moments(volatility, ratio, speed, level)
    assert made.monthly_volatility == pytest.approx(volatility, rel=1e-9)
    assert made.variance_ratio(24) == pytest.approx(ratio, rel=1e-9)


def test_a_ratio_out_of_reach_is_refused_with_what_is_within() -> None:
    with pytest.raises(InputError, match=r"variance_ratio: found 0\.1; allowed: 0\.\d\d to"):
        TwoFactor.from_moments(0.3, 0.1, 1.0, 0.3)


def test_a_level_that_reverts_as_fast_as_the_short_term_part_is_refused() -> None:
    with pytest.raises(InputError, match=r"level_reversion: found 1\.0; allowed: below short_reversion"):
        TwoFactor.from_moments(0.3, 1.0, 1.0, 1.0)


def test_a_level_that_hardly_reverts_is_schwartz_and_smith() -> None:
    level = TwoFactor(1.49, 0.286, 0.145, correlation=0.3, level_reversion=1e-9)
    assert level.deviation(YEARS) == pytest.approx(OIL.deviation(YEARS), rel=1e-7)
    assert level.change_variance(2.0) == pytest.approx(OIL.change_variance(2.0), rel=1e-7)


def test_a_level_that_reverts_bounds_the_variance() -> None:
    bounded = TwoFactor.from_moments(0.374, 2.6, 1.0, 0.3).deviation(np.array([10.0, 100.0]))
    free = TwoFactor.from_moments(0.374, 2.6, 1.0, 0.0).deviation(np.array([10.0, 100.0]))
    assert bounded[1] < 1.05 * bounded[0]
    assert free[1] > 3 * free[0]


@given(first=CORRELATIONS, second=CORRELATIONS, between=st.floats(-1.0, 1.0), speed=SPEEDS)
def test_no_correlation_of_factors_and_items_gives_a_negative_variance(
    first: float, second: float, between: float, speed: float
) -> None:
    factors = (TwoFactor(speed, 0.3, 0.2, first), TwoFactor(1.0, 0.5, 0.4, second, level_reversion=0.3))
    covariance = PriceProcess(("NdPr", "Dy"), factors, ((1.0, between), (between, 1.0))).covariance(YEARS)
    assert np.allclose(covariance, covariance.T)
    assert np.linalg.eigvalsh(covariance).min() > -1e-12


def test_the_risk_premium_is_that_of_the_level_less_what_the_price_still_has_to_follow() -> None:
    follows = TwoFactor(1.0, 0.2, 0.5)
    premium = follows.risk_premium(np.array([0.0, 2.0]), 0.4)
    # .4 (.5 x 2 - .2 (1 - e^-2)) = .4 (1 - .172933)
    assert premium == pytest.approx([0.0, 0.330827], abs=1e-6)


def test_every_impossible_number_of_a_process_is_named_at_once() -> None:
    with pytest.raises(InputError) as refused:
        TwoFactor(0.0, -1.0, float("nan"), correlation=2.0, level_reversion=-0.1)
    assert len(refused.value.faults) == 5


@pytest.mark.parametrize("matrix", [((1.0, 0.5), (0.4, 1.0)), ((1.0, 1.2), (1.2, 1.0)), ((1.0,),)])
def test_an_improper_correlation_is_refused(matrix: tuple[tuple[float, ...], ...]) -> None:
    with pytest.raises(InputError, match="process"):
        PriceProcess(("NdPr", "Dy"), (OIL, OIL), matrix)
