"""The fair price against the last price and the mean of past prices: what may be said, and how seldom in error."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pricing.forecast.scores import Bootstrap, Floats, diebold_mariano
from pricing.scoreboard.rivals import (
    FARTHER,
    MOSTLY_DERIVED,
    NEARER,
    NO_NEARER,
    NOT_SHOWN,
    TOO_FEW,
    Against,
    against,
    block_means_t,
    verdict,
)
from pricing.scoreboard.toward import toward_scores

from .conftest import settings_of
from .test_fair import made_up

AHEAD, MONTHS, RUNS = 24, 98, 300  # of NdPr two years on, and how often it is drawn
FORGOTTEN = 200  # months before the first
SETTINGS = replace(settings_of(AHEAD), least_windows=4, how=Bootstrap(200, 12, 0.9, 1))
BETTER, WORSE = Against(0.7, (0.6, 0.9), -3.0, 0.05), Against(1.4, (1.1, 1.6), 3.0, 0.05)
HINT, NONE, SHORT = Against(0.9, (0.7, 1.5), -0.5, 0.6), Against(1.1, (0.7, 1.5), 0.5, 0.6), Against(0.7, *[None] * 3)


def equal_losses(rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return squared errors of two predictors as good as each other: a slow gap said up by one and down by the other.

    The market is a random walk of 8 % a month, its changes over 24 months overlap.
    """
    walk = np.cumsum(rng.standard_normal(MONTHS + AHEAD) * 0.08)
    change = walk[AHEAD:] - walk[:MONTHS]
    gap, steps = np.zeros(FORGOTTEN + MONTHS), rng.standard_normal(FORGOTTEN + MONTHS) * 0.05
    for month in range(1, len(gap)):
        gap[month] = 0.97 * gap[month - 1] + steps[month]
    return (change - gap[FORGOTTEN:]) ** 2, (change + gap[FORGOTTEN:]) ** 2


def test_predictors_as_good_as_each_other_are_told_apart_no_oftener_than_the_test_says() -> None:
    """At a p of 0.1, two years on and 98 months: sums of autocovariances reject nearly twice as often."""
    rng = np.random.default_rng(7)
    drawn = [equal_losses(rng) for _ in range(RUNS)]
    plain = np.mean([diebold_mariano(*losses, AHEAD)[1] < 0.1 for losses in drawn])
    blocks = np.mean([block_means_t(*losses, AHEAD)[1] < 0.1 for losses in drawn])
    count = np.ones(MONTHS)
    told = [against(*losses, count, AHEAD, SETTINGS, several=True) for losses in drawn]
    claimed = np.mean([verdict([one, one], 1.0, SETTINGS) in (NEARER, FARTHER) for one in told])
    assert plain > 0.15
    assert blocks <= 0.1 + 0.03
    assert claimed <= 0.1


@pytest.mark.parametrize(
    ("rivals", "quoted", "said"),
    [
        ((BETTER, BETTER), 1.0, NEARER),
        ((BETTER, HINT), 1.0, NOT_SHOWN),
        ((BETTER, NONE), 1.0, NO_NEARER),
        ((BETTER, WORSE), 1.0, FARTHER),
        ((BETTER, BETTER), 0.49, MOSTLY_DERIVED),
        ((SHORT, BETTER), 1.0, TOO_FEW),
        ((replace(BETTER, p=0.3), BETTER), 1.0, NOT_SHOWN),
    ],
)
def test_nearer_is_said_only_of_what_beats_both_rivals_on_quoted_prices(
    rivals: tuple[Against, ...], quoted: float, said: str
) -> None:
    assert verdict(rivals, quoted, SETTINGS) == said


def test_a_line_through_the_middle_of_a_cycle_beats_the_last_price_and_not_the_mean_of_past_prices() -> None:
    """The market goes round 100 in four years; a fair price of 100 knows nothing that its past mean does not."""
    months = np.arange(20 * 12)
    market = 100 * np.exp(0.5 * np.sin(2 * np.pi * months / 48))
    settings = replace(SETTINGS, first_month="2019-01")
    score = toward_scores(made_up(market.tolist(), [100.0] * len(market), (AHEAD,)), settings)[0]
    assert score.ratio is not None
    assert score.ratio_band is not None
    assert score.ratio < 0.6
    assert score.ratio_band[1] < 1.0
    assert score.slope == pytest.approx(2.0, abs=0.05)
    assert score.mean_slope == pytest.approx(score.slope, abs=0.2)
    assert score.fair_over_mean == pytest.approx(1.0, abs=0.1)
    assert score.verdict in (NO_NEARER, NOT_SHOWN)


def test_prices_that_nobody_quoted_bear_no_verdict() -> None:
    """A market that goes where the fair price was: nearer as long as it is quoted."""
    rng = np.random.default_rng(1)
    fair = (100 * np.exp(0.3 * rng.standard_normal(60))).tolist()
    rows = made_up([100.0, *fair[:-1]], fair)
    settings = replace(settings_of(1), least_windows=4)
    assert toward_scores(rows, settings)[0].verdict == NEARER
    derived = [replace(row, markets=tuple(replace(m, evidence="derived") for m in row.markets)) for row in rows]
    assert toward_scores(derived, settings)[0].verdict == MOSTLY_DERIVED
    assert toward_scores(derived, settings)[0].quoted == 0.0


def test_fewer_than_two_blocks_or_losses_that_never_differ_have_no_statistic() -> None:
    same = np.ones(50)
    assert np.isnan(block_means_t(same[:30], 2 * same[:30], AHEAD)[0])
    assert np.isnan(block_means_t(same, same, AHEAD)[0])
