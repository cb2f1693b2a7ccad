"""Forecasts beside what came: states, ends, and the count of those that held."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.contracts.periods import month_after, months_between
from pricing.forecast.published import HORIZONS, Forecasts, read_forecasts
from pricing.scoreboard.fair_rows import months_later
from pricing.scoreboard.forecast_rows import JUDGED, OPEN, STALE, UNQUOTED, ForecastRow, forecast_rows
from pricing.scoreboard.worst_forecasts import worst_forecasts

FOB = "fob_china"
QUOTES = st.lists(st.tuples(st.floats(50, 200), st.booleans()), min_size=2, max_size=30)


def forecasts(quotes: list[tuple[float, bool]]) -> Forecasts:
    """The last quote is forecast, within 10, 20 and 40 % either way at every horizon."""
    months = list(months_between("2020-01", months_later("2020-01", len(quotes) - 1)))
    n, base = len(months), [price for price, _ in quotes]
    half = [[wide] * len(HORIZONS) for wide in np.log([1.1, 1.2, 1.4])]
    columns: dict[str, Any] = {
        "month": months, "known_on": [f"{month_after(month)}-20" for month in months], "base": base,
        "base_month": months, "base_day": [""] * n, "evidence": ["observed"] * n, "source": ["made up"] * n,
        "quoted": [quoted for _, quoted in quotes], "point": [[b] * len(HORIZONS) for b in base], "half": [half] * n,
        "thin": [False] * n,
    }  # fmt: skip
    used = {
        "month": months,
        "ratio": [[None] * 24] * n,
        "resolved": [[0] * 24] * n,
        "used": [[True, *[False] * 23]] * n,
    }
    found = read_forecasts({
        "method": "1", "targets": {FOB: {"Dy": columns}}, "skill": {FOB: used}, "refused": {}, "cautions": {},
        "record": [], "bad_months": [],
    })  # fmt: skip
    assert found is not None
    return found


def rows_of(quotes: list[tuple[float, bool]], horizons: tuple[int, ...] = (1,)) -> list[ForecastRow]:
    return list(forecast_rows(forecasts(quotes), FOB, "Dy", horizons))


def test_a_forecast_stands_beside_the_quote_that_came() -> None:
    first, second, last = rows_of([(100.0, True), (105.0, True), (130.0, True)])
    assert (first.for_month, first.came, first.inside) == ("2020-02", 105.0, (True, True, True))
    assert (second.came, second.inside) == (130.0, (False, False, True))  # 24 % up
    assert second.miss_ln == pytest.approx(np.log(130 / 105))
    assert (last.state, last.came, last.inside, last.miss_ln) == (OPEN, None, None, None)
    assert first.ends[1] == pytest.approx((100 / 1.2, 120.0))
    assert first.models


def test_a_month_without_a_quote_judges_nothing_and_says_so() -> None:
    assert [row.state for row in rows_of([(100.0, True), (100.0, False), (130.0, True)])] == [UNQUOTED, STALE, OPEN]


def test_a_place_without_forecasts_has_no_row() -> None:
    assert list(forecast_rows(forecasts([(100.0, True), (101.0, True)]), "ex_china", "Dy", (1,))) == []


@given(QUOTES)
def test_the_rows_that_held_are_those_the_forecast_counts(quotes: list[tuple[float, bool]]) -> None:
    """Every forecast answer says how many past ones held: the same count as the rows of the scoreboard."""
    found = forecasts(quotes)
    counts, inside = found.targets[FOB, "Dy"].coverage("2099-12-31")
    for horizon in (1, 3, 24):
        rows = [row for row in forecast_rows(found, FOB, "Dy", (horizon,)) if row.state == JUDGED]
        assert len(rows) == counts[horizon - 1]
        held = np.sum([row.inside for row in rows], axis=0) if rows else np.zeros(3)
        assert held.tolist() == inside[:, horizon - 1].tolist()


@given(QUOTES, st.data())
def test_quotes_that_come_later_change_nothing_that_was_said_before(
    quotes: list[tuple[float, bool]], data: st.DataObject
) -> None:
    cut = data.draw(st.integers(1, len(quotes)))
    poisoned = [(price * (10.0 if place >= cut else 1.0), quoted) for place, (price, quoted) in enumerate(quotes)]
    for one, other in zip(rows_of(quotes)[:cut], rows_of(poisoned)[:cut], strict=True):
        assert (one.month, one.base, one.point, one.ends) == (other.month, other.base, other.point, other.ends)


def test_the_worst_forecast_is_the_largest_in_logarithms_and_earlier_origins_stand_apart() -> None:
    """A fall to a fifth is farther than a rise to four times, though +300 % is more than -80 %."""
    rows = rows_of([(100.0, True), (400.0, True), (80.0, True), (90.0, True), (180.0, True)])
    found = worst_forecasts(rows, "2020-03", 2)
    assert [(row.month, row.for_month) for row in found.before] == [("2020-02", "2020-03"), ("2020-01", "2020-02")]
    assert [row.month for row in found.headline] == ["2020-04", "2020-03"]


def test_each_distance_has_its_own_worst_and_what_has_not_come_is_none() -> None:
    found = worst_forecasts(rows_of([(100.0, True), (110.0, True), (90.0, False)], (1, 2)), "2000-01", 1)
    assert [(row.months_ahead, row.month) for row in found.headline] == [(1, "2020-01")]
    assert found.before == ()
