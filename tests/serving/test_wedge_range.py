"""How sure a gap is: the fair price's interval and the market's own range both count."""

from __future__ import annotations

from datetime import date

import pytest

from pricing.market.supply import Region
from serving.book import MonthRow
from serving.market_answer import wedge_range

FAIR = {"mean": 80.0, "p10": 60.0, "p90": 110.0}


def row(**market: float | None) -> MonthRow:
    values: dict[str, object] = {f"long_run.market_economy.{name}": value for name, value in FAIR.items()}
    values.update({f"market.ex_china{edge}": value for edge, value in market.items()})
    return MonthRow("2026-02", date(2026, 3, 20), values)


def test_two_errors_are_joined_as_independent_ones() -> None:
    # market 120 (108 to 150), fair 80 (60 to 110): 40 - sqrt(30^2 + 12^2) = 7.69; 40 + sqrt(20^2 + 30^2) = 76.06.
    low, high = wedge_range(row(**{".low": 108.0, ".high": 150.0}), Region.EX_CHINA, 40.0)
    assert (low, high) == (pytest.approx(7.69, abs=0.005), pytest.approx(76.06, abs=0.005))


def test_a_market_without_a_range_leaves_the_fair_prices_own() -> None:
    assert wedge_range(row(), Region.EX_CHINA, 40.0) == (pytest.approx(10.0), pytest.approx(60.0))


def test_a_market_that_is_a_band_alone_gives_the_widest_range() -> None:
    assert wedge_range(row(**{".low": 108.0, ".high": 150.0}), Region.EX_CHINA, None) == (-2.0, 90.0)
