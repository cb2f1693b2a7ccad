"""The volatility of intervals: changes of one market's quotes, a domestic market's with the same material's FOB."""

from __future__ import annotations

import numpy as np
import pytest

from features.forecast_quotes import DOMESTIC, FOB, METAL, Quotes
from features.forecast_spread import interval_volatility, squared_changes, walk_spread


def quotes(place: str, prices: list[float], quoted: list[bool] | None = None, name: str = "NdPr") -> Quotes:
    last = np.array(prices)
    own = np.isfinite(last) if quoted is None else np.array(quoted)
    empty = ("",) * len(last)
    return Quotes(name, place, last, last, own, empty, empty, empty)


def climb(step: float, months: int = 24) -> list[float]:
    return np.exp(step * np.arange(months)).tolist()


def test_a_step_to_another_market_and_back_is_no_change() -> None:
    found = squared_changes(quotes(DOMESTIC, [50.0, 75.0, 50.0, 55.0], [True, False, True, True]))
    # 50 to 50 over two months, then 50 to 55; the derived 75 between them counts for nothing
    np.testing.assert_allclose(found, [np.nan, np.nan, 0.0, np.log(1.1) ** 2])


def test_quotes_three_months_apart_count_by_the_month_and_four_months_do_not() -> None:
    gap = float("nan")
    found = squared_changes(quotes(FOB, [50.0, gap, gap, 80.0, gap, gap, gap, 90.0]))
    assert found[3] == pytest.approx(np.log(1.6) ** 2 / 3)
    assert found.notna().sum() == 1


def test_domestic_and_fob_changes_count_alike() -> None:
    fob, home = quotes(FOB, climb(0.1)), quotes(DOMESTIC, climb(0.3))
    found = interval_volatility([fob, home], np.full((2, 24), 0.1))
    assert found[1, -1] == pytest.approx(np.sqrt((0.1**2 + 0.3**2) / 2))


def test_where_no_market_is_mixed_the_volatility_is_that_of_the_models() -> None:
    known = np.array([[0.1] * 24, [0.2] * 24])
    found = interval_volatility([quotes(FOB, climb(0.5)), quotes(METAL, climb(0.5), name="tin")], known)
    np.testing.assert_array_equal(found, known)


def test_a_later_price_changes_no_earlier_volatility() -> None:
    before, after = climb(0.1), climb(0.1)
    after[20:] = [10 * value for value in after[20:]]
    spreads = [
        interval_volatility([quotes(FOB, prices), quotes(DOMESTIC, prices)], np.full((2, 24), 0.1))
        for prices in (before, after)
    ]
    np.testing.assert_array_equal(spreads[0][:, :20], spreads[1][:, :20])
    assert spreads[1][1, 20] > spreads[0][1, 20]


def test_the_walk_that_intervals_are_measured_against_takes_the_same_changes() -> None:
    """Steps between markets would widen it, and flatter what is measured against it."""
    fob = quotes(FOB, climb(0.1))
    stepping = [price * (1.5 if month % 2 else 1.0) for month, price in enumerate(climb(0.1))]
    home = quotes(DOMESTIC, stepping, [month % 2 == 0 for month in range(24)])
    found = walk_spread([fob, home])
    assert found[0, -1] == pytest.approx(0.1)
    # 23 changes of .1 FOB; 11 domestic ones of .2 over two months, .02 a month squared
    assert found[1, -1] == pytest.approx(np.sqrt((23 * 0.01 + 11 * 0.02) / 34))


def test_a_walk_knows_no_later_change() -> None:
    before, after = climb(0.1), climb(0.1)
    after[20:] = [10 * value for value in after[20:]]
    spreads = [walk_spread([quotes(FOB, prices), quotes(DOMESTIC, prices)]) for prices in (before, after)]
    np.testing.assert_array_equal(spreads[0][:, :20], spreads[1][:, :20])
    assert (spreads[1][:, 20] > spreads[0][:, 20]).all()
