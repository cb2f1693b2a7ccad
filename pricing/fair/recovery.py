"""Recovery: the fair prices of one economy seen whole, long-run and short-run, with intervals.

Where margins alone build plants, as in a simulated economy, the path of capacity tells of lags and costs what prices
do not: a draw is weighted by its distorted world with plants as they stood *and* by its distorted world with plants
as its own margins would have built them. A second population, drawn around the first one's weighted draws, refines
it (population Monte Carlo, Cappe et al. 2004). All months are seen at once: nothing here is as known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import multivariate_normal

from pricing.fair.posterior import Errors, capacity_likelihood, log_likelihood, log_mean, quantiles
from pricing.market.distortions import Switches
from pricing.market.economy import Economy
from pricing.market.facts import Facts, facts_of
from pricing.market.history import MarketHistory
from pricing.market.simulated import market_of
from pricing.market.supply import Market, SupportSet
from pricing.market.worlds import as_built, as_grown
from pricing.prior import Prior

Floats = np.ndarray

INTERVALS = {"low50": 0.25, "high50": 0.75, "low80": 0.10, "high80": 0.90, "low95": 0.025, "high95": 0.975}


@dataclass(frozen=True)
class Population:
    """How an economy is searched."""

    errors: Errors
    first: int = 2048  # draws from the prior
    second: int = 1024  # draws around what the first found
    kept: int = 768  # heaviest draws, whose undistorted worlds are computed
    prior_share: float = 0.25  # of the second population that still comes from the prior
    widening: float = 1.5  # of the spread around which the second is drawn
    narrowing: float = 1.0  # of the interval around its centre, from calibration on simulated economies
    seed: int = 1


def recover(history: MarketHistory, prior: Prior, how: Population) -> pd.DataFrame:
    """Return fair_long_run, fair_short_run and the intervals of the former by month, USD/kg, all finite."""
    market = market_of(history)
    facts = facts_of(market)
    scores, log_weight = _searched(market, facts, prior, how)
    rows, weight = _heaviest(log_weight, how.kept)
    draws = prior.at(scores[rows])
    built = as_built(Economy.of(facts, draws, Switches.all_on(draws.size)))
    fair = Economy.of(facts, draws, Switches.fair(draws.size, SupportSet.MARKET_ECONOMY))
    long_run, short_run = as_grown(fair, 0.0), as_built(fair, built.habit)
    weights = np.tile(weight[:, None], (1, facts.months))
    centre = log_mean(long_run.outside[..., 0], weights)
    found = {
        "month": history.months,
        "fair_long_run": centre,
        "fair_short_run": log_mean(short_run.outside[..., 0], weights),
    }
    error = draws["model_error"][:, None]
    edges = quantiles(np.log(long_run.outside[..., 0]) + error, weights, tuple(INTERVALS.values()))
    for name, edge in zip(INTERVALS, edges, strict=True):
        found[name] = centre * np.exp(how.narrowing * (edge - np.log(centre)))
    return pd.DataFrame(found)


def _searched(market: Market, facts: Facts, prior: Prior, how: Population) -> tuple[Floats, Floats]:
    """Return the scores (N, P) of both populations and their log weights (N,), corrected for how they were drawn."""
    first = prior.scores(how.first, how.seed)
    seen = _log_evidence(market, facts, prior, first, how.errors)
    weight = np.exp(seen - seen.max())
    weight = weight / weight.sum()
    centre = weight @ first
    spread = how.widening * (weight[:, None] * (first - centre)).T @ (first - centre)
    spread += RIDGE * np.eye(len(centre))
    random = np.random.default_rng(how.seed)
    near = random.multivariate_normal(centre, spread, size=round(how.second * (1 - how.prior_share)))
    second = np.concatenate([near, random.standard_normal((how.second - len(near), len(centre)))])
    scores = np.concatenate([first, second])
    evidence = np.concatenate([seen, _log_evidence(market, facts, prior, second, how.errors)])
    return scores, evidence + _log_correction(scores, centre, spread, (how.first + how.second - len(near), len(near)))


RIDGE = 0.05  # of prior variance, so that no parameter is nailed by a few draws


def _log_correction(scores: Floats, centre: Floats, spread: Floats, drawn: tuple[int, int]) -> Floats:
    """Return the log of prior over proposal: all draws count as one mixture (deterministic mixture weights)."""
    prior = multivariate_normal(np.zeros(len(centre))).logpdf(scores)
    near = multivariate_normal(centre, spread).logpdf(scores)
    share = np.array(drawn) / sum(drawn)
    return prior - np.logaddexp(np.log(share[0]) + prior, np.log(share[1]) + near)


def _log_evidence(market: Market, facts: Facts, prior: Prior, scores: Floats, errors: Errors) -> Floats:
    draws = prior.at(scores)
    economy = Economy.of(facts, draws, Switches.all_on(draws.size))
    found: Floats = log_likelihood(market.histories, as_built(economy), errors).sum(axis=1)
    if errors.capacity is not None:
        history = next(iter(market.histories.values()))
        found = found + capacity_likelihood(history, as_grown(economy, 0.0), errors, errors.capacity).sum(axis=1)
    return found


def _heaviest(log_weight: Floats, kept: int) -> tuple[Floats, Floats]:
    """Return the heaviest draws and their weights: no resampling, so that twins differ by their evidence alone."""
    rows = np.sort(np.argsort(-log_weight, kind="stable")[:kept])
    weight = np.exp(log_weight[rows] - log_weight.max())
    return rows, weight / weight.sum()
