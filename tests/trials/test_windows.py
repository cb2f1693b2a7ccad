"""Moves around events by hand: what counts, what is compared, and what is left out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.trials.windows import NO_MOVE, Window, move_at, moves

MONTHS = [str(month) for month in pd.period_range("2014-01", periods=12, freq="M")]
TWO_AND_TWO = Window(2, 2)


def series(*values: float) -> pd.Series:
    return pd.Series(values, index=MONTHS[: len(values)], dtype=float)


def test_a_move_is_the_mean_from_the_event_on_less_the_mean_before() -> None:
    """1, 3 before and 10, 20 after: 15 - 2 = 13."""
    assert moves(series(1, 3, 10, 20, 0), TWO_AND_TWO).tolist()[2] == 13.0


def test_a_window_over_an_end_has_no_move() -> None:
    found = moves(series(1, 2, 3, 4, 5), TWO_AND_TWO)
    assert np.isnan(found).tolist() == [True, True, False, False, True]


def test_half_of_the_months_on_a_side_are_enough_and_fewer_are_not() -> None:
    """Before: 2 and a gap; after: 6 and a gap, so 6 - 2. One month on, both months before are gaps."""
    found = moves(series(2, np.nan, np.nan, 6, 8), TWO_AND_TWO)
    assert found.iloc[2] == 4.0
    assert np.isnan(found.iloc[3])


def test_an_event_is_ranked_among_windows_that_share_no_month_with_it() -> None:
    """Moves at months 3 to 11: 0, 0, 0, 0, 5, 10, 5, 0, 0. Month 8 moves 10; apart by four are months 3, 4 only."""
    jump = series(0, 0, 0, 0, 0, 0, 0, 10, 10, 10, 10, 10)
    assert moves(jump, TWO_AND_TWO).dropna().tolist() == [0, 0, 0, 0, 5, 10, 5, 0, 0]
    found = move_at(jump, "2014-08", TWO_AND_TWO)
    assert (found.value, found.percentile, found.rank, found.placebos) == (10.0, 1.0, 1, 2)
    assert found.chance == pytest.approx(1 / 3)


def test_a_fall_is_large_in_size_and_low_in_percentile() -> None:
    fall = series(9, 9, 8, 8, 8, 8, 8, 2, 2, 2, 2, 2)
    found = move_at(fall, "2014-08", TWO_AND_TWO)
    assert (found.value, found.percentile, found.rank) == (-6.0, 0.0, 1)


def test_a_flat_series_ranks_an_event_last_and_in_the_middle() -> None:
    found = move_at(series(*[5.0] * 12), "2014-08", TWO_AND_TWO)
    assert (found.value, found.percentile, found.rank, found.placebos) == (0.0, 0.5, 3, 2)


@pytest.mark.parametrize("event", ["2013-05", "2014-01", "2014-12"])
def test_an_event_without_its_months_has_no_move(event: str) -> None:
    assert move_at(series(*range(12)), event, TWO_AND_TWO) == NO_MOVE


@given(values=st.lists(st.integers(-100, 100), min_size=12, max_size=12), lift=st.integers(-50, 50))
def test_level_and_unit_change_no_rank(values: list[int], lift: int) -> None:
    own = move_at(series(*values), "2014-07", TWO_AND_TWO)
    other = move_at(series(*(4 * value + lift for value in values)), "2014-07", TWO_AND_TWO)
    assert (own.rank, own.percentile) == (other.rank, other.percentile)
    assert other.value == pytest.approx(4 * own.value)
