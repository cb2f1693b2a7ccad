"""The last month's fair price under other sets of assumptions: disagreement about what counts, beside the interval.

Each set is solved again for the draws of the fit with the evidence left as it was, so that the sets differ by what they
count and not by chance. The sets of costs stand in `costs/assumption_sets.yaml`; two more change how joint products are
charged and what is absent: value shares, and Western responses kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from features.costs import cost_model, cost_model_of, monthly_drivers, source_costs
from features.dataset import Dataset
from features.policy import Vintage
from pricing.costs.model import CostModel
from pricing.market.batches import Across
from pricing.market.distortions import Distortion
from pricing.market.supply import Market, Source
from training.last_month import Assumed, LastMonth

Floats = np.ndarray
HEADLINE = "headline"
VALUE_SHARE = "joint products by value share"
WESTERN_KEPT = "Western responses kept"
COLUMNS = ("material", "vintage", "assumption_set", "fair_usd_per_kg", "ratio")


def assumption_range(dataset: Dataset, market: Market, last: LastMonth, across: Across | None = None) -> pd.DataFrame:
    """Return one row per material and set: the last month's fair price, nominal USD/kg, and its ratio to the headline.

    Prices are weighted means in logs over the draws of the fit. The first set of a material is the headline itself.
    `across` may solve the sets elsewhere.
    """
    draws, known = last.posterior, list(market.whole or market.histories)
    begun = [known.index(material) for material in market.histories]
    sets = dict(_sets(dataset, market))
    prices = draws.log_prices(list(sets.values()), across)
    centres = {name: (draws.weight @ price)[begun] for name, price in zip(sets, prices, strict=True)}
    rows = [
        (material, market.vintage, name, np.exp(centre[e]), np.exp(centre[e] - centres[HEADLINE][e]))
        for e, material in enumerate(market.histories)
        for name, centre in centres.items()
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _sets(dataset: Dataset, market: Market) -> Iterator[tuple[str, Assumed]]:
    yield HEADLINE, Assumed(market)
    for name in cost_model().structure["assumption_sets"]:
        yield name, Assumed(under_costs(dataset, market, name))
    yield VALUE_SHARE, Assumed(by_value_share(dataset, market))
    yield WESTERN_KEPT, Assumed(market, (Distortion.WESTERN_RESPONSES,))


def under_costs(dataset: Dataset, market: Market, name: str) -> Market:
    """Return a market with the costs of a named assumption set. InputError for a name that is none."""
    model = cost_model_of(dataset).under_assumption(name)
    costs = source_costs(dataset, market.months, _vintage(market), model)
    return replace(market, sources=tuple(replace(source, **costs[source.name].terms) for source in market.sources))


def by_value_share(dataset: Dataset, market: Market) -> Market:
    """Return a market whose other products carry cost in proportion to stated value, instead of being credited.

    The magnet oxides bear value / (value + credit) of every cost, at stated values; what La, Ce and the rest fetch
    then neither pays for nor draws plant.
    """
    worth = _stated_worth(dataset, market, cost_model_of(dataset))
    return replace(market, sources=tuple(_charged(source, worth) for source in market.sources))


def _charged(source: Source, worth: dict[str, float]) -> Source:
    value = sum(share * worth[material] for material, share in source.basket.items())
    borne = value / (value + source.co_product_credit)
    return replace(
        source,
        cash_cost=source.cash_cost * borne,
        capital_charge=source.capital_charge * borne,
        environment=source.environment * borne,
        environment_unpaid=source.environment_unpaid * borne,
        support={name: taken * borne for name, taken in source.support.items()},
        co_product_credit=np.zeros_like(source.co_product_credit),
    )


def _stated_worth(dataset: Dataset, market: Market, model: CostModel) -> dict[str, float]:
    """Return the stated value of each magnet oxide, real USD/kg of the base month."""
    drivers = monthly_drivers(dataset, market.months, _vintage(market), model)
    of_money_year = float((model.factor_prices(drivers).price_level / model.deflator(drivers))[-1])
    return {str(material): value * of_money_year for material, value in model.reference_values().items()}


def _vintage(market: Market) -> Vintage:
    return "as_known" if market.vintage == "as_known" else "latest"
