"""How good the backtest's forecasts were, per material, horizon and regime, with bands; and its bad months."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import norm

from features.forecast_settings import numbers, whole
from features.panel import FloatArray
from pricing.forecast.claim import ClaimRule
from pricing.forecast.published import HEADLINE, POOLED, SCORED_HORIZONS
from pricing.forecast.scores import (
    LEVELS,
    Bootstrap,
    block_length,
    diebold_mariano,
    independent_windows,
    interval_score,
    pinball,
    ratio_band,
    rmsse,
)
from training.forecast.backtest import PLACES, Backtest
from training.forecast.examples import FOB

DECIMALS = 4
Row = dict[str, Any]


@dataclass(frozen=True)
class Scored:
    """Resolved forecasts of some materials and months (M, T), scaled; NaN where not resolved or left out."""

    error: FloatArray  # of what was served
    base_error: FloatArray  # of the last quote
    half: FloatArray  # (levels, M, T)
    walk: FloatArray  # (M, T) spread of the Gaussian random walk
    scale: FloatArray  # (M, T) of ln(price)
    used: np.ndarray  # (T,) whether models were served

    def of(self, materials: list[int], months: np.ndarray) -> Scored:
        """Return some materials and months."""
        return Scored(
            self.error[materials][:, months],
            self.base_error[materials][:, months],
            self.half[:, materials][:, :, months],
            self.walk[materials][:, months],
            self.scale[materials][:, months],
            self.used[months],
        )


def scored(found: Backtest, place: str, horizon: int) -> Scored:
    """Return every forecast of a place and horizon that is resolved."""
    one = found.served[place, horizon]
    half, spread = found.widths(place, horizon), found.walk_width(place)
    enough = np.cumsum(found.examples.quoted[one.rows], axis=1) >= whole("intervals.least_quotes")
    ready = np.isfinite(one.change) & np.isfinite(half).all(axis=0) & np.isfinite(spread) & enough
    return Scored(
        error=np.where(ready, one.change - one.point, np.nan),
        base_error=np.where(ready, one.change, np.nan),
        half=half,
        walk=spread,
        scale=found.examples.scale(horizon)[one.rows],
        used=one.verdicts.used,
    )


def record(found: Backtest) -> list[Row]:
    """Return one row per place, material (and all of them), horizon and regime that has a resolved forecast."""
    return [row for place in PLACES for horizon in SCORED_HORIZONS for row in _rows(found, place, horizon)]


def regimes(months: tuple[str, ...], first: int) -> dict[str, np.ndarray]:
    """Return which origin months belong to the headline and to each regime (T,)."""
    year = np.array([int(month[:4]) for month in months])
    origin = np.arange(len(months)) >= first
    headline = origin & (year >= whole("record.headline_from"))
    early, late = halves()
    apart = {name: origin & (year == round(one.value)) for name, one in numbers().under("regimes").items()}
    to = whole("record.developed_to")
    return {HEADLINE: headline, early: headline & (year <= to), late: headline & (year > to), **apart}


def halves() -> tuple[str, str]:
    """Return the names of the two parts of the headline: intervals were developed on the first."""
    to = whole("record.developed_to")
    return f"to_{to}", f"from_{to + 1}"


def pooled_headline(rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the rows of a record that pool materials over the headline's origins."""
    return [row for row in rows if row["material"] == POOLED and row["regime"] == HEADLINE]


def how_banded() -> Bootstrap:
    """Return how bands of the record are drawn."""
    return Bootstrap(
        whole("record.samples"), whole("record.least_block"), numbers().value("record.level"), whole("record.seed")
    )


def claim_rule() -> ClaimRule:
    """Return what a record needs before skill may be claimed of it."""
    return ClaimRule(whole("skill.claim_months"), whole("skill.claim_windows"), numbers().value("skill.claim_p"))


def banded(above: FloatArray, below: FloatArray, months: int, horizon: int, *, root: bool) -> tuple[float, float]:
    """Return the band of a ratio of sums by origin month (T,); NaN where `months` resolved hold too few windows."""
    if not claim_rule().banded(months, horizon):
        return np.nan, np.nan
    return ratio_band(above, below, horizon, how_banded(), root=root)


def bad_months(found: Backtest) -> list[Row]:
    """Return each material's largest errors at each scored horizon, largest first."""
    return [
        row
        for place in PLACES
        for horizon in SCORED_HORIZONS
        for number in range(len(found.served[place, horizon].rows))
        for row in _worst(found, place, horizon, number)
    ]


def _rows(found: Backtest, place: str, horizon: int) -> Iterator[Row]:
    whole_record, months = scored(found, place, horizon), found.examples.months
    names = [found.examples.quotes[row].name for row in found.served[place, horizon].rows]
    chosen = {POOLED: list(range(len(names))), **{name: [number] for number, name in enumerate(names)}}
    for material, rows in chosen.items():
        for regime, kept in regimes(months, found.first).items():
            part = whole_record.of(rows, kept)
            resolved: np.ndarray = np.asarray(np.isfinite(part.error).any(axis=0))
            if resolved.any():
                origins = [month for month, keep in zip(months, kept, strict=True) if keep]
                yield {
                    "place": place,
                    "material": material,
                    "horizon": horizon,
                    "regime": regime,
                    "first_origin": origins[int(np.argmax(resolved))],
                    "last_origin": origins[len(origins) - 1 - int(np.argmax(resolved[::-1]))],
                    **_scores(part, resolved, horizon),
                }


def _scores(part: Scored, resolved: np.ndarray, horizon: int) -> Row:
    months = int(resolved.sum())
    known = np.isfinite(part.error)
    ours, base = (np.where(known, e, 0.0) ** 2 for e in (part.error, part.base_error))
    count = known.sum(axis=0)[resolved]
    low, high = banded(ours.sum(axis=0), base.sum(axis=0), months, horizon, root=True)
    loss, base_loss = (np.sum(squared, axis=0)[resolved] / count for squared in (ours, base))
    statistic, p = diebold_mariano(loss, base_loss, horizon)
    width = (part.scale * np.abs(part.error))[known]
    return {
        "forecasts": int(known.sum()),
        "months": months,
        "windows": independent_windows(months, horizon),
        "block_months": block_length(horizon, how_banded().least_block),
        "models_used": plain(np.mean(part.used[resolved])),
        "rmsse": plain(rmsse(part.error, part.base_error)),
        "rmsse_low": plain(low),
        "rmsse_high": plain(high),
        "mae_ln": plain(float(np.mean(width))),
        "mae_ln_last_quote": plain(float(np.mean((part.scale * np.abs(part.base_error))[known]))),
        **_intervals(part, known, horizon),
        "dm": plain(statistic),
        "dm_p": plain(p),
        "skill": claim_rule().verdict(months, horizon, high, (statistic, p)),
    }


def _intervals(part: Scored, known: np.ndarray, horizon: int) -> Row:
    """Return coverage, pinball loss and the interval score over that of Gaussian random-walk bands."""
    held: Row = {}
    ours, theirs, loss = np.zeros(known.shape), np.zeros(known.shape), np.where(known, np.abs(part.error) / 2, 0.0)
    for half, level in zip(part.half, LEVELS, strict=True):
        share, spread = level / 100, part.walk * norm.ppf(0.5 + level / 200)
        held[f"coverage{level}"] = plain(np.mean((np.abs(part.error) <= half)[known]))
        ours += np.where(known, interval_score(part.error, half, share), 0.0) / len(LEVELS)
        theirs += np.where(known, interval_score(part.base_error, spread, share), 0.0) / len(LEVELS)
        loss += np.where(known, 2 * pinball(part.error, half, share), 0.0)
    months = int(known.any(axis=0).sum())
    low, high = banded(ours.sum(axis=0), theirs.sum(axis=0), months, horizon, root=False)
    return {
        **held,
        "pinball": plain(np.mean(loss[known]) / (2 * len(LEVELS) + 1)),
        "interval_score": plain(np.mean(ours[known])),
        "interval_score_ratio": plain(ours.sum() / theirs.sum()),
        "interval_score_ratio_low": plain(low),
        "interval_score_ratio_high": plain(high),
    }


def _worst(found: Backtest, place: str, horizon: int, number: int) -> list[Row]:
    one = scored(found, place, horizon)
    miss = np.abs(one.error * one.scale)[number]
    order = np.argsort(-np.nan_to_num(miss, nan=-1.0), kind="stable")[: whole("record.worst_months")]
    return [_bad(found, one, (place, horizon, number), int(at)) for at in order if np.isfinite(miss[at])]


def _bad(found: Backtest, one: Scored, which: tuple[str, int, int], at: int) -> Row:
    place, horizon, number = which
    row = found.served[place, horizon].rows[number]
    scale, came = one.scale[number, at], found.examples.level[row, at + horizon]
    point = came - one.error[number, at] * scale
    half = one.half[-1, number, at] * scale
    prices: Mapping[str, float] = {"forecast": point, "low95": point - half, "high95": point + half, "came": came}
    return {
        "place": place,
        "material": found.examples.quotes[row].name,
        "horizon": horizon,
        "origin": found.examples.months[at],
        "month": found.examples.months[at + horizon],
        **{f"{name}_usd_per_kg": plain(np.exp(value)) for name, value in prices.items()},
        "miss_ln": plain(one.error[number, at] * scale),
        "inside95": bool(abs(one.error[number, at]) <= one.half[-1, number, at]),
    }


def plain(value: float) -> float | None:
    """Return a score rounded as the record has it; None where there is none."""
    return round(float(value), DECIMALS) + 0.0 if np.isfinite(value) else None


def by_freshness(found: Backtest) -> list[Row]:
    """Return the one-month record FOB China by how many days before the month's end the last quote was made."""
    one, months = scored(found, FOB, 1), found.examples.months
    days = np.array([_days_left(found.examples.quotes[row].day, months) for row in found.served[FOB, 1].rows])
    kept = regimes(months, found.first)[HEADLINE]
    bounds = [whole(f"record.{name}") for name in ("fresh_days", "old_days")]
    groups = {
        f"up to {bounds[0]} days": days <= bounds[0],
        f"{bounds[0] + 1} to {bounds[1]} days": (days > bounds[0]) & (days <= bounds[1]),
        f"more than {bounds[1]} days": days > bounds[1],
    }
    return [{"group": name, **_group(one, chosen & kept)} for name, chosen in groups.items()]


def _group(one: Scored, chosen: np.ndarray) -> Row:
    error, base = (np.where(chosen, part, np.nan) for part in (one.error, one.base_error))
    ours, theirs = (np.nansum(part**2, axis=0) for part in (error, base))
    low, high = banded(ours, theirs, int(np.isfinite(error).any(axis=0).sum()), 1, root=True)
    return {
        "forecasts": int(np.isfinite(error).sum()),
        "rmsse": plain(rmsse(error, base)),
        "rmsse_low": plain(low),
        "rmsse_high": plain(high),
    }


def _days_left(days: tuple[str, ...], months: tuple[str, ...]) -> FloatArray:
    ends = (np.array(months, dtype="datetime64[M]") + 1).astype("datetime64[D]") - 1
    quoted = np.array([day or "NaT" for day in days], dtype="datetime64[D]")
    left = (ends - quoted).astype(float)
    return np.where(np.isnat(quoted), np.nan, left)
