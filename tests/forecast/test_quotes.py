"""What counts as a quote: the last one of a month with its day; a month known as a mean is a base and no more."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from features.dataset import Dataset, load_dataset, vintage_day
from features.forecast_quotes import DOMESTIC, FOB, Quotes, forecast_months, forecast_quotes


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return load_dataset()


@pytest.fixture(scope="module")
def series(dataset: Dataset) -> dict[tuple[str, str], Quotes]:
    return {(one.place, one.name): one for one in forecast_quotes(dataset)}


def in_time(dataset: Dataset, material: str, place: str) -> pd.DataFrame:
    """Return the rows of a material's oxide at a place that were known on their month's vintage day."""
    rows = dataset.prices
    rows = rows[(rows["material"] == material) & (rows["form"] == "oxide") & (rows["basis"] == place)]
    return rows[rows["known_at"] <= [pd.Timestamp(vintage_day(month)) for month in rows["month"]]]


@pytest.mark.parametrize(("served", "behind", "over"), [("Dy", "Dy", 1.0), ("Tb", "Tb", 1.0), ("NdPr", "Nd", 1.03)])
def test_fob_starts_from_and_aims_at_the_last_quote_not_the_mean(
    dataset: Dataset, series: dict[tuple[str, str], Quotes], served: str, behind: str, over: float
) -> None:
    quotes, months = series[FOB, served], forecast_months(dataset)
    rows = in_time(dataset, behind, FOB).dropna(subset=["last"])
    apart = 0
    for at in np.flatnonzero(quotes.quoted):
        of_month = rows[rows["month"] == months[at]]
        assert np.isclose(of_month["last"] / over, quotes.last[at]).any()
        assert quotes.day[at] in set(of_month["last_day"].dt.strftime("%Y-%m-%d"))
        apart += abs(quotes.last[at] / quotes.mean[at] - 1) > 0.005
    assert apart > 30  # the mean would not do


def test_a_domestic_month_known_as_a_mean_is_a_base_and_no_quote(
    dataset: Dataset, series: dict[tuple[str, str], Quotes]
) -> None:
    quotes, months = series[DOMESTIC, "NdPr"], forecast_months(dataset)
    dated = np.array([day != "" for day in quotes.day])
    home = np.array([DOMESTIC in source for source in quotes.source])
    mean_only = home & ~dated
    assert mean_only.sum() > 60
    assert not quotes.quoted[mean_only].any()
    np.testing.assert_array_equal(quotes.last[mean_only], quotes.mean[mean_only])
    np.testing.assert_array_equal(quotes.quoted, home & dated)
    assert {months[at][:4] for at in np.flatnonzero(mean_only)} >= {"2014", "2015", "2018"}


def test_a_dated_domestic_month_stands_at_its_last_quote(
    dataset: Dataset, series: dict[tuple[str, str], Quotes]
) -> None:
    """Last over mean is that of the quotes, before and after VAT and exchange rate."""
    for material in ("NdPr", "Dy", "Tb"):
        quotes, months = series[DOMESTIC, material], forecast_months(dataset)
        rows = in_time(dataset, material, DOMESTIC)
        ratios = (rows["last"] / rows["mean"]).groupby(rows["month"]).agg(list)
        own = [at for at in np.flatnonzero(quotes.quoted) if quotes.source[at].startswith(DOMESTIC)]
        assert own
        for at in own:
            assert np.isclose(ratios[months[at]], quotes.last[at] / quotes.mean[at]).any()
        assert sum(abs(quotes.last[at] / quotes.mean[at] - 1) > 0.005 for at in own) >= 5
