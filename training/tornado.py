"""What the fair price of the last month owes to each prior, and of which parameters the data taught anything.

The log price of a draw is close to linear in the standard-normal scores of its parameters. The slopes come from a least
squares fit over the draws that stand for prior and posterior, half each; a swing is the slope times the score of the
prior's edge. A parameter's share is the covariance of its term with the log price over the price's variance, under the
posterior: shares and the rest add up to one. A share can be slightly negative where the posterior ties two parameters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from pricing.fair.posterior import effective_size
from pricing.prior import Z90, Draws, Prior, PriorRow

Floats = np.ndarray
REST = "not linear"  # the row that closes the shares
COLUMNS = ("material", "parameter", "swing_low", "swing_high", "share", "shift", "spread", "identified")


@dataclass(frozen=True)
class Answer:
    """Log prices of the last month by draw and material (U, E), and what each draw weighs after and before evidence."""

    log_price: Floats
    materials: tuple[str, ...]
    weight: Floats  # (U,), sums to one
    prior_weight: Floats  # (U,), sums to one


@dataclass(frozen=True)
class Doubt:
    """To which prior quantile a parameter is moved, and how many standard errors away from its prior it must lie."""

    edge: float
    errors: float


def tornado(answer: Answer, draws: Draws, prior: Prior, doubt: Doubt) -> pd.DataFrame:
    """Return one row per material and parameter that has a prior width, the largest swing of a material first.

    `swing_low` and `swing_high` are what the price would do, as a share, with the parameter at the prior's lower and
    upper edge; `shift` and `spread` are the posterior's mean and standard deviation in prior standard deviations;
    `identified` is 1 where one of them lies from 0 or 1 by more than chance allows at this effective sample size.
    """
    names = [name for name, row in prior.rows.items() if row.low < row.high]
    scores = np.stack([score_of(prior.rows[name], draws[name]) for name in names], axis=1)
    learned = list(learnt(scores, answer, doubt))
    rows = [
        (material, *line)
        for e, material in enumerate(answer.materials)
        for line in _of_material(answer, e, scores, names, learned, doubt)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def score_of(row: PriorRow, values: Floats) -> Floats:
    """Return the standard-normal scores at which a prior has these values; its two sides may differ in spread."""
    low, middle, high, at = (
        np.log(v) if row.positive else np.asarray(v, dtype=float) for v in (row.low, row.central, row.high, values)
    )
    below, above = middle - low, high - middle
    side = np.where(at < middle, below, above)
    return np.divide(Z90 * (at - middle), side, out=np.zeros(at.shape), where=side > 0)


def slopes(log_price: Floats, scores: Floats, weight: Floats) -> Floats:
    """Return the change of the log price (U,) with each score (U, P) by weighted least squares (P,)."""
    root = np.sqrt(weight)[:, None]
    design = np.column_stack([np.ones(len(scores)), scores]) * root
    found: Floats = np.linalg.lstsq(design, log_price * root[:, 0], rcond=None)[0]
    return found[1:]


def shares(log_price: Floats, scores: Floats, slope: Floats, weight: Floats) -> Floats:
    """Return each parameter's share of the weighted variance of the log price (P,)."""
    off = log_price - weight @ log_price
    terms = scores * slope
    covariance = weight @ (off[:, None] * (terms - weight @ terms))
    variance = float(weight @ off**2)
    return covariance / variance if variance > 0 else np.zeros(len(slope))


def learnt(scores: Floats, answer: Answer, doubt: Doubt) -> Iterator[tuple[float, float, float]]:
    """Yield shift, spread and identified of each parameter.

    The mean of n independent draws of the prior errs by 1 / sqrt(n), their standard deviation by 1 / sqrt(2 n).
    """
    size = float(effective_size(answer.weight[:, None])[0])
    for column in scores.T:
        (centre, width), (mean, deviation) = (_moments(column, w) for w in (answer.prior_weight, answer.weight))
        shift, spread = (mean - centre) / (width or 1.0), deviation / (width or 1.0)
        away = max(abs(shift) * np.sqrt(size), abs(spread - 1) * np.sqrt(2 * size))
        yield shift, spread, float(away > doubt.errors)


def _moments(values: Floats, weight: Floats) -> tuple[float, float]:
    mean = float(weight @ values)
    return mean, float(np.sqrt(weight @ (values - mean) ** 2))


def _of_material(
    answer: Answer, e: int, scores: Floats, names: Sequence[str], learned: Sequence[tuple[float, ...]], doubt: Doubt
) -> list[tuple[object, ...]]:
    log_price = answer.log_price[:, e]
    slope = slopes(log_price, scores, (answer.weight + answer.prior_weight) / 2)
    share = shares(log_price, scores, slope, answer.weight)
    reach = float(norm.ppf(doubt.edge))
    swings = np.expm1(np.outer(slope, (-reach, reach)))
    order = np.argsort(-np.abs(slope), kind="stable")
    rows: list[tuple[object, ...]] = [(names[p], *swings[p], share[p], *learned[p]) for p in order]
    return [*rows, (REST, np.nan, np.nan, 1 - float(share.sum()), np.nan, np.nan, np.nan)]
