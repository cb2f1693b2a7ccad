from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import pandas as pd
import pytest

from features.cost_drivers import WAGES, baa_yield, read_drivers, trended
from features.dataset import Dataset
from features.panel import Panel, check_panel, vintage_day
from pricing.costs.model import BAA_YIELD
from pricing.costs.price_paths import CPI, Drivers, change, price_path
from pricing.errors import DataError

Row = tuple[str, str, float]  # date, known_at, value


def panel_of(series: Mapping[str, Sequence[Row]]) -> Panel:
    rows = [(name, *row) for name, found in series.items() for row in found]
    return check_panel(pd.DataFrame(rows, columns=["series", "date", "known_at", "value"]))


WAGE_ROWS = [("2010-12-31", "2011-05-20", 100.0), ("2012-12-31", "2013-05-20", 121.0)]


def test_wages_lie_on_the_line_between_surveys_and_grow_on_after_the_last() -> None:
    """100 in mid-2010, 121 in mid-2012: 10 % a year; mid-July of 2013 is 1.042 years on: 121 x 1.1^1.0417 = 133.6."""
    months = ["2011-07", "2013-07"]
    found = trended(panel_of({WAGES: WAGE_ROWS}), WAGES, months, "latest", cap=0.2)
    assert found == pytest.approx([100 + 21 * 12.5 / 24, 121 * 1.1 ** (1 + 0.5 / 12)])


def test_growth_beyond_the_last_survey_stays_below_its_cap() -> None:
    found = trended(panel_of({WAGES: WAGE_ROWS}), WAGES, ["2013-07"], "latest", cap=0.05)
    assert found == pytest.approx([121 * 1.05 ** (1 + 0.5 / 12)])


def test_a_wage_survey_counts_only_once_it_is_published() -> None:
    found = trended(panel_of({WAGES: WAGE_ROWS}), WAGES, ["2011-03", "2013-03", "2013-04"], "as_known", cap=0.2)
    assert np.isnan(found[0])
    assert found[1] == 100.0
    assert found[2] == pytest.approx(121 * 1.1 ** (9.5 / 12))


def test_the_baa_yield_is_spread_plus_funds_rate_and_later_treasury_plus_last_spread() -> None:
    """Baa over funds 2.0 + funds 3.0 = 5.0, that is 1.0 over a Treasury of 4.0; next month's Treasury 4.5 makes 5.5."""
    panel = panel_of(
        {
            "us_baa_spread": [("2024-06-01", "2024-07-15", 2.0)],
            "us_fed_funds": [("2024-06-01", "2024-07-15", 3.0)],
            "us_10y_yield": [("2024-06-01", "2024-07-04", 4.0), ("2024-07-01", "2024-08-04", 4.5)],
        }
    )
    assert baa_yield(panel, ["2024-06", "2024-07"], "latest") == pytest.approx([0.050, 0.055])


def test_a_price_moves_with_what_it_follows_and_with_the_exchange_rate() -> None:
    """Half follows urea, up 20 %; half a local price growing 10 % a year, in a currency that lost a tenth."""
    drivers = Drivers(("2024-07",), {"urea": np.array([360.0]), "fx": np.array([5.5])})
    bases = {"urea": {"2023": 300.0}, "fx": {"2023": 5.0}}
    rules = [
        {"share": 0.5, "series": "urea", "base_year": "2023"},
        {"share": 0.5, "grows": 0.10, "from": 2023 + 6.5 / 12, "fx": "fx", "base_year": "2023"},
    ]
    assert price_path(2.0, rules, bases, drivers) == pytest.approx([2.0 * (0.5 * 1.2 + 0.5 * 1.1 / 1.1)])


def test_a_series_not_yet_known_moves_with_consumer_prices() -> None:
    drivers = Drivers(("2015-01", "2022-01"), {"soda": np.array([np.nan, 220.0]), CPI: np.array([250.0, 300.0])})
    bases = {"soda": {"2022": 200.0}, CPI: {"2022": 300.0}}
    found = price_path(1.0, [{"share": 1.0, "series": "soda", "base_year": "2022"}], bases, drivers)
    assert found == pytest.approx([250 / 300, 1.1])


def test_a_price_that_follows_more_or_less_than_itself_is_refused() -> None:
    with pytest.raises(DataError, match=r"add to 0\.9"):
        price_path(1.0, [{"share": 0.9, "grows": 0, "from": 2020}], {}, Drivers(("2020-01",), {}))


def test_a_base_or_driver_that_is_not_there_is_named() -> None:
    drivers = Drivers(("2020-01",), {})
    with pytest.raises(DataError, match="No base of urea for 2023"):
        change("urea", "2023", {}, drivers)
    with pytest.raises(DataError, match="Driver urea is missing"):
        change("urea", "2023", {"urea": {"2023": 300.0}}, drivers)


def test_no_row_known_after_the_vintage_day_moves_a_driver(dataset: Dataset) -> None:
    months = ["2014-05", "2014-06"]
    names = (CPI, WAGES, "wb_urea", "usd_cny", "us_ahe_private_production_workers_AHETPI")
    later = dataset.panel.frame["known_at"] > pd.Timestamp(vintage_day(months[-1]))
    shaken = dataset.panel.frame.assign(value=dataset.panel.frame["value"].where(~later, lambda v: 10 * v))
    worlds = [dataset.panel, check_panel(shaken), dataset.panel.as_known(date(2014, 7, 20))]
    found = [read_drivers(panel, names, months, "as_known", 0.1) for panel in worlds]
    for name in (*names, BAA_YIELD):
        assert all((other.series[name] == found[0].series[name]).all() for other in found[1:]), name
