"""Tiny economies made by hand, so that every score can be checked on paper."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import pytest

from pricing.market.synthetic import Economies
from training.leaderboard.board import OURS, OWN, UNCORRECTED, Board, Judged, board_of, digest
from training.leaderboard.estimates import Estimates
from training.leaderboard.panel import MOVED_LESS, simple
from training.leaderboard.scores import scores
from training.leaderboard.settings import Size

MONTHS = 190
FAMILIES = ("as_examples", "poor_data")


@pytest.fixture(scope="session")
def by_hand() -> Callable[..., Economies]:
    return economies


@pytest.fixture(scope="session")
def level() -> Callable[[Sequence[float]], np.ndarray]:
    return flat


def flat(levels: Sequence[float]) -> np.ndarray:
    """Return one level per economy in every month (N, T)."""
    return np.tile(np.array(levels, dtype=float)[:, None], (1, MONTHS))


def economies(
    truth: np.ndarray, china: np.ndarray, outside: np.ndarray, twin: Sequence[str] = (), base: Sequence[int] = ()
) -> Economies:
    """Return economies with a truth and two prices (N, T); everything else is the same in all of them."""
    count = len(truth)
    same = {
        "subsidy_rate_est": 0.2,
        "illegal_output_share_est": 0.2,
        "export_tax_rate": 0.1,
        "mining_quota": 90.0,
        "export_quota_in_force": 0.0,
        "export_licence_in_force": 0.0,
        "stockpile_purchase_est": 0.0,
        "demand_index_china": 55.0,
        "demand_index_ex_china": 35.0,
        "capacity_china_est": 95.0,
        "capacity_ex_china_est": 25.0,
        "exports_china": 20.0,
        "factor_price_energy": 1.0,
        "factor_cost_energy": 24.0,
        "factor_price_capital": 1.0,
        "factor_cost_capital": 16.0,
    }
    observed = {name: flat([value] * count) for name, value in same.items()}
    return Economies(
        family="by_hand",
        names=tuple(f"by_hand-{row:05d}" for row in range(count)),
        months=tuple(str(month) for month in pd.period_range("2011-01", periods=MONTHS, freq="M")),
        observed={"china_price": china, "ex_china_price": outside, **observed},
        derived=np.zeros(truth.shape, dtype=bool),
        fair_long_run=truth,
        fair_short_run=truth,
        market={"china_price": china, "ex_china_price": outside},
        base=np.array(base or range(count)),
        twin=tuple(twin or [""] * count),
    )


@pytest.fixture(scope="session")
def waves() -> Economies:
    """Return four economies whose truth and prices swing, each in its own way, and a twin of the first two."""
    random = np.random.default_rng(5)
    truth = 50 * np.exp(np.cumsum(0.03 * random.standard_normal((4, MONTHS)), axis=1))
    china = truth * np.exp(-0.2 + 0.1 * random.standard_normal((4, MONTHS)))
    outside = truth * np.exp(0.25 * random.standard_normal((4, MONTHS)))
    china, outside = np.concatenate([china, 0.8 * china[:2]]), np.concatenate([outside, 0.9 * outside[:2]])
    twin, base = ("", "", "", "", "more_subsidy", "more_subsidy"), (0, 1, 2, 3, 0, 1)
    return economies(np.concatenate([truth, truth[:2]]), china, outside, twin, base)


@pytest.fixture(scope="session")
def board_with(waves: Economies) -> Callable[..., Board]:
    """Return a maker of boards for an estimator that is wrong by a factor and lets a share of the market leak in."""

    rivals = {name: peer for name, peer in simple().items() if name in MOVED_LESS}

    def made(factor: float = 1.05, leak: float = 0.1, width: float = 0.2, families: Sequence[str] = FAMILIES) -> Board:
        def ours(economies: Economies) -> dict[str, Estimates]:
            wrong = np.array([factor if int(name[-5:]) % 2 else 1 / factor for name in economies.names])[:, None]
            moved = np.array([0.8**leak if int(name[-5:]) > 3 else 1.0 for name in economies.names])[:, None]
            price = economies.fair_long_run * wrong * moved
            edges = {f"low{level}": price * np.exp(-width) for level in (50, 80, 95)}
            edges |= {f"high{level}": price * np.exp(width) for level in (50, 80, 95)}
            found = Estimates(price, price, edges)
            return {OURS: found, UNCORRECTED: found}

        answers = {**ours(waves), **{name: peer(waves) for name, peer in rivals.items()}}
        found = {peer: scores(estimates, waves) for peer, estimates in answers.items()}
        judged = [Judged(family, OWN, peer, score) for family in families for peer, score in found.items()]
        return board_of(judged, {family: digest(waves) for family in families}, Size(4, 2, 10, 5))

    return made
