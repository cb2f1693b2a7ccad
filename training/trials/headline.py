"""The headline fair price alone: the estimator's own steps, without smaller support sets, wedge and bands.

It costs a quarter of a whole fit and gives the same bits, so that a dozen variants can be fitted again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pricing.bundle_tables import fair_column
from pricing.fair.estimator import HEADLINE, Settings
from pricing.fair.posterior import log_likelihood, log_mean, quantiles
from pricing.fair.sampling import Sample, sample
from pricing.market.distortions import Switches
from pricing.market.economy import Economy
from pricing.market.facts import Facts, facts_of
from pricing.market.supply import Market, Region
from pricing.market.worlds import as_built, as_grown
from pricing.prior import Draws, Prior
from training.last_month import LASTING

Floats = np.ndarray
STATISTICS = {"p10": 0.10, "p90": 0.90}


@dataclass(frozen=True)
class HeadlineFit:
    """Rows per material and month, nominal USD/kg: market, the long-run headline with its 80 % interval, draws."""

    frame: pd.DataFrame
    sample: Sample
    draws: Draws


def headline_fit(market: Market, prior: Prior, settings: Settings) -> HeadlineFit:
    """Return the headline of a market; the same market, prior and settings give the same bits as a whole fit."""
    facts, every = facts_of(market), prior.draw(settings.draws, settings.seed)
    distorted = as_built(Economy.of(facts, every, Switches.all_on(every.size)))
    added = log_likelihood(market.histories, distorted, settings.errors)
    kept = sample(added, settings.kept, causal=market.vintage == "as_known")
    draws = every.take(kept.rows)
    world = as_grown(Economy.of(facts, draws, Switches.fair(draws.size, HEADLINE)), settings.rest_years)
    frames = list(_frames(market, facts, kept, world.outside, np.exp(draws[LASTING])[:, None]))
    return HeadlineFit(pd.concat(frames, ignore_index=True), kept, draws)


def _frames(market: Market, facts: Facts, kept: Sample, price: Floats, lasting: Floats) -> Iterator[pd.DataFrame]:
    for e, history in enumerate(market.histories.values()):
        start = int(facts.first[e])
        deflator, weight = facts.deflator[start:], kept.weight[:, start:]
        columns: dict[str, object] = {"material": history.material, "month": history.months, "deflator": deflator}
        columns |= {f"market.{region}": history.column(f"{region}_price") for region in Region}
        columns |= {"ess": kept.effective[start:]} | _fair(price[:, start:, e] * deflator * lasting, weight)
        yield pd.DataFrame(columns)


def _fair(price: Floats, weight: Floats) -> dict[str, object]:
    edges = quantiles(price, weight, tuple(STATISTICS.values()))
    named = {"mean": log_mean(price, weight), **dict(zip(STATISTICS, edges, strict=True))}
    return {fair_column("long_run", HEADLINE, statistic): values for statistic, values in named.items()}
