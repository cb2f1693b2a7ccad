"""The four models of the forecast, walked forward: no forecast uses a change that was not complete at its origin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import lightgbm as lgb
import numpy as np

from features.forecast_features import own_columns
from features.forecast_settings import numbers, recipe, whole
from features.panel import FloatArray
from pricing.forecast.skill import resolved_sums
from training.forecast.examples import METAL, Examples

TREES = "trees"
RIDGES = ("momentum", "own", "all")


@dataclass(frozen=True)
class Walked:
    """One model at one horizon: scaled forecasts (S, T) from `first` on, NaN before, and the last fit as data."""

    forecast: FloatArray
    last_fit: Mapping[str, float] | str


def walk(found: Examples, horizon: int, first: int) -> dict[str, Walked]:
    """Return every model's forecasts at a horizon for origins from index `first` on."""
    return {name: _ridge(found, horizon, first, name) for name in RIDGES} | {TREES: _trees(found, horizon, first)}


def blended(walked: Mapping[str, Walked]) -> FloatArray:
    """Return the mean of the models (S, T)."""
    return np.mean([one.forecast for one in walked.values()], axis=0)


def columns_of(found: Examples, model: str) -> list[int]:
    """Return where the features of a model stand."""
    if model == "momentum":
        return found.at([f"momentum{recipe().momentum_months[0]}"])
    return found.at(own_columns()) if model == "own" else list(range(len(found.columns)))


def _ridge(found: Examples, horizon: int, first: int, name: str) -> Walked:
    """Return a ridge without intercept, fitted anew at each origin; overlapping changes count once a horizon."""
    columns = columns_of(found, name)
    X, y = found.features[:, :, columns], _learnt(found, horizon)
    rare_only = np.array([one.place != METAL for one in found.quotes]) if name == "momentum" else True
    weight = np.where(np.isfinite(y), (found.weights * rare_only)[:, None], 0.0)
    change = np.nan_to_num(y)
    gram = np.zeros((len(found.months), len(columns), len(columns)))
    cross = np.zeros((len(found.months), len(columns)))
    for w, x, d in zip(weight, X, change, strict=True):
        gram += w[:, None, None] * x[:, :, None] * x[:, None, :]
        cross += (w * d)[:, None] * x
    penalty = numbers().value(f"models.strength_{name}") * horizon * np.eye(len(columns))
    known = [resolved_sums(part, horizon) for part in (gram, cross)]
    slope = np.linalg.solve(known[0] + penalty, known[1][:, :, None])[:, :, 0]
    forecast = np.sum(X * slope[None], axis=2)
    names = [found.columns[place] for place in columns]
    return Walked(_from(forecast, first, found), dict(zip(names, slope[-1].tolist(), strict=True)))


def _trees(found: Examples, horizon: int, first: int) -> Walked:
    """Return LightGBM on all features, fitted at the first origin and at the turn of every `refit_months`."""
    y, forecast = _learnt(found, horizon), np.full(found.level.shape, np.nan)
    months, text = len(found.months), ""
    for start, stop in _spans(first, months, whole("trees.refit_months")):
        booster = _grown(found, y, start - horizon)
        rows = found.features[:, start:stop]
        grown = np.asarray(booster.predict(rows.reshape(-1, rows.shape[2])))
        forecast[:, start:stop] = grown.reshape(rows.shape[:2])
        text = booster.model_to_string()
    return Walked(_from(forecast, first, found), text)


def _grown(found: Examples, y: FloatArray, last: int) -> lgb.Booster:
    """Return trees grown on changes of origins up to `last`."""
    kept = np.isfinite(y) & (found.weights > 0)[:, None]
    kept[:, last + 1 :] = False
    weight = np.broadcast_to(found.weights[:, None], y.shape)[kept]
    rows = lgb.Dataset(
        found.features[kept], y[kept], weight=weight, feature_name=[f"f{n}" for n in range(len(found.columns))]
    )
    return lgb.train(_tree_settings(), rows, whole("trees.rounds"))


def _tree_settings() -> dict[str, object]:
    trees = numbers().under("trees")
    return {
        "objective": "huber",
        "alpha": trees.value("huber"),
        "learning_rate": trees.value("learning_rate"),
        "num_leaves": whole("trees.leaves"),
        "min_data_in_leaf": whole("trees.least_in_leaf"),
        "feature_fraction": trees.value("feature_share"),
        "bagging_fraction": trees.value("row_share"),
        "bagging_freq": 1,
        "lambda_l2": trees.value("penalty"),
        "seed": whole("trees.seed"),
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "verbosity": -1,
    }


def _learnt(found: Examples, horizon: int) -> FloatArray:
    """Return the scaled changes that may be learnt from (S, T), cut at the bound, NaN elsewhere."""
    bound = numbers().value("features.target_bound")
    change: FloatArray = np.where(found.usable, np.clip(found.changes(horizon), -bound, bound), np.nan)
    return change


def _from(forecast: FloatArray, first: int, found: Examples) -> FloatArray:
    """Return forecasts from the first origin on; where a series lacks its own past, the last quote stands (0)."""
    kept = np.where(found.usable, forecast, 0.0)
    kept[:, :first] = np.nan
    return kept


def _spans(first: int, months: int, every: int) -> list[tuple[int, int]]:
    """Return spans of origins that one fit serves: months count from a January, so spans turn with the year."""
    starts = [first, *(turn for turn in range(every, months, every) if turn > first)]
    return list(zip(starts, [*starts[1:], months], strict=True))
