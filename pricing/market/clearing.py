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
MAX_STEP = 0.7  # largest change of a log price in one Newton step
MAX_ITERATIONS = 200
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

    slope: Floats  # (1 + export duty) x (1 + unrefunded VAT)
    margin: Floats  # freight and rent
    freight: Floats  # on the way back, into China
    export_limit: Floats  # quantity a year; infinity without one


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


def clear(net: NetSupply, trade: Trade, start: Cleared) -> Cleared:
    """Return the equilibrium nearest `start` (a guess, or the month before). Raise DataError when none is found."""
    # Only linked markets always have a price: a region that stood alone, or at its limit, is tried linked first.
    mode = np.where(start.mode == IMPORT, IMPORT, EXPORT)
    china, outside = start.china.copy(), start.ex_china.copy()
    rows = np.arange(len(china))
    for turn in range(MAX_PASSES):
        china[rows], outside[rows] = _solve(net, _pick(trade, rows), mode[rows], china[rows], outside[rows], rows)
        rows = rows[_next_mode(net, trade, mode, china, outside, rows, one=turn >= FREE_PASSES)]
        if not len(rows):
            return Cleared(china, outside, net(china, outside, slice(None)).china, mode)
    msg = f"No consistent trade for {len(rows)} of {len(china)} markets: an oxide neither exports, imports nor stays."
    raise DataError(msg)


def _pick(trade: Trade, rows: Floats) -> Trade:
    return Trade(trade.slope[rows], trade.margin[rows], trade.freight[rows], trade.export_limit[rows])


def _next_mode(
    net: NetSupply, trade: Trade, mode: Floats, china: Floats, outside: Floats, rows: Floats, *, one: bool
) -> Floats:
    """Update `mode` where its own condition fails; return which of `rows` changed."""
    now = net(china[rows], outside[rows], rows)
    small = 1e-8 * now.turnover
    before = mode[rows]
    gap = outside[rows] - (china[rows] * trade.slope[rows] + trade.margin[rows])
    back = china[rows] - outside[rows] - trade.freight[rows]
    cents = 1e-8 * china[rows]
    after = before.copy()
    after[(before == EXPORT) & (now.china < -small)] = IMPORT
    after[(before == EXPORT) & (now.china > trade.export_limit[rows] + small)] = LIMITED
    after[(before == IMPORT) & (now.china > small)] = ALONE
    after[(before == ALONE) & (back > cents)] = IMPORT
    after[(before == ALONE) & (gap > cents)] = EXPORT
    after[(before == LIMITED) & (gap < -cents)] = EXPORT
    wrong = after != before
    if one:
        wrong &= np.cumsum(wrong, axis=1) == 1
    mode[rows] = np.where(wrong, after, before)
    return wrong.any(axis=1)


def _solve(
    net: NetSupply, trade: Trade, mode: Floats, china: Floats, outside: Floats, rows: Floats
) -> tuple[Floats, Floats]:
    """Return both prices by Newton steps in logs; a step that does not lower the residual is halved."""
    china, outside = _linked(trade, mode, china, outside)
    size, e = china.shape
    now = net(china, outside, rows)
    scale = now.turnover
    residual, step = _newton(now, trade, mode, china, outside, scale)
    damp = np.ones(size)
    left = np.flatnonzero(residual > TOLERANCE)
    for _ in range(MAX_ITERATIONS):
        if not len(left):
            break
        part = _pick(trade, left)
        moved = np.exp(damp[left, None] * step[left])
        tried, tried_outside = _linked(part, mode[left], china[left] * moved[:, :e], outside[left] * moved[:, e:])
        now = net(tried, tried_outside, rows[left])
        found, next_step = _newton(now, part, mode[left], tried, tried_outside, scale[left])
        better = found < (1 - 1e-4 * damp[left]) * residual[left]
        damp[left] = np.where(better, np.minimum(1.0, 2 * damp[left]), 0.5 * damp[left])
        kept = left[better]
        china[kept], outside[kept] = tried[better], tried_outside[better]
        residual[kept], step[kept] = found[better], next_step[better]
        left = left[(residual[left] > TOLERANCE) & (damp[left] > SMALLEST_DAMP)]
    if (residual > ACCEPTED).any():
        failed = int((residual > ACCEPTED).sum())
        msg = f"No market-clearing price for {failed} of {size} markets; look for zero capacity or demand."
        raise DataError(msg)
    return china, outside


def _linked(trade: Trade, mode: Floats, china: Floats, outside: Floats) -> tuple[Floats, Floats]:
    """Return both prices, the importer's tied to the exporter's where trade flows."""
    tied = np.where(mode == EXPORT, china * trade.slope + trade.margin, outside)
    return np.where(mode == IMPORT, outside + trade.freight, china), tied


def _newton(
    now: Net, trade: Trade, mode: Floats, china: Floats, outside: Floats, scale: Floats
) -> tuple[Floats, Floats]:
    """Return the relative residual (N,) and the step of both log prices (N, 2E), no longer than MAX_STEP."""
    e = china.shape[1]
    tied = (mode == EXPORT) | (mode == IMPORT)
    target = np.where(mode == LIMITED, trade.export_limit, 0.0)
    target = np.where(np.isfinite(target), target, 0.0)
    first = np.where(tied, now.china + now.ex_china, now.china - target)
    second = np.where(tied, 0.0, now.ex_china + target)
    residual = np.sqrt((((first / scale) ** 2) + (second / scale) ** 2).sum(axis=1))
    pass_through = np.where(mode == EXPORT, trade.slope, 1.0)
    if tied.all():
        exporter = np.where(mode == EXPORT, china, outside)
        jacobian = (now.d_china + now.d_ex_china * pass_through[:, None, :]) * exporter[:, None, :]
        step = np.linalg.solve(jacobian, -first[..., None])[..., 0]
        return residual, _short(np.concatenate([step, step], axis=1))
    j = np.zeros((len(china), 2 * e, 2 * e))
    link = np.where(tied[:, :, None], 1.0, 0.0)
    j[:, :e, :e] = now.d_china * china[:, None, :]
    j[:, :e, e:] = now.d_ex_china * link * outside[:, None, :]
    j[:, e:, e:] = now.d_ex_china * (1 - link) * outside[:, None, :]
    diagonal = np.arange(e)
    j[:, e + diagonal, diagonal] -= np.where(tied, pass_through * china, 0.0)
    j[:, e + diagonal, e + diagonal] += np.where(tied, outside, 0.0)
    step = np.linalg.solve(j, -np.concatenate([first, second], axis=1)[..., None])[..., 0]
    return residual, _short(step)


def _short(step: Floats) -> Floats:
    longest = np.max(np.abs(step), axis=1, keepdims=True)
    return step * np.minimum(1.0, MAX_STEP / np.maximum(longest, MAX_STEP))
