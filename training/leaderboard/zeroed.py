"""The obvious method, kept so that anyone can see it fail: fit an economy's own price, then set distortions to zero.

Fitted per economy on its observed history of the price outside China; in a month without one, see `outside`. What the
columns of distortion are at zero is what no distortion means: no subsidy, duty, limit or purchase, and a quota that
binds nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from pricing.market.synthetic import Economies
from training.leaderboard.estimates import REGIONS, Estimates, Estimator, both, carried, demanded, normal_value, outside

Floats = np.ndarray

# column -> sign of its effect on the price outside China, as theory has it
MARKET = {"cost": 1, "demand_china": 1, "demand_outside": 1, "capacity_china": -1, "capacity_outside": -1}
DISTORTIONS = {"subsidy": -1, "quota_tightness": 1, "duty": 1, "export_quota": 1, "licence": 1, "stockpiling": 1}
SIGNS = [*MARKET.values(), *DISTORTIONS.values()]


@dataclass(frozen=True)
class Trees:
    """How the trees are grown."""

    rounds: int
    learning_rate: float
    leaves: int
    least_in_leaf: int
    backbone: float  # penalty on the log-linear backbone

    def fitted(self, X: Floats, y: Floats, *, monotone: bool) -> lgb.Booster:
        """Return trees fitted to a log price y (T,) on X (T, K), with the signs of theory or with none."""
        options: dict[str, Any] = {
            "objective": "regression",
            "learning_rate": self.learning_rate,
            "num_leaves": self.leaves,
            "min_data_in_leaf": self.least_in_leaf,
            "num_threads": 1,
            "deterministic": True,
            "verbose": -1,
        }
        if monotone:
            options["monotone_constraints"] = SIGNS
        return lgb.train(options, lgb.Dataset(X, y), self.rounds)


Fitted = Callable[[Floats], Floats]  # columns (T, K) -> log price (T,)


def trees(how: Trees, *, monotone: bool) -> Estimator:
    """Return LightGBM with distortions zeroed, with the signs of theory where `monotone`."""
    return _zeroed(lambda X, y: _predict(how.fitted(X, y, monotone=monotone)))


def backbone_and_trees(how: Trees) -> Estimator:
    """Return a log-linear backbone with LightGBM on its residual, distortions zeroed in both."""

    def fit(X: Floats, y: Floats) -> Fitted:
        backbone = make_pipeline(StandardScaler(), Ridge(alpha=how.backbone)).fit(X, y)
        rest = how.fitted(X, y - backbone.predict(X), monotone=False)
        return lambda at: backbone.predict(at) + _predict(rest)(at)

    return _zeroed(fit)


def columns(economies: Economies) -> Floats:
    """Return market and distortions of each economy and month (N, T, K), gaps carried over, logs of quantities."""
    at = {name: carried(values) for name, values in economies.observed.items()}
    china, rest = (demanded(economies, region) for region in REGIONS)
    allowed = at["mining_quota"] * (1 + at["illegal_output_share_est"])
    found = [
        np.log(normal_value(economies)),
        *(np.log(demand) for demand in (china, rest)),
        *(np.log(at[name]) for name in ("capacity_china_est", "capacity_ex_china_est")),
        at["subsidy_rate_est"],
        np.maximum(0.0, 1 - allowed / at["capacity_china_est"]),
        *(at[name] for name in ("export_tax_rate", "export_quota_in_force", "export_licence_in_force")),
        at["stockpile_purchase_est"] / china,
    ]
    return np.nan_to_num(np.stack(found, axis=2))  # a column never seen tells nothing


def _zeroed(fit: Callable[[Floats, Floats], Fitted]) -> Estimator:
    def estimate(economies: Economies) -> Estimates:
        seen, prices = columns(economies), np.log(outside(economies))
        neutral = seen.copy()
        neutral[..., len(MARKET) :] = 0.0
        return both(np.exp([fit(X, y)(at) for X, y, at in zip(seen, prices, neutral, strict=True)]))

    return estimate


def _predict(booster: lgb.Booster) -> Fitted:
    return lambda at: np.asarray(booster.predict(at, num_threads=1))
