"""Months that are over before their index is published, and months before a model's path begins."""

from __future__ import annotations

import pytest

from pricing.errors import InputError
from serving.contracts.outlook.model import ModelPrice

from .test_values_add import fixings, floor, valued

FORWARD = {"kind": "given", "flat_usd_per_kg": 100}
OUTLOOK = {"kind": "paths", "paths": 1024, "deck": FORWARD}


def test_three_months_may_wait_for_their_index_and_a_fourth_is_refused() -> None:
    three = {"as_of": "2026-06-30", "indices": fixings(m2026_01=90.0, m2026_02=90.0, m2026_03=90.0)}
    found = valued(OUTLOOK, floor(), facts=three)
    prices = found["decks"][0]["usd_per_kg"]
    assert [prices[f"2026-{month:02d}"] for month in range(1, 8)] == [90.0, 90.0, 90.0, 100.0, 100.0, 100.0, 100.0]
    four = {"as_of": "2026-06-30", "indices": fixings(m2026_01=90.0, m2026_02=90.0)}
    with pytest.raises(InputError, match="no price of b for 2026-03"):
        valued(OUTLOOK, floor(), facts=four)


def test_a_price_by_month_holds_before_its_first_month_and_moves_from_it_on() -> None:
    price = ModelPrice(100.0, {"2026-04": 120.0, "2026-05": 130.0}, "a scenario")
    assert [price.at(month) for month in ("2026-03", "2026-04", "2026-05", "2027-01")] == [100.0, 120.0, 130.0, 130.0]
