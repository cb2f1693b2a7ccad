from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.banded import Banded
from features.quota_rent import Quote, Rates, licence_rent, rent_points
from pricing.market.history import Evidence
from pricing.market.supply import Market
from pricing.materials import Material

DAY = np.datetime64("2013-02-01")


def quotes_of(month: str, quotes: dict[str, dict[str, float]]) -> list[Quote]:
    return [
        Quote(month, oxide, basis, mean, "included", DAY)
        for oxide, row in quotes.items()
        for basis, mean in row.items()
    ]


def test_rent_is_what_export_price_holds_beyond_vat_and_duty(worked: dict[str, Any]) -> None:
    case = worked["rent"]
    rates = {case["month"]: Rates(**case["rates"])}
    points = rent_points(quotes_of(case["month"], case["quotes"]), rates, Material.NDPR)
    assert points[case["month"]].rent == pytest.approx(case["rent"], abs=1e-4)


def test_the_shipped_history_holds_the_worked_month(latest: Market, worked: dict[str, Any]) -> None:
    rent = latest.histories["NdPr"].frame.loc[worked["rent"]["month"], "quota_rent"]
    assert rent == pytest.approx(worked["rent"]["rent"], abs=1e-4)


def test_a_month_with_one_market_has_no_rent() -> None:
    quotes = quotes_of("2013-01", {"Nd": {"fob_china": 75.0}, "Pr": {"china_domestic": 350.0}})
    assert rent_points(quotes, {"2013-01": Rates(0.17, 0.25, 6.2)}, Material.NDPR) == {}


@given(vat=st.floats(0, 0.2), duty=st.floats(0, 0.3), fx=st.floats(5, 9), domestic=st.floats(10, 3000))
def test_an_export_price_of_taxes_alone_leaves_no_rent(vat: float, duty: float, fx: float, domestic: float) -> None:
    fob = domestic * (1 + vat) * (1 + duty) / fx
    quotes = [
        Quote("2012-01", "Dy", "china_domestic", domestic, "excluded", DAY),
        Quote("2012-01", "Dy", "fob_china", fob, "not refunded", DAY),
    ]
    rent = rent_points(quotes, {"2012-01": Rates(vat, duty, fx)}, Material.DY)["2012-01"].rent
    assert rent == pytest.approx(0, abs=1e-9 * fob)


def test_the_licence_of_late_2010_cost_thirty_to_forty_five_dollars(latest: Market) -> None:
    row = latest.histories["NdPr"].frame.loc["2010-11"]
    assert (row["quota_rent_low"], row["quota_rent"], row["quota_rent_high"]) == (29.9, 37.0, 44.9)


def test_without_export_quotas_there_is_no_quota_rent(latest: Market) -> None:
    after = latest.histories["NdPr"].frame.loc["2015-01":]
    assert (after["quota_rent"] == 0).all()


def test_under_the_licence_the_rent_is_the_thin_spot_and_its_low_what_is_traded() -> None:
    china = pd.DataFrame({"price": [200.0, np.nan]})
    spot = Banded.of(
        [np.array([850.0, 850.0]), np.array([700.0, 700.0]), np.array([1000.0, 1000.0])], np.array(["derived"] * 2)
    )
    rent = licence_rent(spot, china, np.array([0.13, 0.13]), 0.03)
    freight = 850 - 200 * 1.13 - rent.value[0]
    assert 0 < freight < 5
    assert rent.low == pytest.approx([0.03 * 226, 0.03 * 226])
    assert rent.value[0] == rent.value[1]  # a month without a Chinese price stands on the last one


def test_dysprosium_outside_china_bears_a_rent_from_april_2025_only(latest: Market) -> None:
    rent = latest.histories["Dy"].frame["quota_rent"]
    assert (rent.loc["2015-01":"2025-03"] == 0).all()
    assert (rent.loc["2025-05":] > 100).all()
    assert set(latest.histories["Dy"].evidence("quota_rent")) <= {Evidence.DERIVED, Evidence.PRIOR}


def test_months_whose_rent_is_their_own_gap_are_marked(latest: Market) -> None:
    ndpr, dy = (latest.histories[name].frame for name in ("NdPr", "Dy"))
    assert (ndpr.loc["2013-01":"2014-12", "gap_in_rent"] == 1).all()
    before = ndpr.loc["2010-07":"2012-12", "gap_in_rent"]  # a reported licence price, four pairs, lines between them
    assert list(before.index[before == 1]) == ["2011-05", "2011-08", "2011-09", "2012-03"]
    assert (ndpr.loc["2015-01":, "gap_in_rent"] == 0).all()
    assert (dy.loc["2025-04":, "gap_in_rent"] == 1).all()
    assert (dy.loc["2015-01":"2025-03", "gap_in_rent"] == 0).all()
