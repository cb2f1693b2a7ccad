"""From models to what is served at every origin: the skill rule, conformal half-widths, thin markets widened."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.forecast_settings import numbers, whole
from features.panel import FloatArray
from pricing.forecast.conformal import Adaptation, weighted_quantile
from pricing.forecast.scores import LEVELS
from pricing.forecast.skill import Verdicts, verdicts
from training.forecast.examples import Examples


@dataclass(frozen=True)
class Served:
    """One place at one horizon, for its M materials over months (T,): all scaled by volatility times root horizon.

    `half` (levels, M, T) before the widening of thin markets; `thin` (M, T) marks those.
    """

    rows: list[int]  # of the examples
    change: FloatArray  # (M, T) what came, NaN where not resolved
    models: FloatArray  # (M, T) the blend
    point: FloatArray  # (M, T) the blend where it had shown skill, else 0: the last quote
    half: FloatArray
    thin: np.ndarray
    verdicts: Verdicts


def judge(found: Examples, place: str, horizon: int, blend: FloatArray) -> Verdicts:
    """Return whether models had shown skill at a place and horizon, by origin."""
    rows, change = found.places(place), found.changes(horizon)
    return verdicts((change - blend)[rows], change[rows], horizon, whole("skill.least_months"))


def serve(found: Examples, place: str, horizon: int, blend: FloatArray, judged: Verdicts) -> Served:
    """Return what is served at a place and horizon; each origin uses outcomes known by its vintage day alone."""
    rows = found.places(place)
    change = found.changes(horizon)
    forecast = np.where(judged.used[None], blend, 0.0)[rows]
    half = _half_widths(found, rows, horizon, change, blend, judged)
    thin = np.cumsum(found.quoted[rows], axis=1) < whole("intervals.thin_quotes")
    return Served(rows, change[rows], blend[rows], forecast, half, thin, judged)


def _half_widths(
    found: Examples, rows: list[int], horizon: int, change: FloatArray, blend: FloatArray, judged: Verdicts
) -> FloatArray:
    """Return half-widths (levels, T) repeated for each material (levels, M, T)."""
    months = len(found.months)
    first = int(np.argmax(np.isfinite(blend[rows[0]])))
    own = np.isin(np.arange(len(change)), rows)
    weight = np.where(own, 1.0, numbers().value("intervals.other_weight"))[:, None] * np.ones(change.shape)
    scores = {True: np.abs(change - blend), False: np.abs(change)}
    adapt = Adaptation(numbers().value("intervals.rate"), numbers().value("intervals.margin"))
    half = np.full((len(LEVELS), months), np.nan)
    for place, level in enumerate(LEVELS):
        wanted = miss = 1 - level / 100
        for origin in range(first, months):
            resolved = origin - horizon
            missed = _missed(scores, judged, rows, resolved, half[place])
            miss = adapt.after(miss, wanted, missed) if missed is not None else miss
            past = scores[bool(judged.used[origin])][:, : resolved + 1]
            kept = np.isfinite(past)
            half[place, origin] = weighted_quantile(past[kept], weight[:, : resolved + 1][kept], 1 - miss)
    ordered = np.maximum.accumulate(half, axis=0)
    return np.repeat(ordered[:, None, :], len(rows), axis=1)


def _missed(
    scores: dict[bool, FloatArray], judged: Verdicts, rows: list[int], resolved: int, half: FloatArray
) -> float | None:
    """Return the share of materials that missed at the origin now resolved; None where none is."""
    if resolved < 0 or np.isnan(half[resolved]):
        return None
    errors = scores[bool(judged.used[resolved])][rows, resolved]
    known = errors[np.isfinite(errors)]
    return float(np.mean(known > half[resolved])) if len(known) else None
