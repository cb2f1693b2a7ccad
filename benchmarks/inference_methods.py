"""Ways of inference side by side: the same simulated economies, priors, likelihood and worlds; only the search differs.

    python benchmarks/inference_methods.py [--count 6] [--seed 3]

prints, per family, the RMS of ln(long-run estimate / truth) over months 61 to 190, and of all families the leakage of
stockpiling (a twin whose market moves by a per cent or two: what jumps here is the search, not the evidence) and the
seconds of CPU an economy takes.

- importance weights: draws of the prior, each weighted by its likelihood (the weights of the real market's histories);
- regression adjustment: the same draws, moved along the weighted regression of the answer on the residuals (Beaumont,
  Zhang and Balding 2002);
- population Monte Carlo: a second population drawn around the first one's weighted draws (Cappe et al. 2004);
- one mode, and eight starts: the most probable parameters, climbed to from one start and from eight, modes weighted by
  height times volume;
- smoother, errors drawn: an ensemble moved by its own covariances in four steps (Emerick and Reynolds 2013), the scale
  of the errors as believed;
- ensemble smoother: what `recover` does; no error is drawn, and the scale of the errors is learned from the modes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Annotated

import numpy as np
import pandas as pd
import typer
from scipy.special import softmax
from scipy.stats import multivariate_normal
from sklearn.linear_model import Ridge

from features.synthetic import families
from pricing.fair.problem import Problem, Search
from pricing.fair.recovery import climbed, find
from pricing.market.history import MarketHistory
from pricing.market.synthetic import simulate
from pricing.prior import Prior
from training.recovery import shipped_prior, shipped_search

Floats = np.ndarray
Method = Callable[[Sequence[MarketHistory], Prior, Search], Floats]

FAMILIES = ("as_examples", "other_ranges", "other_curve", "slow_investment", "poor_data")
TWIN = "more_stockpiling"
FIRST_MONTH = 60
POPULATION = 2048
KEPT = 256
WIDENING, RIDGE = 1.5, 0.05


def importance(histories: Sequence[MarketHistory], prior: Prior, search: Search) -> Floats:
    """Return log long-run prices (M, T): the weighted mean over the heaviest draws of the prior."""
    return np.stack([_weighted(*_from_prior(history, prior, search)) for history in histories])


def adjusted(histories: Sequence[MarketHistory], prior: Prior, search: Search) -> Floats:
    """Return log long-run prices (M, T): the weighted regression's answer where no residual is left."""
    found = []
    for history in histories:
        problem, scores, log_weight = _from_prior(history, prior, search)
        rows, weight = _heaviest(log_weight)
        seen = problem.evidence(scores[rows], np.zeros(len(rows), dtype=int))
        fair = problem.fair(problem.facts, scores[rows], np.zeros(len(rows), dtype=int))[0]
        line = Ridge(alpha=1.0).fit(seen, fair, sample_weight=weight * len(rows))
        found.append(line.predict(np.zeros((1, seen.shape[1])))[0])
    return np.stack(found)


def population(histories: Sequence[MarketHistory], prior: Prior, search: Search) -> Floats:
    """Return log long-run prices (M, T) of two populations that count as one mixture."""
    found = []
    for history in histories:
        problem, first, log_weight = _from_prior(history, prior, search)
        weight = softmax(log_weight)
        centre = weight @ first
        spread = WIDENING * (weight[:, None] * (first - centre)).T @ (first - centre) + RIDGE * np.eye(problem.size)
        second = np.random.default_rng(search.seed).multivariate_normal(centre, spread, size=POPULATION // 2)
        scores = np.concatenate([first, second])
        believed = multivariate_normal(np.zeros(problem.size)).logpdf(scores)
        drawn = np.logaddexp(
            np.log(2 / 3) + believed, np.log(1 / 3) + multivariate_normal(centre, spread).logpdf(scores)
        )
        likelihood = np.concatenate([log_weight, _log_likelihood(problem, second)])
        found.append(_weighted(problem, scores, likelihood + believed - drawn))
    return np.stack(found)


def drawn_smoother(histories: Sequence[MarketHistory], prior: Prior, search: Search) -> Floats:
    """Return log long-run prices (M, T): the mean over an ensemble whose every member met errors of its own."""
    found = []
    for history in histories:
        problem = Problem.of([history], prior, search)
        scores = prior.scores(search.members, search.seed)[:, prior.uncertain]
        random = np.random.default_rng(search.seed)
        here = np.zeros(search.members, dtype=int)
        for _ in range(search.steps):
            seen = problem.evidence(scores, here)
            apart, moved = scores - scores.mean(axis=0), seen - seen.mean(axis=0)
            noise = np.sqrt(search.steps) * random.standard_normal(seen.shape)
            covariance = moved.T @ moved / (search.members - 1) + search.steps * np.eye(seen.shape[1])
            scores = scores - (seen + noise) @ np.linalg.solve(covariance, moved.T @ apart / (search.members - 1))
        found.append(problem.fair(problem.facts, scores, here)[0].mean(axis=0))
    return np.stack(found)


def one_mode(histories: Sequence[MarketHistory], prior: Prior, search: Search) -> Floats:
    """Return log long-run prices (M, T) of the mode nearest the centre of the prior."""
    return many_modes(histories, prior, replace(search, starts=1))


def many_modes(histories: Sequence[MarketHistory], prior: Prior, search: Search) -> Floats:
    """Return log long-run prices (M, T) of the modes from every start, weighted by height times volume."""
    problem, found, tried = climbed(histories, prior, search)
    weight = found.shares(search.starts)
    long_run = problem.fair(problem.facts, found.scores, tried)[0].reshape(*weight.shape, -1)
    return np.einsum("mk,mkt->mt", weight, long_run)


def smoother(histories: Sequence[MarketHistory], prior: Prior, search: Search) -> Floats:
    """Return log long-run prices (M, T) as `recover` finds them."""
    return find(histories, prior, search).long_run


METHODS: dict[str, Method] = {
    "importance weights": importance,
    "regression adjustment": adjusted,
    "population Monte Carlo": population,
    "one mode": one_mode,
    "eight starts": many_modes,
    "smoother, errors drawn": drawn_smoother,
    "ensemble smoother": smoother,
}


def _from_prior(history: MarketHistory, prior: Prior, search: Search) -> tuple[Problem, Floats, Floats]:
    problem = Problem.of([history], prior, search)
    scores = prior.scores(POPULATION, search.seed)[:, prior.uncertain]
    return problem, scores, _log_likelihood(problem, scores)


def _log_likelihood(problem: Problem, scores: Floats) -> Floats:
    seen = problem.evidence(scores, np.zeros(len(scores), dtype=int))
    return -0.5 * (seen**2).sum(axis=1)


def _heaviest(log_weight: Floats) -> tuple[Floats, Floats]:
    rows = np.argsort(-log_weight, kind="stable")[:KEPT]
    return rows, softmax(log_weight[rows])


def _weighted(problem: Problem, scores: Floats, log_weight: Floats) -> Floats:
    rows, weight = _heaviest(log_weight)
    return weight @ problem.fair(problem.facts, scores[rows], np.zeros(len(rows), dtype=int))[0]


def main(
    count: Annotated[int, typer.Option(min=2, help="Economies of each family, twins not counted.")] = 6,
    seed: Annotated[int, typer.Option(min=0)] = 3,
) -> None:
    """Print the comparison."""
    prior, search = shipped_prior(), shipped_search()
    rows: dict[str, dict[str, float]] = {name: {} for name in METHODS}
    moved: dict[str, list[Floats]] = {name: [] for name in METHODS}
    market, spent = [], dict.fromkeys(METHODS, 0.0)
    for family in FAMILIES:
        made = simulate(families()[family], count, seed, twins=True)
        bases = [i for i, twin in enumerate(made.twin) if not twin]
        twins = [i for i, twin in enumerate(made.twin) if twin == TWIN]
        histories = [made.history(i) for i in (*bases, *twins)]
        truth = np.log(made.fair_long_run[bases])
        price = np.log(made.observed["china_price"])
        market.append((price[twins] - price[bases])[:, FIRST_MONTH:])
        for name, method in METHODS.items():
            before = time.process_time()
            found = method(histories, prior, search)
            spent[name] += time.process_time() - before
            rows[name][family] = _rms((found[: len(bases)] - truth)[:, FIRST_MONTH:])
            moved[name].append((found[len(bases) :] - found[: len(bases)])[:, FIRST_MONTH:])
    for name in METHODS:
        rows[name]["leakage of stockpiling"] = _rms(np.concatenate(moved[name])) / _rms(np.concatenate(market))
        rows[name]["CPU s an economy"] = spent[name] / (2 * count * len(FAMILIES))
    typer.echo(pd.DataFrame(rows).T.round(3).to_string())


def _rms(values: Floats) -> float:
    return float(np.sqrt(np.nanmean(values**2)))


if __name__ == "__main__":
    typer.run(main)
