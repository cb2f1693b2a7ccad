"""The scoreboard without a kind: the scores of the headline and the worst of each list; `kind` gives the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

from pricing.scoreboard.settings import HEADLINE
from serving.scoreboard.schemas import FairScores, ForecastScores, ScoreboardAnswer

AHEAD = (1, 12, 24)  # months, of markets and of bad forecasts; forecasts are scored at all
T = TypeVar("T")


def brief(answer: ScoreboardAnswer) -> ScoreboardAnswer:
    """Return an answer without single years, pooled forecasts, the list of series, and all but the worst months.

    Markets stand 12 and 24 months on, bad forecasts 1, 12 and 24 months ahead, earlier ones 24.
    """
    return replace(
        answer,
        fair=_fair(answer.fair) if answer.fair else None,
        forecasts=None if answer.forecasts is None else tuple(map(_forecasts, answer.forecasts)),
        without_vintages=None,
    )


def _fair(fair: FairScores) -> FairScores:
    return replace(
        fair,
        largest_revisions=tuple(_firsts(fair.largest_revisions, lambda row: row.material)),
        market=tuple(row for row in fair.market if row.origins == HEADLINE and row.months_ahead in AHEAD),
        largest_market_misses=tuple(_firsts(fair.largest_market_misses, lambda row: (row.material, row.region))),
    )


def _forecasts(one: ForecastScores) -> ForecastScores:
    own = (row for row in one.rows if row.material == one.material and row.origins == HEADLINE)
    worst = _firsts((row for row in one.bad_months if row.months_ahead in AHEAD), lambda row: row.months_ahead)
    before = [row for row in one.bad_months_before if row.months_ahead == max(AHEAD)][:1]
    return replace(one, rows=tuple(own), bad_months=tuple(worst), bad_months_before=tuple(before))


def _firsts(rows: Iterable[T], which: Callable[[T], object]) -> Iterator[T]:
    """Yield the first row of each group; lists begin with the worst."""
    seen: set[object] = set()
    for row in rows:
        if which(row) not in seen:
            seen.add(which(row))
            yield row
