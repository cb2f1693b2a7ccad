"""The panel keeps tomorrow out of yesterday, and reads each kind of series month by month as it says."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.panel import Panel, check_panel, monthly, monthly_as_first_known, vintage_day
from pricing.errors import DataError

DAYS = st.dates(date(2010, 1, 1), date(2025, 12, 31))
ROWS = st.lists(
    st.tuples(st.sampled_from(["copper", "tin"]), DAYS, st.integers(0, 800), st.floats(0.1, 1e6)),
    min_size=1,
    max_size=40,
    unique_by=lambda row: row[:3],
)
MONTHS = [str(month) for month in pd.period_range("2010-01", "2026-12", freq="M")]
HOW = st.sampled_from(["exact", "carry", "step", "annual_linear"])


def panel_of(rows: list[tuple[str, date, int, float]]) -> Panel:
    table = pd.DataFrame(rows, columns=["series", "date", "lag", "value"])
    days = pd.to_datetime(table["date"])
    table = table.assign(date=days, known_at=days + pd.to_timedelta(table["lag"], unit="D"))
    return check_panel(table[["series", "date", "known_at", "value"]])


def one(*rows: tuple[str, str, float]) -> Panel:
    table = pd.DataFrame(rows, columns=["date", "known_at", "value"]).assign(series="copper")
    return check_panel(table[["series", "date", "known_at", "value"]])


@given(rows=ROWS, as_of=DAYS)
def test_nothing_known_later_is_left_in_a_panel_as_known(rows: list[tuple[str, date, int, float]], as_of: date) -> None:
    whole = panel_of(rows)
    known = whole.as_known(as_of).frame
    assert (known["known_at"] <= pd.Timestamp(as_of)).all()
    assert len(known) == (whole.frame["known_at"] <= pd.Timestamp(as_of)).sum()


@given(rows=ROWS, month=st.sampled_from(MONTHS), how=HOW)
def test_a_month_as_first_known_is_the_month_read_from_the_panel_of_its_vintage_day(
    rows: list[tuple[str, date, int, float]], month: str, how: str
) -> None:
    whole = panel_of(rows)
    name = whole.names[0]
    known = whole.as_known(vintage_day(month))
    found = monthly_as_first_known(whole, name, [month], how=how)  # type: ignore[arg-type]
    expected = monthly(known, name, [month], how=how) if name in known.names else [np.nan]  # type: ignore[arg-type]
    np.testing.assert_array_equal(found, expected)


@given(rows=ROWS, as_of=DAYS, how=HOW)
def test_poisoned_rows_of_the_future_change_no_month_priced_before(
    rows: list[tuple[str, date, int, float]], as_of: date, how: str
) -> None:
    whole = panel_of(rows)
    later = whole.frame["known_at"] > pd.Timestamp(as_of)
    poisoned = Panel(whole.frame.assign(value=whole.frame["value"].where(~later, whole.frame["value"] * 10)))
    months = [month for month in MONTHS if vintage_day(month) <= as_of]
    for name in whole.names:
        quiet = monthly_as_first_known(whole, name, months, how=how)  # type: ignore[arg-type]
        np.testing.assert_array_equal(quiet, monthly_as_first_known(poisoned, name, months, how=how))  # type: ignore[arg-type]


def test_exact_leaves_a_month_without_an_observation_empty() -> None:
    panel = one(("2020-01-01", "2020-02-05", 1.0), ("2020-03-01", "2020-04-05", 3.0))
    np.testing.assert_array_equal(
        monthly(panel, "copper", ["2020-01", "2020-02", "2020-03"], how="exact"), [1, np.nan, 3]
    )


def test_carry_holds_the_last_value_and_invents_none_before_the_first() -> None:
    panel = one(("2020-01-01", "2020-02-05", 1.0), ("2020-03-01", "2020-04-05", 3.0))
    months = ["2019-12", "2020-02", "2020-09"]
    np.testing.assert_array_equal(monthly(panel, "copper", months, how="carry"), [np.nan, 1, 3])


def test_a_step_holds_from_the_month_in_which_it_came_into_force() -> None:
    duty = one(("2011-01-01", "2010-12-14", 25.0), ("2015-05-01", "2015-05-01", 0.0))
    assert monthly(duty, "copper", ["2015-04", "2015-05"], how="step").tolist() == [25.0, 0.0]


def test_a_year_is_spread_between_mid_years_and_held_at_both_ends() -> None:
    output = one(("2019-12-31", "2020-06-01", 100.0), ("2020-12-31", "2021-06-01", 112.0))
    found = monthly(output, "copper", ["2018-01", "2019-06", "2019-12", "2020-07", "2021-12"], how="annual_linear")
    # mid-year is the turn from June to July: June is half a month before it, December five and a half after, of twelve
    assert found.tolist() == pytest.approx([100.0, 100.0, 105.5, 112.0, 112.0])


def test_a_correction_counts_from_the_day_it_was_published() -> None:
    panel = one(("2020-01-01", "2020-02-05", 1.0), ("2020-01-01", "2020-03-05", 2.0))
    assert monthly(panel, "copper", ["2020-01"], how="exact").tolist() == [2.0]
    assert monthly_as_first_known(panel, "copper", ["2020-01"], how="exact").tolist() == [1.0]


def test_a_missing_series_is_named_with_its_nearest_neighbour() -> None:
    with pytest.raises(DataError, match=r"coper is missing.*Nearest name: copper"):
        one(("2020-01-01", "2020-02-05", 1.0)).series("coper")


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([("2020-01-01", "2020-02-05", float("nan"))], "not a dated, finite number"),
        ([("2020-01-01", "2020-02-05", float("inf"))], "not a dated, finite number"),
        ([("2020-01-01", "2020-02-05", 1.0), ("2020-01-01", "2020-02-05", 2.0)], "stands there twice"),
    ],
)
def test_a_panel_refuses_rows_that_say_nothing_or_two_things(rows: list[tuple[str, str, float]], why: str) -> None:
    with pytest.raises(DataError, match=why):
        one(*rows)


def test_a_panel_without_known_at_is_refused() -> None:
    with pytest.raises(DataError, match="missing column known_at"):
        check_panel(pd.DataFrame({"series": ["a"], "date": ["2020-01-01"], "value": [1.0]}))


def test_a_month_is_first_priced_on_the_twentieth_of_the_next() -> None:
    assert vintage_day("2025-12") == date(2026, 1, 20)
