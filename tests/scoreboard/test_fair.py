"""Fair prices beside what came: the toy by hand, and laws."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing.contracts.periods import months_between
from pricing.scoreboard.fair_rows import FairRow, fair_rows, months_later
from pricing.scoreboard.misses import worst_misses
from pricing.scoreboard.revisions import revision_scores, worst_revisions
from pricing.scoreboard.settings import POOLED, Settings
from pricing.scoreboard.toward import toward_scores

from .conftest import history, settings_of

CASE: dict[str, Any] = yaml.safe_load((Path(__file__).parents[1] / "worked_cases/scoreboard.yaml").read_text("utf-8"))
PRICES = st.lists(st.floats(10, 1000), min_size=4, max_size=40)


def toy() -> tuple[FairRow, ...]:
    ends = CASE["low"], CASE["high"], CASE["market"]
    known = history(CASE["months"], CASE["fair"], *ends)
    return fair_rows(known, history(CASE["months"], CASE["latest"], *ends), (1,))


def made_up(market: list[float], fair: list[float], months_ahead: tuple[int, ...] = (1,)) -> tuple[FairRow, ...]:
    months = list(months_between("2015-01", months_later("2015-01", len(market) - 1)))
    low, high = ([ratio * value for value in fair] for ratio in (0.9, 1.1))
    known = history(months, fair, low, high, market)
    later = [value * ratio for value, ratio in zip(fair, market, strict=True)]
    return fair_rows(known, history(months, later, low, high, market), months_ahead)


def test_revisions_of_the_toy_are_those_worked_by_hand(one_ahead: Settings) -> None:
    found = {score.material: score for score in revision_scores(toy(), one_ahead)}
    assert list(found) == [POOLED, "NdPr"]
    for name, expected in CASE["revisions"].items():
        assert getattr(found["NdPr"], name) == (expected if isinstance(expected, str) else pytest.approx(expected))


def test_the_fair_price_of_the_toy_is_judged_as_worked_by_hand(one_ahead: Settings) -> None:
    scores = toward_scores(toy(), one_ahead)
    assert {score.region for score in scores} == {"china", "ex_china"}
    for score in scores:
        for name, expected in CASE["toward"].items():
            assert getattr(score, name) == pytest.approx(expected, abs=1e-6), name


def test_the_worst_month_of_the_toy_is_the_one_farthest_from_what_came(one_ahead: Settings) -> None:
    miss = worst_misses(toy(), one_ahead)[0]
    for name, expected in CASE["miss"].items():
        assert getattr(miss, name) == (expected if isinstance(expected, str) else pytest.approx(expected))
    assert worst_revisions(toy(), one_ahead)[0].month == "2020-02"


def test_a_band_has_no_point_and_is_still_scored(one_ahead: Settings) -> None:
    ends = CASE["low"], CASE["high"], CASE["market"]
    known = history(CASE["months"], CASE["fair"], *ends).assign(status="band")
    rows = fair_rows(known, history(CASE["months"], CASE["latest"], *ends), (1,))
    assert [row.known.point for row in rows] == [None] * 3
    assert revision_scores(rows, one_ahead)[0].inside == pytest.approx(CASE["revisions"]["inside"])


def test_a_band_gives_no_point_away_by_its_misses(one_ahead: Settings) -> None:
    """Of ln 1.2 = 0.18 a reader is told 0.2; of a market that came, the two ends and not how far off the middle."""
    ends = CASE["low"], CASE["high"], CASE["market"]
    known = history(CASE["months"], CASE["fair"], *ends).assign(status="band")
    rows = fair_rows(known, history(CASE["months"], CASE["latest"], *ends), (1,))
    assert [row.told_revision_ln for row in rows] == [0.0, 0.2, 0.0]
    assert revision_scores(rows, one_ahead)[0].largest_ln == 0.2
    miss = worst_misses(rows, one_ahead)[0]
    assert (miss.told_miss_ln, miss.interval) == (None, (90.0, 110.0))
    assert worst_misses(toy(), one_ahead)[0].told_miss_ln == pytest.approx(CASE["miss"]["miss_ln"])


def test_a_score_of_few_windows_has_no_band(one_ahead: Settings) -> None:
    score = revision_scores(toy(), replace(one_ahead, least_windows=4))[0]
    assert (score.windows, score.inside_band, score.rms_band) == (3, None, None)
    assert revision_scores(toy(), one_ahead)[0].rms_band is not None


def test_a_refused_month_has_no_number_and_no_score(one_ahead: Settings) -> None:
    known = history(CASE["months"], CASE["fair"], CASE["low"], CASE["high"], CASE["market"])
    known.loc[1, "status"] = "refused"
    rows = fair_rows(known, known, (1,))
    assert (rows[1].known.middle, rows[1].revision_ln, rows[1].inside) == (None, None, None)
    assert revision_scores(rows, one_ahead)[0].months == 2


def test_earlier_months_are_listed_and_not_scored() -> None:
    rows = toy()
    assert revision_scores(rows, settings_of(1, first="2020-02"))[0].months == 2
    assert toward_scores(rows, settings_of(1, first="2020-03")) == ()


def test_a_market_that_goes_to_the_fair_price_has_slope_one_and_no_error(one_ahead: Settings) -> None:
    """Each month the market is where the fair price was the month before."""
    fair = [50.0, 80.0, 65.0, 120.0, 90.0, 70.0]
    score = toward_scores(made_up([60.0, *fair[:-1]], fair), one_ahead)[0]
    assert (score.slope, score.ratio) == (pytest.approx(1.0), pytest.approx(0.0, abs=1e-9))
    assert score.nearer == 1.0
    assert score.slope_band == pytest.approx((1.0, 1.0))


def test_a_market_that_runs_away_has_a_slope_below_nought(one_ahead: Settings) -> None:
    gaps = np.array([0.1, -0.2, 0.3, -0.1, 0.2, 0.1])
    market = 100 * np.exp(np.cumsum([0.0, *(-gaps[:-1])]))
    score = toward_scores(made_up(market.tolist(), (market * np.exp(gaps)).tolist()), one_ahead)[0]
    assert score.slope == pytest.approx(-1.0)
    assert score.nearer == 0.0
    assert score.ratio == pytest.approx(2.0)


def test_too_few_windows_have_neither_band_nor_test() -> None:
    rows = made_up([60.0, 70.0, 65.0, 90.0, 80.0], [50.0, 80.0, 65.0, 120.0, 90.0], (1, 3))
    one, three = (toward_scores(rows, replace(settings_of(1, 3), least_windows=4))[n] for n in (0, 2))
    assert (one.windows, one.ratio_band is None, one.dm is None) == (4, False, False)
    assert (three.windows, three.ratio_band, three.dm, three.slope_band) == (0, None, None, None)
    assert three.slope is None
    assert three.ratio is not None


def test_a_regime_stands_apart_where_a_whole_span_fits_into_it() -> None:
    """Of prices to May 2016 that year has four pairs a month apart, and two pairs three months apart, too few."""
    rows = made_up([60.0 + n for n in range(17)], [70.0] * 17, (1, 3))
    apart = replace(settings_of(1, 3), regimes={"spring": 2016})
    found = {(score.months_ahead, score.window): score for score in toward_scores(rows, apart)}
    assert set(found) == {(1, "headline"), (3, "headline"), (1, "spring")}
    assert (found[1, "spring"].pairs, found[1, "headline"].pairs) == (4, 16)


@settings(max_examples=30)
@given(PRICES, st.data())
def test_coverage_is_the_share_of_rows_inside(market: list[float], data: st.DataObject) -> None:
    ratio = data.draw(st.lists(st.floats(0.8, 1.25), min_size=len(market), max_size=len(market)))
    months = list(months_between("2015-01", months_later("2015-01", len(market) - 1)))
    low, high = ([part * value for value in market] for part in (0.9, 1.1))
    known = history(months, market, low, high, market)
    now = history(months, [v * r for v, r in zip(market, ratio, strict=True)], low, high, market)
    rows = fair_rows(known, now, (1,))
    score = revision_scores(rows, settings_of(1))[0]
    assert score.inside == pytest.approx(np.mean([bool(row.inside) for row in rows]))
    assert score.inside_band is not None
    assert score.inside_band[0] <= score.inside_band[1]


@settings(max_examples=15)
@given(PRICES, st.floats(0.1, 10))
def test_a_unit_common_to_all_prices_changes_no_score(market: list[float], factor: float) -> None:
    fair = market[::-1]
    scores = [
        toward_scores(made_up([f * m for m in market], [f * v for v in fair]), settings_of(1))[0] for f in (1.0, factor)
    ]
    assert scores[0].rms_fair_ln == pytest.approx(scores[1].rms_fair_ln, abs=1e-9)
    assert scores[0].nearer == scores[1].nearer or np.isclose(scores[0].rms_fair_ln, 0, atol=1e-6)


@settings(max_examples=40)
@given(PRICES, st.data())
def test_what_came_later_changes_nothing_that_was_said_before(market: list[float], data: st.DataObject) -> None:
    """Poison: from a month on everything is ten times as large."""
    cut = data.draw(st.integers(1, len(market) - 1))
    months = list(months_between("2015-01", months_later("2015-01", len(market) - 1)))
    ends = [0.9 * value for value in market], [1.1 * value for value in market]
    quiet = history(months, market, *ends, market)
    poisoned = quiet.copy()
    numbers = poisoned.select_dtypes("number").columns
    poisoned.loc[poisoned.index >= cut, numbers] *= 10.0
    before, after = (fair_rows(frame, poisoned, (1, 2)) for frame in (quiet, poisoned))
    for one, other in zip(before[:cut], after[:cut], strict=True):
        assert (one.month, one.known_on, one.known) == (other.month, other.known_on, other.known)
        for here, there in zip(one.markets, other.markets, strict=True):
            assert (here.fair, here.then, here.past_mean) == (there.fair, there.then, there.past_mean)
