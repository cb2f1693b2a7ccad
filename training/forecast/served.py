"""From models to what is served at every origin: the skill rule, conformal half-widths, thin markets marked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.forecast_settings import numbers, whole
from features.panel import FloatArray
from pricing.forecast.conformal import Adaptation, Beside, PastErrors
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
    forecast = np.where(judged.used[None], blend, 0.0)[rows]
    wide = _half_widths(found, rows, horizon, blend, judged)
    half = wide[:, None, :] * (found.spread(horizon) / found.scale(horizon))[rows]
    thin = np.cumsum(found.quoted[rows], axis=1) < whole("intervals.thin_quotes")
    return Served(rows, found.changes(horizon)[rows], blend[rows], forecast, half, thin, judged)


def _half_widths(found: Examples, rows: list[int], horizon: int, blend: FloatArray, judged: Verdicts) -> FloatArray:
    """Return half-widths (levels, T) over the spread of a place's quotes: one for all its materials."""
    past = {used: _past(found, rows, horizon, blend if used else np.zeros(blend.shape)) for used in (False, True)}
    adapt = Adaptation(numbers().value("intervals.rate"), numbers().value("intervals.margin"))
    beside = Beside(numbers().value("intervals.other_windows"), numbers().value("intervals.gaussian_windows"))
    wanted = 1 - np.array(LEVELS) / 100
    miss, half = wanted, np.full((len(LEVELS), len(found.months)), np.nan)
    first = int(np.argmax(np.isfinite(blend[rows[0]])))
    for origin in range(first, len(found.months)):
        resolved = origin - horizon
        if resolved >= first:
            errors = past[bool(judged.used[resolved])].own[:, resolved]
            miss = adapt.after(miss, wanted, _missed(errors, half[:, resolved], wanted), horizon)
        widths = past[bool(judged.used[origin])].quantiles(resolved, 1 - miss, beside)
        half[:, origin] = np.maximum.accumulate(widths)
    return half


def _past(found: Examples, rows: list[int], horizon: int, forecast: FloatArray) -> PastErrors:
    """Return the errors of one forecast at all past origins over the spread of quotes, those of a place apart."""
    moved = (found.changes(horizon) - forecast) * found.scale(horizon) / found.spread(horizon)
    return PastErrors(np.abs(moved[rows]), np.abs(np.delete(moved, rows, axis=0)), horizon)


def _missed(errors: FloatArray, half: FloatArray, wanted: FloatArray) -> FloatArray:
    """Return the share of materials that missed at each level (levels,); what was wanted where none is resolved."""
    known = errors[np.isfinite(errors)]
    return np.mean(known > half[:, None], axis=1) if len(known) else wanted
