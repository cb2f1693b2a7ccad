"""The sceptic's question: did the market move towards the fair price?

Of a fair price f and a market m in month t, both on one basis and nominal: the gap is x = ln(f / m), the change that
came h months later y = ln(m(t+h) / m). As a predictor of the later market the fair price misses by y - x, the last
price by y. The slope of y on x is 1 where the market closes the gap, 0 where the gap says nothing, below 0 where the
market moved away; each material has a mean of its own, so that a trend of all months is no evidence.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pricing.forecast.scores import (
    Floats,
    block_draws,
    block_length,
    diebold_mariano,
    independent_windows,
    ratio_band,
)
from pricing.market.supply import Region
from pricing.scoreboard.fair_rows import FairRow, months_later
from pricing.scoreboard.revisions import Ends
from pricing.scoreboard.settings import HEADLINE, POOLED, Settings

OBSERVED = "observed"
LEAST_FOR_SLOPE = 2  # windows: within one, all pairs hang together


@dataclass(frozen=True, slots=True)
class TowardScore:
    """The fair price against the last price as a predictor of a market, errors in ln(price).

    `ratio` is the RMS error of the fair price over that of the last price; below 1 the fair price was nearer.
    `nearer` is the share of months after which the market lay nearer to the fair price than before; `quoted` the share
    of pairs whose both ends were observed, not derived. Bands and Diebold-Mariano need `least_windows` windows.
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
    ratio: float | None
    ratio_band: Ends
    dm: float | None
    dm_p: float | None
    nearer: float
    nearer_band: Ends
    slope: float | None
    slope_band: Ends


@dataclass(frozen=True, slots=True)
class Miss:
    """A month whose fair price lay far from the market that came."""

    material: str
    region: str
    months_ahead: int
    month: str
    for_month: str
    fair: float
    then: float
    came: float
    miss_ln: float  # ln(came / fair)
    last_miss_ln: float  # ln(came / then)


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


def worst_misses(rows: Sequence[FairRow], settings: Settings) -> tuple[Miss, ...]:
    """Return, by material, region and months ahead, the months whose fair price was farthest from what came."""
    scored = _windows(rows, settings)[HEADLINE]
    found: list[Miss] = []
    for material in dict.fromkeys(row.material for row in scored):
        for region in Region:
            for place, ahead in enumerate(settings.months_ahead):
                own = [row for row in scored if row.material == material]
                misses = [miss for row in own if (miss := _miss(row, region.value, place, ahead))]
                found += sorted(misses, key=lambda miss: -abs(miss.miss_ln))[: settings.worst_months]
    return tuple(found)


def _windows(rows: Sequence[FairRow], settings: Settings) -> dict[str, list[FairRow]]:
    scored = [row for row in rows if row.month >= settings.first_month]
    apart = {name: [row for row in scored if int(row.month[:4]) == year] for name, year in settings.regimes.items()}
    return {HEADLINE: scored, **apart}


def _miss(row: FairRow, region: str, place: int, ahead: int) -> Miss | None:
    market = row.market(region)
    fair, then, came = market.fair, market.then, market.later[place]
    if fair is None or then is None or came is None:
        return None
    errors = float(np.log(came / fair)), float(np.log(came / then))
    return Miss(row.material, region, ahead, row.month, months_later(row.month, ahead), fair, then, came, *errors)


@dataclass(frozen=True)
class _Pairs:
    """Gaps and later changes of some materials (M, T) over all months between the first pair and the last."""

    region: str
    ahead: int
    months: tuple[str, ...]
    gap: Floats
    change: Floats
    quoted: NDArray[np.bool_]

    @classmethod
    def of(cls, rows: Sequence[FairRow], region: str, place: int, settings: Settings) -> _Pairs | None:
        """Return the pairs of one region and distance; None where there is none."""
        ahead = settings.months_ahead[place]
        found = [(row, miss) for row in rows if (miss := _miss(row, region, place, ahead))]
        if not found:
            return None
        months = tuple(_between(min(row.month for row, _ in found), max(row.month for row, _ in found)))
        at_month = {month: number for number, month in enumerate(months)}
        at_material = {name: number for number, name in enumerate(dict.fromkeys(row.material for row, _ in found))}
        gap, change = (np.full((len(at_material), len(months)), np.nan) for _ in range(2))
        quoted = np.zeros(gap.shape, dtype=bool)
        for row, miss in found:
            at = at_material[row.material], at_month[row.month]
            gap[at], change[at] = np.log(miss.fair / miss.then), miss.last_miss_ln
            market = row.market(region)
            quoted[at] = market.evidence == market.later_evidence[place] == OBSERVED
        return cls(region, ahead, months, gap, change, quoted)

    def score(self, material: str, window: str, settings: Settings) -> TowardScore:
        """Return how the fair price did against the last price."""
        known, how = np.isfinite(self.gap), settings.how
        count = known.sum(axis=0).astype(float)
        ours, last = (np.where(known, e, 0.0) ** 2 for e in (self.change - self.gap, self.change))
        nearer = np.where(known, ours < np.where(known, self.gap, 0.0) ** 2, 0.0).sum(axis=0)
        loss, base = ours.sum(axis=0), last.sum(axis=0)
        resolved = count > 0
        months = int(resolved.sum())
        windows = independent_windows(months, self.ahead)
        several = windows >= settings.least_windows
        ours_mean, last_mean = (sums[resolved] / count[resolved] for sums in (loss, base))
        statistic, p = diebold_mariano(ours_mean, last_mean, self.ahead) if several else (np.nan, np.nan)
        return TowardScore(
            material=material,
            region=self.region,
            months_ahead=self.ahead,
            window=window,
            first_month=self.months[0],
            last_month=self.months[-1],
            pairs=int(count.sum()),
            months=months,
            windows=windows,
            block_months=block_length(self.ahead, how.least_block),
            quoted=float(self.quoted.sum() / count.sum()),
            rms_fair_ln=float(np.sqrt(loss.sum() / count.sum())),
            rms_last_ln=float(np.sqrt(base.sum() / count.sum())),
            ratio=float(np.sqrt(loss.sum() / base.sum())) if base.sum() > 0 else None,
            ratio_band=self._band(loss, base, settings, root=True) if several else None,
            dm=_known(statistic),
            dm_p=_known(p),
            nearer=float(nearer.sum() / count.sum()),
            nearer_band=self._band(nearer, count, settings, root=False) if several else None,
            slope=_known(float(_slope(self._sums.sum(axis=2)))) if windows >= LEAST_FOR_SLOPE else None,
            slope_band=self._slope_band(settings) if several else None,
        )

    def _band(self, above: Floats, below: Floats, settings: Settings, *, root: bool) -> Ends:
        return _ends(*ratio_band(above, below, self.ahead, settings.how, root=root))

    @property
    def _sums(self) -> Floats:
        """Return, by material and month, pairs, x, y, x x and x y (5, M, T); 0 where there is no pair."""
        x, y = (np.nan_to_num(part) for part in (self.gap, self.change))
        return np.stack([np.isfinite(self.gap).astype(float), x, y, x * x, x * y])

    def _slope_band(self, settings: Settings) -> Ends:
        drawn = block_draws(len(self.months), self.ahead, settings.how)
        if drawn is None:
            return None
        slopes = _slope(self._sums[:, :, drawn].sum(axis=3))
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


TINY = 1e-12  # below it gaps do not differ


def _between(first: str, last: str) -> Iterator[str]:
    month = first
    while month <= last:
        yield month
        month = months_later(month, 1)


def _ends(low: float, high: float) -> Ends:
    return None if np.isnan(low) else (low, high)


def _known(value: float) -> float | None:
    return value if np.isfinite(value) else None
