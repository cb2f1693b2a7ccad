"""Two-factor log prices (Schwartz and Smith 2000): a short-term deviation and a long-term level around a deck.

ln price(t) = ln deck(t) + short(t) + long(t) + a drift that keeps the mean on the deck. Both parts start at zero today:

    d short = -short_reversion x short dt + short_volatility x dW_short
    d long  = -level_reversion x long  dt + long_volatility  x dW_long

A level that never reverts (0) is Schwartz and Smith's. Their correlation cannot be read from prices alone; at -1
past prices show the state, so that the variance ahead is that of a forecast from prices: the level moves at once, the
price follows. That is how variance over two years comes to exceed twenty-four times that of a month.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import brentq

from pricing.errors import Fault, InputError

Floats = np.ndarray

MONTHS_PER_YEAR = 12
RATIO_MONTHS = 24
CORRELATION_FROM_PRICES = -1.0
_LARGEST_SHORT_SHARE = 0.995  # beyond it a price no longer answers its own news in the month


@dataclass(frozen=True, slots=True)
class TwoFactor:
    """One item's process; reversions per year, volatilities of the logarithm per square root of a year."""

    short_reversion: float
    short_volatility: float
    long_volatility: float
    correlation: float = CORRELATION_FROM_PRICES
    level_reversion: float = 0.0

    def __post_init__(self) -> None:
        faults = [
            Fault(f"process.{name}", str(getattr(self, name)), allowed)
            for name, allowed, holds in (
                ("short_reversion", "a rate per year above zero", 0 < self.short_reversion < np.inf),
                ("short_volatility", "zero or a finite volatility", 0 <= self.short_volatility < np.inf),
                ("long_volatility", "zero or a finite volatility", 0 <= self.long_volatility < np.inf),
                ("correlation", "-1 to 1", -1 <= self.correlation <= 1),
                ("level_reversion", "zero or a rate per year", 0 <= self.level_reversion < np.inf),
            )
            if not holds
        ]
        if faults:
            raise InputError(*faults)

    @classmethod
    def from_moments(
        cls, volatility: float, variance_ratio: float, short_reversion: float, level_reversion: float = 0.0
    ) -> TwoFactor:
        """Return the process whose monthly changes have the stated volatility and 24-month variance ratio.

        `volatility` is annualised; InputError for a ratio that the two reversions cannot give, and for a level that
        reverts as fast as the short-term part: past prices would not show it.
        """
        if not level_reversion < short_reversion:
            allowed = f"below short_reversion, {short_reversion}"
            raise InputError(Fault("process.level_reversion", str(level_reversion), allowed))

        def shape(short_share: float) -> TwoFactor:
            return cls(short_reversion, short_share, 1.0, level_reversion=level_reversion)

        least, most = (shape(share).variance_ratio(RATIO_MONTHS) for share in (0.0, _LARGEST_SHORT_SHARE))
        if not least <= variance_ratio <= most:
            raise InputError(Fault("process.variance_ratio", str(variance_ratio), f"{least:.2f} to {most:.2f}"))
        share = brentq(lambda s: shape(s).variance_ratio(RATIO_MONTHS) - variance_ratio, 0.0, _LARGEST_SHORT_SHARE)
        return shape(share).scaled(volatility / shape(share).monthly_volatility)

    @property
    def monthly_volatility(self) -> float:
        """Return the volatility of the log change over one month, annualised."""
        return float(np.sqrt(self.change_variance(1 / MONTHS_PER_YEAR) * MONTHS_PER_YEAR))

    def change_variance(self, years: float) -> float:
        """Return the variance of the log change over a span, wherever the state stands."""
        k, level = self.short_reversion, self.level_reversion
        short = self.short_volatility**2 * _decayed(k, years)
        long = self.long_volatility**2 * _decayed(level, years)
        cross = 2 * self.correlation * self.short_volatility * self.long_volatility
        return float(short + long + cross * (2 - np.exp(-k * years) - np.exp(-level * years)) / (k + level))

    def variance_ratio(self, months: int) -> float:
        """Return the variance of changes over `months` relative to `months` times that of one month."""
        one = self.change_variance(1 / MONTHS_PER_YEAR)
        return self.change_variance(months / MONTHS_PER_YEAR) / (months * one)

    def deviation(self, years: Floats) -> Floats:
        """Return the standard deviation of the log price at years ahead (T,), seen from today."""
        process = PriceProcess(("one",), (self,), ((1.0,),))
        return np.sqrt(np.diag(process.covariance(years)))

    def scaled(self, factor: float) -> TwoFactor:
        """Return the process with both volatilities multiplied by a factor."""
        return replace(
            self,
            short_volatility=self.short_volatility * factor,
            long_volatility=self.long_volatility * factor,
        )

    def risk_premium(self, years: Floats, market_price_of_risk: float) -> Floats:
        """Return by how much the log price is lowered at years ahead (T,) for the risk of the level's shocks.

        `market_price_of_risk` is excess return per unit of volatility and year, as in a Sharpe ratio.
        """
        ahead = np.maximum(years, 0.0)
        long = self.long_volatility * _decayed(self.level_reversion, ahead)
        short = self.correlation * self.short_volatility * _decayed(self.short_reversion, ahead)
        return market_price_of_risk * (long + short)


@dataclass(frozen=True, slots=True)
class PriceProcess:
    """The joint process of several items, such as materials: their shocks are correlated by `correlation` (M, M)."""

    items: tuple[str, ...]
    factors: tuple[TwoFactor, ...]
    correlation: tuple[tuple[float, ...], ...]

    def __post_init__(self) -> None:
        matrix = np.array(self.correlation, dtype=float)
        square = matrix.shape == (len(self.items), len(self.items)) and len(self.factors) == len(self.items)
        if not square:
            found = f"{len(self.items)} items, {len(self.factors)} factors, a correlation of shape {matrix.shape}"
            raise InputError(Fault("process", found, "as many factors, rows and columns as items"))
        proper = np.allclose(matrix, matrix.T) and np.allclose(np.diag(matrix), 1.0)
        if not (proper and np.linalg.eigvalsh(matrix).min() >= -1e-9):
            allowed = "symmetric, 1 on the diagonal, no combination of negative variance"
            raise InputError(Fault("process.correlation", str(self.correlation), allowed))

    def scaled(self, factor: float) -> PriceProcess:
        """Return the process with all volatilities multiplied by a factor."""
        return replace(self, factors=tuple(one.scaled(factor) for one in self.factors))

    def covariance(self, years: Floats) -> Floats:
        """Return the covariance of log prices at years ahead (T,), items outermost (M T, M T); nil for the past."""
        ahead = np.maximum(np.asarray(years, dtype=float), 0.0)
        blocks = [
            [_block(a, b, self.correlation[i][j], ahead) for j, b in enumerate(self.factors)]
            for i, a in enumerate(self.factors)
        ]
        return np.block(blocks)


def _block(a: TwoFactor, b: TwoFactor, correlation: float, ahead: Floats) -> Floats:
    """Return the covariance (T, T) of item a at one time with item b at another.

    Level shocks correlate as stated; a short shock is its item's correlation times the level's plus a part of its own,
    which correlates as stated too. So any correlation of the factors leaves a proper covariance.
    """
    own = np.sqrt((1 - a.correlation**2) * (1 - b.correlation**2))
    parts = (
        (a.long_volatility * b.long_volatility, a.level_reversion, b.level_reversion),
        (a.long_volatility * b.short_volatility * b.correlation, a.level_reversion, b.short_reversion),
        (a.short_volatility * b.long_volatility * a.correlation, a.short_reversion, b.level_reversion),
        (
            a.short_volatility * b.short_volatility * (a.correlation * b.correlation + own),
            a.short_reversion,
            b.short_reversion,
        ),
    )
    return correlation * sum((size * _shared(left, right, ahead) for size, left, right in parts), np.zeros(1))


def _shared(left: float, right: float, ahead: Floats) -> Floats:
    """Return the integral of exp(-left (s - u) - right (t - u)) over u up to the earlier of s and t, (T, T)."""
    s, t = ahead[:, None], ahead[None, :]
    earlier = np.minimum(s, t)
    return np.exp(-left * (s - earlier) - right * (t - earlier)) * _decayed(left + right, earlier)


def _decayed(rate: float, years: Floats | float) -> Floats:
    """Return the integral of exp(-rate u) over u from 0 to years."""
    span = np.asarray(years, dtype=float)
    return span if rate == 0 else -np.expm1(-rate * span) / rate
