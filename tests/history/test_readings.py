from datetime import date

import numpy as np
import pandas as pd

from features.panel import check_panel
from features.readings import Readings, held

ROWS = pd.DataFrame(
    [
        ("quota", "2020-01-01", "2020-02-01", 50.0),
        ("quota", "2020-07-01", "2020-09-01", 60.0),
        ("mine", "2019-12-31", "2021-03-01", 100.0),
        ("mine", "2019-12-31", "2022-03-01", 110.0),  # revised
        ("mine", "2021-12-31", "2023-03-01", 130.0),
        ("duty", "2011-01-01", "2010-12-14", 25.0),
    ],
    columns=["series", "date", "known_at", "value"],
)
YEARS = np.arange(2019, 2022)


def readings() -> Readings:
    return Readings.of(check_panel(ROWS), ["quota", "mine", "duty", "not yet begun"])


def test_a_revision_counts_from_the_day_it_was_published() -> None:
    before, after = (readings().known_by(date(y, 6, 1)).yearly("mine", YEARS)[0] for y in (2021, 2022))
    assert (before, after) == (100.0, 110.0)


def test_a_year_without_a_figure_is_nan_until_it_is_held() -> None:
    yearly = readings().known_by(None).yearly("mine", YEARS)
    assert np.isnan(yearly[1])
    assert held(yearly).tolist() == [110.0, 110.0, 130.0]


def test_what_precedes_the_first_figure_stays_unknown() -> None:
    assert np.isnan(held(np.array([np.nan, 1.0, np.nan]))[0])


def test_the_halves_of_a_year_are_told_apart() -> None:
    first, second = readings().known_by(date(2020, 8, 1)).halves("quota", YEARS)
    assert first[1] == 50.0
    assert np.isnan(second).all()
    assert readings().known_by(None).halves("quota", YEARS)[1][1] == 60.0


def test_a_series_that_nobody_had_published_is_empty() -> None:
    days, values = readings().known_by(None).points("not yet begun")
    assert (len(days), len(values)) == (0, 0)
    assert np.isnan(readings().known_by(date(2020, 1, 31)).yearly("mine", YEARS)).all()
