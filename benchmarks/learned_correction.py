"""Would a learned correction help? Trees and a ridge that have learned ln(truth / estimate) on simulated economies.

    python benchmarks/learned_correction.py [--train 120] [--test 8] [--seed 5]

They read ratios alone, no price level and no date, and learn on the mixed families only. Printed for families they have
never seen: the RMS of ln(long-run estimate / truth) over months 61 to 190, and the leakage of every distortion between
twins, without correction and with a share of what each says, between -.25 and .25.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

import lightgbm as lgb
import numpy as np
import pandas as pd
import typer
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from features.synthetic import families
from pricing.fair.recovery import Found, find
from pricing.market.history import MarketHistory
from pricing.market.synthetic import Economies, simulate
from training.recovery import shipped_prior, shipped_search

Floats = np.ndarray

LEARN = ("training_mix", "training_mix_realistic")
TEST = ("as_examples", "other_ranges", "other_curve", "slow_investment", "poor_data")
TWINS = ("more_subsidy", "tighter_quota", "tighter_licence", "more_stockpiling")
REGIONS = ("china", "ex_china")
FIRST_MONTH, EVERY = 60, 4
SMOOTHING = 13  # months
SHARES, CLIP = (0.5, 1.0), 0.25


def ratios(found: Found, histories: Sequence[MarketHistory]) -> Floats:
    """Return what a correction reads of every economy and month (M, T, F)."""
    price, plant = _logs(histories, "china_price"), [_logs(histories, f"capacity_{r}_est") for r in REGIONS]
    demand = np.logaddexp(*(_logs(histories, f"demand_index_{region}") for region in REGIONS))
    cost = np.log(np.stack([_cost(history) for history in histories]))
    built, grown = np.log(found.built.china[..., 0]), np.log(found.grown.china[..., 0])
    standing = np.log(found.grown.capacity)
    both = np.logaddexp(*plant)
    dated = (
        *(_smooth(price - built), _smooth(price - grown)),
        *(_smooth(plant[side] - standing[..., side]) for side in (0, 1)),
        *(found.long_run - found.short_run, found.long_run - cost, built - cost),
        *(_smooth(plant[1] - both), _smooth(both - demand), found.spread),
    )
    of_all = (np.nanmean(price - built, axis=1), found.scale, found.misfit)
    whole = np.concatenate([np.stack(of_all, axis=1), found.scores], axis=1)
    every = np.broadcast_to(whole[:, None], (*price.shape, whole.shape[1]))
    return np.nan_to_num(np.concatenate([np.stack(dated, axis=2), every], axis=2))


def _logs(histories: Sequence[MarketHistory], column: str) -> Floats:
    return np.log(np.stack([history.column(column) for history in histories]))


def _cost(history: MarketHistory) -> Floats:
    names = [str(c) for c in history.frame.columns if str(c).startswith("factor_price_")]
    spent = [history.column(name.replace("price", "cost")) * history.column(name) for name in names]
    return np.asarray(np.sum(spent, axis=0))


def _smooth(values: Floats) -> Floats:
    table = pd.DataFrame(values.T).rolling(SMOOTHING, center=True, min_periods=1).mean().ffill().bfill()
    return table.to_numpy().T


def seen(economies: Economies) -> tuple[Floats, Floats]:
    """Return the uncorrected log long-run prices (N, T) of economies, and their ratios (N, T, F)."""
    histories = [economies.history(row) for row in range(len(economies))]
    found = find(histories, shipped_prior(), shipped_search())
    return found.long_run, ratios(found, histories)


def learned(train: int, seed: int) -> Mapping[str, lgb.LGBMRegressor | Pipeline]:
    """Return the trees and the ridge, fitted on the mixed families."""
    inputs, wrong = [], []
    for family in LEARN:
        made = simulate(families()[family], train, seed)
        estimate, features = seen(made)
        inputs.append(features[:, ::EVERY].reshape(-1, features.shape[2]))
        wrong.append(np.clip(np.log(made.fair_long_run) - estimate, -0.5, 0.5)[:, ::EVERY].ravel())
    trees = lgb.LGBMRegressor(
        n_estimators=250,
        learning_rate=0.04,
        num_leaves=12,
        min_child_samples=300,
        colsample_bytree=0.5,
        reg_lambda=10,
        random_state=0,
        verbose=-1,
    )
    ridge = make_pipeline(StandardScaler(), RidgeCV(alphas=np.logspace(0, 5, 11)))
    x, y = np.concatenate(inputs), np.concatenate(wrong)
    return {"LightGBM": trees.fit(x, y), "ridge": ridge.fit(x, y)}


def scored(economies: Economies, estimate: Floats) -> dict[str, float]:
    """Return error and leakages of estimates (N, T) of bases and their twins."""
    twin, base = np.array(economies.twin), economies.base
    bases = np.flatnonzero(twin == "")
    found = {"RMSE": _rms((estimate - np.log(economies.fair_long_run))[bases])}
    for name in TWINS:
        rows = np.flatnonzero(twin == name)
        market = np.stack([_moved(economies, row, base[row]) for row in rows])
        found[name] = _rms(estimate[rows] - estimate[base[rows]]) / _rms(market)
    return found


def _moved(economies: Economies, row: int, base: int) -> Floats:
    changes = [np.log(economies.observed[f"{r}_price"][[row, base]]) for r in REGIONS]
    moves = [change[0] - change[1] for change in changes]
    return max(moves, key=lambda move: np.nan_to_num(np.nanmean(move[FIRST_MONTH:] ** 2)))


def _rms(values: Floats) -> float:
    return float(np.sqrt(np.nanmean(values[:, FIRST_MONTH:] ** 2)))


def main(
    train: Annotated[int, typer.Option(min=20, help="Economies of each family learned from.")] = 120,
    test: Annotated[int, typer.Option(min=2, help="Economies of each family tested on, twins not counted.")] = 8,
    seed: Annotated[int, typer.Option(min=0)] = 5,
) -> None:
    """Print error and leakage without and with correction."""
    models = learned(train, seed)
    rows = []
    for family in TEST:
        made = simulate(families()[family], test, seed + 1, twins=True)
        estimate, features = seen(made)
        rows.append({"family": family, "correction": "none", **scored(made, estimate)})
        for name, model in models.items():
            said = np.asarray(model.predict(features.reshape(-1, features.shape[2]))).reshape(estimate.shape)
            for share in SHARES:
                corrected = estimate + np.clip(share * said, -CLIP, CLIP)
                rows.append({"family": family, "correction": f"{share:g} x {name}", **scored(made, corrected)})
    typer.echo(pd.DataFrame(rows).set_index(["family", "correction"]).round(3).to_string())


if __name__ == "__main__":
    typer.run(main)
