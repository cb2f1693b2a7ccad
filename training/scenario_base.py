"""What scenarios start from: the last month of the as-known fit, for draws that stand for its posterior."""

from __future__ import annotations

import numpy as np
import pandas as pd

from features.costs import cost_model_of, monthly_drivers
from features.dataset import Dataset
from features.levers import load_levers, load_new_uses
from features.tariffs import importer_shares, tariffs
from features.use_shares import use_shares
from pricing.fair.estimator import HEADLINE, REGIONS
from pricing.fair.sampling import Sample, stand_ins
from pricing.market.distortions import Switches
from pricing.market.economy import Economy
from pricing.market.facts import Facts, facts_of
from pricing.market.supply import Market
from pricing.market.worlds import SMALLEST, as_built, as_grown
from pricing.materials import Material
from pricing.prior import Draws
from pricing.scenarios.base import Published, ScenarioBase, Standing, last_month, rested
from pricing.scenarios.conditions import costs_at, with_costs
from pricing.scenarios.solve import exports_of

DRAWS = 32  # for which an economy is solved again; a scenario's effect varies far less than a level


def scenario_base(
    dataset: Dataset, market: Market, sample: Sample, draws: Draws, frame: pd.DataFrame, rest_years: float
) -> ScenarioBase:
    """Return the base of a fit: its draws thinned by their last weights, what stands, and where worlds rest."""
    month = market.months[-1]
    few = draws.take(stand_ins(sample.weight[:, -1], DRAWS))
    whole = facts_of(market)
    now, now_fair = _standing(whole, few, rest_years)
    model = cost_model_of(dataset)
    drivers = monthly_drivers(dataset, [month], "as_known", model)
    facts = with_costs(last_month(whole), costs_at(model, drivers).by_source())
    rest, rest_fair = rested(facts, few, now, now_fair)
    shares, china_share = use_shares(dataset, month)
    return ScenarioBase(
        month=month,
        facts=facts,
        draws=few,
        costs=model,
        drivers=drivers,
        now=now,
        now_fair=now_fair,
        rest=rest,
        rest_fair=rest_fair,
        exports=exports_of(facts, few, now),
        uses={use: np.array([by[Material(m)] for m in facts.materials]) for use, by in shares.items()},
        new_uses=load_new_uses(),
        china_share=china_share,
        tariffs=tariffs(dataset, month),
        importer_shares=importer_shares(dataset, month),
        published={str(material): _published(frame, material, month) for material in market.histories},
        levers=load_levers(),
    )


def _standing(facts: Facts, draws: Draws, rest_years: float) -> tuple[Standing, Standing]:
    """Return what stands in the last month in the world as it is and in the fair one."""
    size = draws.size
    plants = np.empty((size, facts.months, len(facts.names)))
    fair_economy = Economy.of(facts, draws, Switches.fair(size, HEADLINE))
    fair = as_grown(fair_economy, rest_years, plants=plants)
    built = as_built(Economy.of(facts, draws, Switches.all_on(size)))
    stands = np.maximum(facts.capacity[-1], SMALLEST * fair_economy.limit)
    return Standing(stands, built.habit[:, -1]), Standing(plants[:, -1], fair.habit[:, -1])


def _published(frame: pd.DataFrame, material: str, month: str) -> Published:
    row = frame[(frame["material"] == material) & (frame["month"] == month)].iloc[0]
    prices = {run: _interval(row, f"{run}.{HEADLINE}") for run in ("long_run", "short_run")}
    market = {region: float(row[f"market.{region}"]) for region in REGIONS}
    return Published(
        market=market,
        market_range={r: (float(row[f"market.{r}.low"]), float(row[f"market.{r}.high"])) for r in REGIONS},
        freight=float(row["wedge.china.total"]) - market["china"] + prices["long_run"][0],
        fair_long_run=prices["long_run"],
        fair_short_run=prices["short_run"],
        status=str(row["status"]),
    )


def _interval(row: pd.Series, name: str) -> tuple[float, float, float]:
    centre, low, high = (float(row[f"{name}.{statistic}"]) for statistic in ("mean", "p10", "p90"))
    return centre, low, high
