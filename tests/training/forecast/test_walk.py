"""The walk through time on the real data: no forecast knows the future, a fit can be made again, numbers are sane."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from features.dataset import Dataset, load_dataset
from features.forecast_features import monthly_volatility
from features.panel import check_panel
from training.forecast.examples import DOMESTIC, FOB, Examples, examples
from training.forecast.models import Walked, blended, columns_of, walk
from training.forecast.served import Served, judge, serve

KNOWN, SHAKEN_AFTER = date(2019, 3, 31), date(2017, 2, 20)  # the vintage day of a January, when trees are grown anew
HORIZONS = (1, 12)


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return load_dataset().as_known(KNOWN)


@pytest.fixture(scope="module")
def found(dataset: Dataset) -> Examples:
    return examples(dataset)


@pytest.fixture(scope="module")
def walked(found: Examples) -> dict[int, dict[str, Walked]]:
    return {horizon: walk(found, horizon, found.months.index("2014-01")) for horizon in HORIZONS}


def shake(dataset: Dataset, day: date) -> Dataset:
    """Return the dataset with every panel value and price known after a day ten times as high, earlier ones revised so.

    A revision is a later row on the same key, as `fairprice ingest` writes it.
    """
    late = dataset.panel.frame["known_at"] > pd.Timestamp(day)
    frame = dataset.panel.frame.assign(
        value=dataset.panel.frame["value"].where(~late, 10 * dataset.panel.frame["value"])
    )
    later = dataset.prices["known_at"] > pd.Timestamp(day)
    numbers = ["mean", "low", "high", "last"]
    prices = dataset.prices.copy()
    prices[numbers] = prices[numbers].where(~later, 10 * prices[numbers])
    assert late.any()
    assert later.any()
    revised_on = pd.Timestamp(day) + pd.Timedelta(days=1)
    revised = frame[~late].drop_duplicates(["series", "date"], keep="last").assign(known_at=revised_on)
    restated = prices[~later].assign(known_at=revised_on)
    revised["value"] *= 10
    restated[numbers] *= 10
    return replace(
        dataset,
        panel=check_panel(pd.concat([frame, revised], ignore_index=True)),
        prices=pd.concat([prices, restated], ignore_index=True),
    )


def served(found: Examples, walked: dict[int, dict[str, Walked]]) -> dict[tuple[str, int], Served]:
    blends = {horizon: blended(one) for horizon, one in walked.items()}
    return {
        (p, h): serve(found, p, h, blend, judge(found, p, h, blend))
        for p in (FOB, DOMESTIC)
        for h, blend in blends.items()
    }


def test_a_future_ten_times_as_high_changes_no_forecast(
    dataset: Dataset, found: Examples, walked: dict[int, dict[str, Walked]]
) -> None:
    other = examples(shake(dataset, SHAKEN_AFTER))
    again = {horizon: walk(other, horizon, other.months.index("2014-01")) for horizon in HORIZONS}
    upto = found.months.index("2017-01") + 1  # the month whose vintage day is the 20th of February
    for key, before in served(found, walked).items():
        after = served(other, again)[key]
        for name in ("models", "point", "half", "thin"):
            mine, theirs = getattr(before, name)[..., :upto], getattr(after, name)[..., :upto]
            assert mine.tobytes() == theirs.tobytes(), (key, name)
        assert before.verdicts.used[:upto].tobytes() == after.verdicts.used[:upto].tobytes()
    moved = served(found, walked)[FOB, 1].half[..., upto + 1 :] != served(other, again)[FOB, 1].half[..., upto + 1 :]
    assert moved.any()  # the shake is felt afterwards


def test_a_walk_can_be_made_again_byte_for_byte(found: Examples, walked: dict[int, dict[str, Walked]]) -> None:
    again = walk(found, 12, found.months.index("2014-01"))
    for name, model in walked[12].items():
        assert again[name].forecast.tobytes() == model.forecast.tobytes()
        assert again[name].last_fit == model.last_fit


def test_a_ridge_is_what_a_textbook_gives_at_one_origin(found: Examples, walked: dict[int, dict[str, Walked]]) -> None:
    horizon, origin = 12, found.months.index("2018-05")
    columns = columns_of(found, "own")
    change = np.where(found.usable, np.clip(found.changes(horizon), -4, 4), np.nan)[:, : origin - horizon + 1]
    known = np.isfinite(change) & (found.weights > 0)[:, None]
    X = found.features[:, : origin - horizon + 1][known][:, columns]
    w = np.broadcast_to(found.weights[:, None], change.shape)[known]
    slope = np.linalg.solve((X.T * w) @ X + 100 * horizon * np.eye(len(columns)), (X.T * w) @ change[known])
    row = found.places(FOB)[1]
    expected = found.features[row, origin, columns] @ slope
    assert walked[horizon]["own"].forecast[row, origin] == pytest.approx(expected, rel=1e-9)


def test_volatility_waits_for_six_changes_and_is_steady_on_a_steady_climb() -> None:
    level = pd.Series(0.1 * np.arange(12.0))
    found = monthly_volatility(level)
    assert found.notna().tolist() == [False] * 6 + [True] * 6
    np.testing.assert_allclose(found[6:], 0.1)


def test_a_change_needs_a_quote_at_both_ends(found: Examples) -> None:
    row = found.places(DOMESTIC)[1]  # Dy, quoted in some months only
    change, quoted = found.changes(1)[row], found.quoted[row]
    both = quoted[:-1] & quoted[1:]
    assert not np.isfinite(change[:-1][~both]).any()
    assert np.isfinite(change[:-1][both & np.isfinite(found.volatility[row][:-1])]).all()


def test_an_old_quote_is_carried_three_months_and_no_longer(found: Examples) -> None:
    for row in range(len(found.quotes)):
        assert np.nanmax(found.age[row]) <= 3
        last = found.quotes[row].last
        fresh = found.age[row] == 0
        np.testing.assert_allclose(found.level[row][fresh], np.log(last[fresh]))


def test_intervals_hold_each_other(found: Examples, walked: dict[int, dict[str, Walked]]) -> None:
    for one in served(found, walked).values():
        half = one.half[:, 0, found.months.index("2014-01") :]
        assert (np.diff(half, axis=0) >= 0).all()
        assert (half > 0).all()
