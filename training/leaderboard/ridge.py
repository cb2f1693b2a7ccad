"""Ridge on known truths: what a linear reading of ratios learns where the truth is known, applied where it is not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from pricing.market.synthetic import Economies
from training.leaderboard.estimates import (
    REGIONS,
    Estimates,
    Estimator,
    carried,
    chinese,
    demanded,
    normal_value,
    outside,
)
from training.leaderboard.scores import FIRST, YEAR
from training.leaderboard.simple_peers import edges_around

Floats = np.ndarray

LEVELS_AS_THEY_ARE = ("subsidy_rate_est", "export_tax_rate", "export_quota_in_force", "export_licence_in_force")


def ridge(training: Sequence[Economies], strength: float) -> Estimator:
    """Return a ridge of ln(truth / normal value) on ratios, learned from one month a year of training economies."""
    lessons = [_lesson(economies) for economies in training]
    seen, long_term, short_term = (np.concatenate(parts) for parts in zip(*lessons, strict=True))
    models = [_fitted(seen, target, strength) for target in (long_term, short_term)]
    errors = long_term - models[0].predict(seen)

    def estimate(economies: Economies) -> Estimates:
        read = ratios(economies)
        shape = read.shape[:2]
        long_run, short_run = (
            normal_value(economies) * np.exp(model.predict(read.reshape(-1, read.shape[2])).reshape(shape))
            for model in models
        )
        return Estimates(long_run, short_run, edges_around(long_run, errors))

    return estimate


def _lesson(economies: Economies) -> tuple[Floats, Floats, Floats]:
    """Return what is seen (M, K) and the logs of long-run and short-run truth over normal value (M,)."""
    months, cost = np.arange(FIRST, economies.fair_long_run.shape[1], YEAR), normal_value(economies)
    seen = ratios(economies)[:, months]
    targets = (np.log(truth / cost)[:, months].ravel() for truth in (economies.fair_long_run, economies.fair_short_run))
    return seen.reshape(-1, seen.shape[2]), *targets


def ratios(economies: Economies) -> Floats:
    """Return what is read of each economy and month (N, T, K): logs of ratios, rates and flags; NaN where unseen."""
    cost = normal_value(economies)
    at = {name: carried(values) for name, values in economies.observed.items()}
    china, rest = (demanded(economies, region) for region in REGIONS)
    plants, plants_outside = at["capacity_china_est"], at["capacity_ex_china_est"]
    inside, outer = np.log(chinese(economies) / cost), np.log(outside(economies) / cost)
    columns = [
        inside,
        outer,
        _level(inside),
        _level(outer),
        np.log(plants / china),
        np.log((plants + plants_outside) / (china + rest)),
        np.log(plants_outside / rest),
        np.log(at["mining_quota"] / plants),
        at["exports_china"] / rest,
        at["stockpile_purchase_est"] / china,
        at["illegal_output_share_est"],
        *(at[name] for name in LEVELS_AS_THEY_ARE),
        _level(at["subsidy_rate_est"]),
    ]
    return np.stack(columns, axis=2)


def _level(values: Floats) -> Floats:
    """Return each economy's mean over all months, in every month (N, T)."""
    return np.broadcast_to(values.mean(axis=1, keepdims=True), values.shape)


def _fitted(seen: Floats, target: Floats, strength: float) -> Pipeline:
    model = make_pipeline(SimpleImputer(keep_empty_features=True), StandardScaler(), Ridge(alpha=strength))
    return model.fit(seen, target)
