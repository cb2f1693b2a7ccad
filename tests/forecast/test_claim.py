"""What a record allows one to claim: long enough, its band below 1, and a test that agrees; and why so long."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.forecast.claim import ClaimRule
from pricing.forecast.scores import Bootstrap, diebold_mariano, ratio_band

RULE = ClaimRule(least_months=36, least_windows=4, below_p=0.1)
CLEAR = (-3.0, 0.01)


@pytest.mark.parametrize(
    ("months", "horizon", "high", "dm", "verdict"),
    [
        (36, 1, 0.95, CLEAR, True),
        (35, 1, 0.95, CLEAR, None),  # a month too short
        (48, 12, 0.95, CLEAR, True),
        (47, 12, 0.95, CLEAR, None),  # three windows
        (145, 1, 1.0, CLEAR, False),
        (145, 1, 0.95, (-1.6, 0.1), False),
        (145, 1, 0.95, (3.0, 0.01), False),  # the test says the other is better
        (145, 1, np.nan, CLEAR, False),
        (145, 1, 0.95, (np.nan, np.nan), False),
    ],
)
def test_skill_needs_months_windows_a_band_below_one_and_a_test_that_agrees(
    months: int, horizon: int, high: float, dm: tuple[float, float], verdict: bool | None
) -> None:
    assert RULE.verdict(months, horizon, high, dm) is verdict


@given(st.integers(0, 200), st.integers(1, 24), st.floats(0.5, 1.5), st.floats(-5, 5), st.floats(0, 1))
def test_no_single_year_has_a_verdict(months: int, horizon: int, high: float, dm: float, p: float) -> None:
    found = RULE.verdict(months, horizon, high, (dm, p))
    assert found is None or months >= 36
    assert found is None or months >= 4 * horizon


def test_without_skill_a_band_of_twelve_months_claims_it_three_times_as_often_as_one_of_sixty() -> None:
    """The noise of the forecast is such that its squared error is expected to be the last quote's: no skill."""
    rng, how, share = np.random.default_rng(0), Bootstrap(200, 6, 0.9, 1), 0.1

    def claimed(months: int) -> tuple[float, float]:
        bands, verdicts = 0, 0
        for _ in range(400):
            came = rng.normal(size=months)
            said = share / 2 * came + np.sqrt(share - (share / 2) ** 2) * rng.normal(size=months)
            ours, base = (came - said) ** 2, came**2
            high = ratio_band(ours, base, 1, how, root=True)[1]
            bands += high < 1
            verdicts += RULE.verdict(months, 1, high, diebold_mariano(ours, base, 1)) is True
        return bands / 400, verdicts / 400

    short, long = claimed(12), claimed(60)
    assert short[0] > 0.15  # by its band alone
    assert short[1] == 0.0
    assert long[0] < 0.12
    assert long[1] <= long[0]
