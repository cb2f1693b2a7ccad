"""Clearing of a two-region market: prices at which every oxide is used, region by region, with trade between them.

Spatial equilibrium after Takayama and Judge (1971): where China exports, the outside price is the Chinese price times
`slope` plus `margin`; where it imports, the Chinese price is the outside price plus freight; where neither pays, each
region clears alone; where an export limit binds, the gap widens until exports meet it. All oxides clear jointly,
because the sources yield them jointly. Arrays carry N markets (draws, worlds or months) and E oxides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pricing.errors import DataError

Floats = np.ndarray

TOLERANCE = 1e-11  # of demand
ACCEPTED = 1e-7  # of demand, where rounding stops the search
SMALLEST_DAMP = 1e-9
SLACK = 1e-8  # by which a way of trade may miss its condition
MAX_STEP = 0.7  # largest change of a log price in one Newton step
MAX_ITERATIONS = 200
FEW_ITERATIONS = 12  # in which a market that trades as before clears, if it does
MAX_PASSES = 60
FREE_PASSES = 3  # after them one oxide changes its trade at a time, the first in order (Murty 1974), and none can cycle


@dataclass(frozen=True)
class Net:
    """Supply less demand in each region (N, E), and its derivative by that region's prices (N, E, E)."""

    china: Floats
    ex_china: Floats
    d_china: Floats
    d_ex_china: Floats
    turnover: Floats  # (N, E), the scale against which a residual is small


NetSupply = Callable[[Floats, Floats, "slice | Floats"], Net]


@dataclass(frozen=True)
class Trade:
    """What stands between the two prices, each (N, E), USD/kg where it is money."""

    slope: Floats  # (1 + export duty) x (1 + unrefunded VAT) x (1 + import tariff)
    margin: Floats  # freight and rent
    freight: Floats  # on the way back, into China
    export_limit: Floats  # quantity a year; infinity without one

    def take(self, rows: Floats) -> Trade:
        """Return the terms of some rows."""
        return Trade(self.slope[rows], self.margin[rows], self.freight[rows], self.export_limit[rows])


@dataclass(frozen=True)
class Cleared:
    """Prices in each region, China's exports, and how each oxide trades, each (N, E)."""

    china: Floats
    ex_china: Floats
    exports: Floats
    mode: Floats

    @classmethod
    def guess(cls, china: Floats) -> Cleared:
        """Return a place to start from: a Chinese price (N, E), from which China exports."""
        return cls(china, china, np.zeros_like(china), np.full(china.shape, EXPORT))


EXPORT, IMPORT, ALONE, LIMITED = 0, 1, 2, 3


def clear(net: NetSupply, trade: Trade, start: Cleared, *, as_before: bool = False) -> Cleared:
    """Return the equilibrium nearest `start` (a guess, or the month before). Raise DataError when none is found.

    With `as_before` every oxide is first taken to trade as it did in `start`; where that fails it is sought afresh.
    """
    search = _Search(net, trade, start)
    rows = np.arange(len(start.china))
    if as_before:
        rows = rows[search.lost(start)]
    for turn in range(MAX_PASSES):
        search.solve(rows)
        rows = rows[search.switch(rows, one=turn >= FREE_PASSES)]
        if not len(rows):
            break
    else:
        msg = f"No consistent trade for {len(rows)} of {len(start.china)} markets; an oxide neither trades nor stays."
        raise DataError(msg)
    exports = net(search.china, search.outside, slice(None)).china
    return Cleared(search.china, search.outside, exports, search.mode)


class _Search:
    """Prices and ways of trade on the way to an equilibrium, each (N, E)."""

    def __init__(self, net: NetSupply, trade: Trade, start: Cleared) -> None:
        self.net, self.trade = net, trade
        # Only linked markets always have a price: a region that stood alone, or at its limit, is tried linked first.
        self.mode = np.where(start.mode == IMPORT, IMPORT, EXPORT)
        self.china, self.outside = start.china.copy(), start.ex_china.copy()

    def lost(self, start: Cleared) -> Floats:
        """Clear every row from how it traded in `start`; return which find no trade so (n,), put back as they were."""
        rows, linked, lost = np.arange(len(start.china)), self.mode, np.zeros(len(start.china), dtype=bool)
        self.mode = start.mode.copy()
        for _ in range(FREE_PASSES):
            failed = self.approach(rows, FEW_ITERATIONS)
            lost[rows[failed]] = True
            rows = rows[~failed]
            rows = rows[self.switch(rows, one=False)]
        lost[rows] = True
        self.mode[lost], self.china[lost], self.outside[lost] = linked[lost], start.china[lost], start.ex_china[lost]
        return lost

    def solve(self, rows: Floats) -> None:
        """Clear the rows as they trade now. DataError where one does not clear."""
        failed = int(self.approach(rows).sum())
        if failed:
            msg = f"No market-clearing price for {failed} of {len(rows)} markets; look for zero capacity or demand."
            raise DataError(msg)

    def approach(self, rows: Floats, iterations: int = MAX_ITERATIONS) -> Floats:
        """Clear the rows as they trade now, by Newton steps in logs; return which rows do not clear (n,).

        A step that lowers no residual is halved.
        """
        self.china[rows], self.outside[rows] = self._linked(rows, self.china[rows], self.outside[rows])
        scale = self.net(self.china[rows], self.outside[rows], rows).turnover
        residual, step = self._newton(rows, self.china[rows], self.outside[rows], scale)
        damp, left, e = np.ones(len(rows)), np.flatnonzero(~(residual <= TOLERANCE)), self.china.shape[1]
        for _ in range(iterations):
            if not len(left):
                break
            at = rows[left]
            moved = np.exp(damp[left, None] * step[left])
            china, outside = self._linked(at, self.china[at] * moved[:, :e], self.outside[at] * moved[:, e:])
            found, next_step = self._newton(at, china, outside, scale[left])
            better = found < residual[left]
            damp[left] = np.where(better, np.minimum(1.0, 2 * damp[left]), 0.5 * damp[left])
            self.china[at[better]], self.outside[at[better]] = china[better], outside[better]
            residual[left[better]], step[left[better]] = found[better], next_step[better]
            left = left[(residual[left] > TOLERANCE) & (damp[left] > SMALLEST_DAMP)]
        return np.asarray(~(residual <= ACCEPTED))  # nor where a cost, and so the residual, is no number

    def switch(self, rows: Floats, *, one: bool) -> Floats:
        """Change the way of trade where its own condition fails, `one` oxide a row; return which rows changed."""
        china, outside, before = self.china[rows], self.outside[rows], self.mode[rows]
        trade = self.trade.take(rows)
        now = self.net(china, outside, rows)
        small, cents = SLACK * now.turnover, SLACK * china
        gap = outside - (china * trade.slope + trade.margin)
        back = china - outside - trade.freight
        after = before.copy()
        after[(before == EXPORT) & (now.china < -small)] = IMPORT
        after[(before == EXPORT) & (now.china > trade.export_limit + small)] = LIMITED
        after[(before == IMPORT) & (now.china > small)] = ALONE
        after[(before == ALONE) & (back > cents)] = IMPORT
        after[(before == ALONE) & (gap > cents)] = EXPORT
        after[(before == LIMITED) & (gap < -cents)] = EXPORT
        wrong = after != before
        if one:
            wrong &= np.cumsum(wrong, axis=1) == 1
        self.mode[rows] = np.where(wrong, after, before)
        return wrong.any(axis=1)

    def _linked(self, rows: Floats, china: Floats, outside: Floats) -> tuple[Floats, Floats]:
        """Return both prices, the importer's tied to the exporter's where trade flows."""
        mode, trade = self.mode[rows], self.trade.take(rows)
        tied = np.where(mode == EXPORT, china * trade.slope + trade.margin, outside)
        return np.where(mode == IMPORT, outside + trade.freight, china), tied

    def _newton(self, rows: Floats, china: Floats, outside: Floats, scale: Floats) -> tuple[Floats, Floats]:
        """Return the relative residual (n,) and the step of both log prices (n, 2E), no longer than MAX_STEP.

        A row's step depends on that row alone, to the last bit: whether its oxides are all tied decides its equations.
        """
        mode, trade, now = self.mode[rows], self.trade.take(rows), self.net(china, outside, rows)
        tied, exporting = (mode == EXPORT) | (mode == IMPORT), mode == EXPORT
        target = np.where(mode == LIMITED, np.where(np.isfinite(trade.export_limit), trade.export_limit, 0.0), 0.0)
        first = np.where(tied, now.china + now.ex_china, now.china - target)
        second = np.where(tied, 0.0, now.ex_china + target)
        residual = np.sqrt(((first / scale) ** 2 + (second / scale) ** 2).sum(axis=1))
        through = np.where(exporting, trade.slope, 1.0)
        state = _State(china, outside, tied, exporting, through, first, second, now.d_china, now.d_ex_china)
        step = np.empty((len(china), 2 * china.shape[1]))
        whole = tied.all(axis=1)
        step[whole] = _tied_step(state.take(whole))
        step[~whole] = _parted_step(state.take(~whole))
        return residual, _short(step)


@dataclass(frozen=True)
class _State:
    """Where the search stands: prices, how each oxide trades, and what is left to clear, each (n, E)."""

    china: Floats
    outside: Floats
    tied: Floats
    exporting: Floats
    pass_through: Floats  # of the exporter's price to the importer's
    first: Floats  # the world's excess supply where tied, China's else
    second: Floats  # zero where tied, the outside's excess supply else
    d_china: Floats  # (n, E, E)
    d_ex_china: Floats  # (n, E, E)

    def take(self, rows: Floats) -> _State:
        """Return the search of some rows."""
        return _State(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


def _tied_step(at: _State) -> Floats:
    """Return the step of rows whose oxides all trade: the world clears in the exporter's price."""
    exporter = np.where(at.exporting, at.china, at.outside)
    jacobian = (at.d_china + at.d_ex_china * at.pass_through[:, None, :]) * exporter[:, None, :]
    step = np.linalg.solve(jacobian, -at.first[..., None])[..., 0]
    return np.concatenate([step, step], axis=1)


def _parted_step(at: _State) -> Floats:
    """Return the step of rows where some oxide does not trade: both regions' prices are unknown."""
    rows, e = at.china.shape
    j = np.zeros((rows, 2 * e, 2 * e))
    link = np.where(at.tied[:, :, None], 1.0, 0.0)
    j[:, :e, :e] = at.d_china * at.china[:, None, :]
    j[:, :e, e:] = at.d_ex_china * link * at.outside[:, None, :]
    j[:, e:, e:] = at.d_ex_china * (1 - link) * at.outside[:, None, :]
    diagonal = np.arange(e)
    j[:, e + diagonal, diagonal] -= np.where(at.tied, at.pass_through * at.china, 0.0)
    j[:, e + diagonal, e + diagonal] += np.where(at.tied, at.outside, 0.0)
    wrong = np.concatenate([at.first, at.second], axis=1)
    return np.linalg.solve(j, -wrong[..., None])[..., 0]


def _short(step: Floats) -> Floats:
    longest = np.max(np.abs(step), axis=1, keepdims=True)
    return step * np.minimum(1.0, MAX_STEP / np.maximum(longest, MAX_STEP))
