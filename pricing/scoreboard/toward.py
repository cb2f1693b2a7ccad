"""The sceptic's question: did the market move towards the fair price?

Of a fair price f and a market m in month t, both on one basis and nominal: the gap is x = ln(f / m), the change that
came h months later y = ln(m(t+h) / m). As a predictor of the later market the fair price misses by y - x, the last
price by y. The slope of y on x is 1 where the market closes the gap, 0 where the gap says nothing, below 0 where the
market moved away; each material has a mean of its own, so that a trend of all months is no evidence.

A price that goes up and comes down moves towards any line drawn through its middle. The second rival is therefore the
mean of all past prices, known in t: its gap has a slope too, and only where the fair price beats both is it nearer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pricing.forecast.scores import Floats, block_draws, block_length, independent_windows, ratio_band
from pricing.market.supply import Region
from pricing.scoreboard.fair_rows import FairRow, months_later
from pricing.scoreboard.misses import miss_of
from pricing.scoreboard.revisions import Ends
from pricing.scoreboard.rivals import against, verdict
from pricing.scoreboard.settings import HEADLINE, POOLED, Settings

OBSERVED = "observed"
LEAST_FOR_SLOPE = 2  # windows: within one, all pairs hang together
TINY = 1e-12  # below it gaps do not differ


@dataclass(frozen=True, slots=True)
class TowardScore:
    """The fair price against the last price and the mean of past prices, as predictors; errors in ln(price).

    `ratio` is the RMS error of the fair price over that of the last price; below 1 the fair price was nearer.
    `fair_over_mean` is the same over the mean of all past prices, `mean_over_last` that mean over the last price.
    `nearer` is the share of months after which the market lay nearer to the fair price than before; `quoted` the share
    of pairs whose both ends were observed, not derived. Bands and tests (`block_means_t`) need `least_windows`.
    """

    material: str
    region: str
    months_ahead: int
    window: str
    first_month: str
    last_month: str
    pairs: int
    months: int
    windows: int
    block_months: int
    quoted: float
    rms_fair_ln: float
    rms_last_ln: float
    rms_mean_ln: float
    verdict: str
    ratio: float | None
    ratio_band: Ends
    dm: float | None
    dm_p: float | None
    mean_over_last: float | None
    fair_over_mean: float | None
    fair_over_mean_band: Ends
    fair_over_mean_dm: float | None
    fair_over_mean_dm_p: float | None
    nearer: float
    nearer_band: Ends
    slope: float | None
    slope_band: Ends
    mean_slope: float | None


def toward_scores(rows: Sequence[FairRow], settings: Settings) -> tuple[TowardScore, ...]:
    """Return a score per region, months ahead, material (and all pooled) and window that has a pair.

    A regime stands apart only where a whole span of the months ahead fits into it.
    """
    materials = list(dict.fromkeys(row.material for row in rows))
    return tuple(
        score
        for region in Region
        for place, _ in enumerate(settings.months_ahead)
        for material, names in {POOLED: materials, **{name: [name] for name in materials}}.items()
        for window, whole in _windows(rows, settings).items()
        if (pairs := _Pairs.of([row for row in whole if row.material in names], region.value, place, settings))
        and ((score := pairs.score(material, window, settings)).windows > 0 or window == HEADLINE)
    )


def _windows(rows: Sequence[FairRow], settings: Settings) -> dict[str, list[FairRow]]:
    scored = [row for row in rows if row.month >= settings.first_month]
    apart = {name: [row for row in scored if int(row.month[:4]) == year] for name, year in settings.regimes.items()}
    return {HEADLINE: scored, **apart}


@dataclass(frozen=True)
class _Pairs:
    """Gaps of the fair price and of the past mean, and later changes, of some materials (M, T) over all months."""

    region: str
    ahead: int
    months: tuple[str, ...]
    gap: Floats
    mean_gap: Floats
    change: Floats
    quoted: NDArray[np.bool_]

    @classmethod
    def of(cls, rows: Sequence[FairRow], region: str, place: int, settings: Settings) -> _Pairs | None:
        """Return the pairs of one region and distance; None where there is none."""
        ahead = settings.months_ahead[place]
        found = [(row, miss) for row in rows if (miss := miss_of(row, region, place, ahead))]
        if not found:
            return None
        months = tuple(_between(min(row.month for row, _ in found), max(row.month for row, _ in found)))
        at_month = {month: number for number, month in enumerate(months)}
        at_material = {name: number for number, name in enumerate(dict.fromkeys(row.material for row, _ in found))}
        gap, mean_gap, change = (np.full((len(at_material), len(months)), np.nan) for _ in range(3))
        quoted = np.zeros(gap.shape, dtype=bool)
        for row, miss in found:
            at = at_material[row.material], at_month[row.month]
            gap[at], mean_gap[at] = np.log(miss.fair / miss.then), np.log(miss.past_mean / miss.then)
            change[at] = miss.last_miss_ln
            market = row.market(region)
            quoted[at] = market.evidence == market.later_evidence[place] == OBSERVED
        return cls(region, ahead, months, gap, mean_gap, change, quoted)

    def score(self, material: str, window: str, settings: Settings) -> TowardScore:
        """Return how the fair price did against its rivals."""
        count = np.isfinite(self.gap).sum(axis=0).astype(float)
        ours, mean, last = (np.nansum(e**2, axis=0) for e in self._errors)
        nearer = (np.nan_to_num(self._errors[0]) ** 2 < np.nan_to_num(self.gap) ** 2).sum(axis=0).astype(float)
        windows = independent_windows(int((count > 0).sum()), self.ahead)
        several = windows >= settings.least_windows
        over_last, over_mean = (
            against(ours, rival, count, self.ahead, settings, several=several) for rival in (last, mean)
        )
        pairs, quoted = float(count.sum()), float(self.quoted.sum() / count.sum())
        sloped = windows >= LEAST_FOR_SLOPE
        return TowardScore(
            material=material,
            region=self.region,
            months_ahead=self.ahead,
            window=window,
            first_month=self.months[0],
            last_month=self.months[-1],
            pairs=int(pairs),
            months=int((count > 0).sum()),
            windows=windows,
            block_months=block_length(self.ahead, settings.how.least_block),
            quoted=quoted,
            rms_fair_ln=float(np.sqrt(ours.sum() / pairs)),
            rms_last_ln=float(np.sqrt(last.sum() / pairs)),
            rms_mean_ln=float(np.sqrt(mean.sum() / pairs)),
            verdict=verdict((over_last, over_mean), quoted, settings),
            ratio=over_last.ratio,
            ratio_band=over_last.band,
            dm=over_last.statistic,
            dm_p=over_last.p,
            mean_over_last=float(np.sqrt(mean.sum() / last.sum())) if last.sum() > 0 else None,
            fair_over_mean=over_mean.ratio,
            fair_over_mean_band=over_mean.band,
            fair_over_mean_dm=over_mean.statistic,
            fair_over_mean_dm_p=over_mean.p,
            nearer=float(nearer.sum() / pairs),
            nearer_band=_ends(*ratio_band(nearer, count, self.ahead, settings.how, root=False)) if several else None,
            slope=_known(float(_slope(self._sums(self.gap).sum(axis=2)))) if sloped else None,
            slope_band=self._slope_band(settings) if several else None,
            mean_slope=_known(float(_slope(self._sums(self.mean_gap).sum(axis=2)))) if sloped else None,
        )

    @property
    def _errors(self) -> tuple[Floats, Floats, Floats]:
        """Return what the fair price, the past mean and the last price miss by; NaN without a pair."""
        return self.change - self.gap, self.change - self.mean_gap, self.change

    def _sums(self, gap: Floats) -> Floats:
        """Return, by material and month, pairs, x, y, x x and x y (5, M, T); 0 where there is no pair."""
        x, y = (np.nan_to_num(part) for part in (gap, self.change))
        return np.stack([np.isfinite(gap).astype(float), x, y, x * x, x * y])

    def _slope_band(self, settings: Settings) -> Ends:
        drawn = block_draws(len(self.months), self.ahead, settings.how)
        if drawn is None:
            return None
        slopes = _slope(self._sums(self.gap)[:, :, drawn].sum(axis=3))
        tail = (1 - settings.how.level) / 2
        low, high = np.nanquantile(slopes, [tail, 1 - tail]) if np.isfinite(slopes).any() else (np.nan, np.nan)
        return _ends(float(low), float(high))


def _slope(sums: Floats) -> Floats:
    """Return the slope of y on x with a mean for each material, from sums (5, M, ...)."""
    count, x, y, xx, xy = sums
    several = np.maximum(count, 1.0)
    spread = np.sum(xx - x * x / several, axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(spread > TINY, np.sum(xy - x * y / several, axis=0) / spread, np.nan)


def _between(first: str, last: str) -> Iterator[str]:
    month = first
    while month <= last:
        yield month
        month = months_later(month, 1)


def _ends(low: float, high: float) -> Ends:
    return None if np.isnan(low) else (low, high)


def _known(value: float) -> float | None:
    return value if np.isfinite(value) else None
