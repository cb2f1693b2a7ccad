"""The volatility that intervals stand on: that of quotes of one market, not of steps from one market to another.

A month of a domestic price without a quote is read from another market, and the step there and back is no move of the
price: it doubled the volatility of domestic NdPr. So only changes between domestic quotes count, and because these are
few, and none of the panic of 2011, changes of the same material FOB count beside them, each alike.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from features.forecast_quotes import DOMESTIC, FOB, Quotes
from features.forecast_settings import numbers, whole
from features.panel import FloatArray


def interval_volatility(quotes: Sequence[Quotes], volatility: FloatArray) -> FloatArray:
    """Return the volatility of ln changes a month (S, T) for intervals; `volatility` where no market is mixed."""
    abroad = {one.name: one for one in quotes if one.place == FOB}
    return np.array(
        [
            _pooled([one, abroad[one.name]]) if one.place == DOMESTIC else row
            for one, row in zip(quotes, volatility, strict=True)
        ]
    )


def walk_spread(quotes: Sequence[Quotes]) -> FloatArray:
    """Return the spread of ln changes a month (S, T) of a Gaussian walk: root mean square of all changes known by then.

    The changes are those that the volatility of intervals is made of, so that neither has an advantage of its series.
    """
    abroad = {one.name: one for one in quotes if one.place == FOB}
    markets = [[one, abroad[one.name]] if one.place == DOMESTIC else [one] for one in quotes]
    known = [_changes(several) for several in markets]
    return np.array([_root(_always(total, count), count) for total, count in known])


def squared_changes(quotes: Quotes) -> pd.Series:
    """Return squared ln changes a month (T,) between quotes of the market itself, a few months apart at most.

    Each stands at the later quote, divided by the months between; NaN elsewhere.
    """
    level = pd.Series(np.log(np.where(quotes.quoted, quotes.last, np.nan)))
    place = pd.Series(np.arange(len(level), dtype=float)).where(level.notna())
    carried = whole("features.carried_months")
    earlier, then = (part.shift().ffill(limit=carried - 1) for part in (level, place))
    return (level - earlier).pow(2) / (place - then)


def _pooled(markets: Sequence[Quotes]) -> FloatArray:
    """Return the volatility of markets together (T,): part recent, part of all months, each change counted alike."""
    share, halflife = numbers().value("volatility.recent_share"), numbers().value("volatility.halflife_months")
    total, count = _changes(markets)
    recent = total.ewm(halflife=halflife).sum() / count.ewm(halflife=halflife).sum()
    return _root(share * recent + (1 - share) * _always(total, count), count)


def _changes(markets: Sequence[Quotes]) -> tuple[pd.Series, pd.Series]:
    """Return the sum of squared changes of markets by month (T,), and how many changes stand behind it."""
    squared = pd.concat([squared_changes(one) for one in markets], axis=1)
    return squared.sum(axis=1), squared.notna().sum(axis=1)


def _always(total: pd.Series, count: pd.Series) -> pd.Series:
    """Return the mean of all squared changes known by each month (T,)."""
    return total.cumsum() / count.cumsum()


def _root(squared: pd.Series, count: pd.Series) -> FloatArray:
    """Return the spread of a mean square (T,), NaN while the changes behind it are too few."""
    spread = squared.pow(0.5)
    enough = count.cumsum() >= whole("volatility.least_changes")
    return spread.where(enough & (spread > 0)).to_numpy(dtype=float)
