from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.explain.gap import LEARNED, ON_PRIORS, gap_of, item_names, rests_on_priors

AMOUNT = st.floats(-100, 100)
SEEN = {"vat_not_refunded": 0.0, "china_price": 0.0, "ex_china_price": 0.0}  # share of the year that was assumed


def row(vat: float = 3.0, illegal: float = -8.0, unexplained: float = 5.0) -> dict[str, object]:
    values: dict[str, object] = {"month": "2026-02"}
    for item, value in (("vat_not_refunded", vat), ("illegal_output", illegal), ("unexplained", unexplained)):
        column = f"wedge.china.{item}"
        values |= {column: value, f"{column}.low": value - 1, f"{column}.high": value + 1}
    return values | {"wedge.china.total": vat + illegal + unexplained, "wedge.ex_china.total": 7.0}


def test_items_are_read_from_the_row_in_its_order() -> None:
    assert item_names(row(), "china") == ("vat_not_refunded", "illegal_output", "unexplained")
    assert item_names(row(), "ex_china") == ()


@given(vat=AMOUNT, illegal=AMOUNT, unexplained=AMOUNT)
def test_the_values_of_the_items_add_up_to_the_gap(vat: float, illegal: float, unexplained: float) -> None:
    found = gap_of(row(vat, illegal, unexplained), "china", SEEN)
    assert found.total is not None
    assert sum(item.value or 0.0 for item in found.items) == pytest.approx(found.total, abs=1e-9)


def test_an_item_on_priors_alone_is_a_band_and_what_such_items_hold_together_closes_the_sum() -> None:
    found = {item.name: item for item in gap_of(row(), "china", SEEN).items}
    assert (found["illegal_output"].value, found["illegal_output"].low, found["illegal_output"].high) == (
        None,
        -9.0,
        -7.0,
    )
    assert found[ON_PRIORS].value == pytest.approx(-8.0)
    assert found["vat_not_refunded"].value == 3.0


def test_one_observed_month_of_the_year_makes_a_point() -> None:
    found = {
        item.name: item.value for item in gap_of(row(), "china", SEEN | {"illegal_output_share_est": 11 / 12}).items
    }
    assert found == {"vat_not_refunded": 3.0, "illegal_output": -8.0, "unexplained": 5.0}


def test_a_month_without_a_point_has_bands_only() -> None:
    found = gap_of(row(), "china", SEEN, pointed=False)
    assert found.total is None
    assert all(item.value is None and item.low is not None for item in found.items)


def test_without_a_market_price_nothing_closes_the_sum() -> None:
    found = gap_of(row() | {"wedge.china.total": None, "wedge.china.unexplained": float("nan")}, "china", SEEN)
    assert found.total is None
    assert ON_PRIORS not in {item.name for item in found.items}


def test_a_column_that_no_table_knows_is_read_as_an_item() -> None:
    learned = {"wedge.china.learned_correction": "0.5", "wedge.china.total": 0.5}
    found = gap_of(row() | learned, "china", SEEN | {"illegal_output_share_est": 0.0})
    assert {item.name: item.value for item in found.items}["learned_correction"] == 0.5


def test_what_was_learned_elsewhere_is_no_prior_of_this_market_and_an_unknown_item_is() -> None:
    assert not rests_on_priors(LEARNED, {})
    assert rests_on_priors("a new item", SEEN)


def test_what_the_month_itself_says_of_an_item_counts_before_the_share_of_its_year() -> None:
    said = {"wedge.china.vat_not_refunded.rests_on": "prior", "wedge.china.illegal_output.rests_on": "derived"}
    found = {item.name: item.value for item in gap_of(row() | said, "china", SEEN).items}
    assert (found["vat_not_refunded"], found["illegal_output"]) == (None, -8.0)
    assert found[ON_PRIORS] == pytest.approx(3.0)
    assert item_names(row() | said, "china") == ("vat_not_refunded", "illegal_output", "unexplained")
