"""Regimes by day: VAT, duties, quotas, licences; a suspension is not a repeal."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from features.dataset import Dataset
from features.policy import monthly_policy, regime_on, vat_rate
from pricing.errors import DataError


def held(policy: pd.DataFrame, instrument: str, material: str, day: date) -> float:
    """The value of the regime of a day; 0 where none is in force."""
    row = regime_on(policy, instrument, material, day)
    return float(row["value"]) if row is not None and row["status"] == "in force" else 0.0


@pytest.mark.parametrize(
    ("day", "rate"),
    [
        (date(2018, 4, 30), 0.17),
        (date(2018, 5, 1), 0.16),
        (date(2019, 3, 31), 0.16),
        (date(2019, 4, 1), 0.13),
        (date(2026, 2, 28), 0.13),
    ],
)
def test_vat_switches_on_the_day(shipped: Dataset, day: date, rate: float) -> None:
    assert vat_rate(shipped.policy, day) == rate


@pytest.mark.parametrize(
    ("instrument", "material", "day", "value"),
    [
        ("export_duty", "NdPr", date(2010, 12, 31), 15.0),
        ("export_duty", "NdPr", date(2011, 1, 1), 25.0),
        ("export_duty", "Dy", date(2015, 4, 30), 25.0),
        ("export_duty", "Dy", date(2015, 5, 1), 0.0),
        ("export_quota", "Tb", date(2014, 12, 31), 1.0),
        ("export_quota", "Tb", date(2015, 1, 1), 0.0),
        ("export_licence", "Dy", date(2025, 4, 3), 0.0),
        ("export_licence", "Dy", date(2025, 4, 4), 1.0),
        ("export_licence", "NdPr", date(2026, 1, 1), 0.0),
        ("us_price_floor", "NdPr", date(2025, 9, 30), 0.0),
        ("us_price_floor", "NdPr", date(2025, 10, 1), 110.0),
        ("us_price_floor", "NdPr", date(2036, 1, 1), 0.0),
        ("us_tariff", "NdPr", date(2025, 3, 4), 20.0),
        ("us_tariff", "NdPr", date(2026, 2, 20), 0.0),
    ],
)
def test_a_regime_holds_from_its_day(shipped: Dataset, instrument: str, material: str, day: date, value: float) -> None:
    assert held(shipped.policy, instrument, material, day) == value


def test_a_suspension_ends_and_the_rule_below_it_comes_back(shipped: Dataset) -> None:
    days = {date(2025, 10, 9): "in force", date(2025, 11, 7): "suspended", date(2026, 11, 10): "suspended"}
    for day, status in days.items():
        row = regime_on(shipped.policy, "export_controls_october_2025", "Dy", day)
        assert row is not None
        assert row["status"] == status
    assert held(shipped.policy, "export_controls_october_2025", "Dy", date(2026, 11, 11)) == 1.0


def test_a_month_as_known_does_not_see_a_rule_announced_after_its_vintage_day(shipped: Dataset) -> None:
    vat = shipped.policy["instrument"] == "vat"
    late = shipped.policy.assign(known_at=shipped.policy["known_at"].where(~vat, pd.Timestamp("2019-06-01")))
    months = ["2018-05", "2019-05"]
    assert monthly_policy(late, "vat", "all", months, "as_known").tolist() == [0.0, 13.0]
    assert monthly_policy(late, "vat", "all", months, "latest").tolist() == [16.0, 13.0]


def test_an_unknown_instrument_is_refused_by_name(shipped: Dataset) -> None:
    with pytest.raises(DataError, match="no instrument 'export_tax'; there are export_"):
        regime_on(shipped.policy, "export_tax", "NdPr", date(2012, 1, 1))


def test_there_is_no_vat_before_the_first_regime(shipped: Dataset) -> None:
    with pytest.raises(DataError, match="no VAT rate in force on 1990-01-01"):
        vat_rate(shipped.policy, date(1990, 1, 1))
