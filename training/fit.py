"""From a dataset to an unsealed bundle: build the market as known and latest, estimate both, gather the tables."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pandas as pd
from joblib import Parallel, delayed

from features.costs import build_cost_stacks
from features.dataset import Dataset, vintage_day
from features.evidence import evidence_shares
from features.market_history import build_market
from features.market_prices import market_price, priced_months
from features.policy import Vintage
from pricing.bundle import Bundle
from pricing.fair import METHOD
from pricing.fair.estimator import FairHistory, estimate
from pricing.market.supply import Market, Region
from pricing.materials import Material, oxide_per_metal_kg
from pricing.scenarios.plain import to_plain
from training.assumption_range import assumption_range
from training.assumptions import settings_for, shipped_prior, stated
from training.backend import carried_over, on_cluster, spread
from training.config import Progress, TrainingConfig, silent
from training.explanations import explanations
from training.forecast.publish import forecasts
from training.incentive import incentive, with_incentive
from training.last_month import LastMonth
from training.references import references
from training.scenario_base import scenario_base
from training.tables import cost_stacks, exchange_rates, snapshots
from training.tornado import tornado
from training.trials.plan import shipped_plan

MARKS = ("evidence", "basis", "quote_day")
UNITS = ("NdPr oxide", "REO")
VINTAGES: tuple[Vintage, ...] = ("as_known", "latest")


def fit(dataset: Dataset, config: TrainingConfig, progress: Progress) -> Bundle:
    """Return the model fitted on a dataset, still without its card. DataError names what the data lack."""
    fitted = fit_prices(dataset, config, progress)
    return dataclasses.replace(fitted, forecasts=forecasts(dataset, progress, config.jobs))


def fit_prices(dataset: Dataset, config: TrainingConfig, progress: Progress) -> Bundle:
    """Return the model fitted on a dataset, still without its card and its forecasts of the market."""
    months = priced_months(dataset)
    markets = {vintage: _market(dataset, vintage, progress) for vintage in VINTAGES}
    fitted = _fitted(dataset, markets, config, progress)
    histories = {vintage: found.history for vintage, found in fitted.items()}
    progress("tables", 0.0)
    curves = {vintage: incentive(dataset, months, vintage, history) for vintage, history in histories.items()}
    bundle = Bundle(
        method=METHOD,
        dataset_digest=dataset.digest,
        last_day=dataset.last_day,
        first_month=months[0],
        last_month=months[-1],
        seed=config.seed,
        draws=config.draws,
        history_as_known=with_incentive(histories["as_known"], curves["as_known"]),
        history_latest=with_incentive(histories["latest"], curves["latest"]),
        incentive=curves["as_known"],
        cost_stacks=stacks(dataset, months),
        evidence=evidence_shares(markets["latest"]),
        references=references(dataset, months),
        fx=exchange_rates(dataset),
        snapshots=snapshots(dataset, months),
        explanations=pd.concat([found.explanations for found in fitted.values()], ignore_index=True),
        tornado=pd.concat([found.tornado for found in fitted.values()], ignore_index=True),
        assumption_range=pd.concat([found.assumption_range for found in fitted.values()], ignore_index=True),
        parameters=_parameters(config),
        scenario_base=fitted["as_known"].scenario_base,
    )
    progress("tables", 1.0)
    return bundle


def stacks(dataset: Dataset, months: Sequence[str]) -> pd.DataFrame:
    """Return normal values as known, per kg NdPr oxide and per kg of all rare-earth oxides."""
    found = [build_cost_stacks(dataset, months, "as_known", unit_of=unit) for unit in UNITS]
    return pd.concat([cost_stacks(stacks, list(months)) for stacks in found], ignore_index=True)


def _market(dataset: Dataset, vintage: Vintage, progress: Progress) -> Market:
    stage = f"market {vintage.replace('_', ' ')}"
    progress(stage, 0.0)
    market = build_market(dataset, vintage)
    progress(stage, 1.0)
    return market


@dataclasses.dataclass(frozen=True)
class _Fitted:
    """One vintage's rows, what its headline is made of, and what its last month owes to priors and assumptions."""

    history: pd.DataFrame
    explanations: pd.DataFrame
    tornado: pd.DataFrame
    assumption_range: pd.DataFrame
    scenario_base: dict[str, Any]  # plain, of the as-known history alone


def _fitted(
    dataset: Dataset, markets: Mapping[Vintage, Market], config: TrainingConfig, progress: Progress
) -> dict[Vintage, _Fitted]:
    """Return both histories. They share nothing: `latest` is estimated in a process of its own, beside `as_known`.

    On a cluster both are estimated here, and the worlds of their draws on the workers.
    """

    def beside() -> _Fitted:
        if on_cluster():
            return _history(dataset, markets["latest"], "latest", config, silent)
        latest = delayed(_history)(dataset, markets["latest"], "latest", config, silent)
        found: _Fitted = Parallel(n_jobs=2)([latest])[0]
        return found

    with ThreadPoolExecutor(1) as thread:
        progress("fair price latest", 0.0)
        running = thread.submit(carried_over(beside))
        as_known = _history(dataset, markets["as_known"], "as_known", config, progress)
        latest = running.result()
    progress("fair price latest", 1.0)
    return {"as_known": as_known, "latest": latest}


def _history(dataset: Dataset, market: Market, vintage: Vintage, config: TrainingConfig, progress: Progress) -> _Fitted:
    """Return one vintage's rows with the day each was first priced and where its market prices come from."""
    stage, prior, settings = f"fair price {vintage.replace('_', ' ')}", shipped_prior(), settings_for(config)
    across = spread if on_cluster() else None
    found = estimate(market, prior, settings, lambda _, share: progress(stage, share), across)
    explained = explanations(dataset, market.months, vintage, found.stack, found.frame)
    last = LastMonth.of(found.sample, found.draws, settings.rest_years)
    return _Fitted(
        history=_marked(found.frame, dataset, vintage),
        explanations=explained,
        tornado=tornado(last.answer(market, across), last.draws, prior, shipped_plan().doubt).assign(vintage=vintage),
        assumption_range=assumption_range(dataset, market, last, across),
        scenario_base=_scenario_base(dataset, market, found, settings.rest_years) if vintage == "as_known" else {},
    )


def _scenario_base(dataset: Dataset, market: Market, found: FairHistory, rest_years: float) -> dict[str, Any]:
    return to_plain(scenario_base(dataset, market, found.sample, found.draws, found.frame, rest_years))


def _marked(frame: pd.DataFrame, dataset: Dataset, vintage: Vintage) -> pd.DataFrame:
    marked = frame.assign(vintage_day=[vintage_day(month).isoformat() for month in frame["month"]])
    for region in Region:
        prices = pd.concat(
            [
                market_price(dataset, material, region.value, vintage).assign(material=material).reset_index()
                for material in frame["material"].unique()
            ]
        ).set_index(["material", "month"])
        rows = prices.loc[list(zip(frame["material"], frame["month"], strict=True))]
        for mark in MARKS:
            text = rows[mark].dt.strftime("%Y-%m-%d") if mark == "quote_day" else rows[mark]
            marked[f"market.{region}.{mark}"] = text.fillna("").to_numpy()
    return marked


def _parameters(config: TrainingConfig) -> dict[str, Any]:
    """Return priors, errors and settings; an error that is infinite is evidence not used, and stays out."""
    settings = dataclasses.asdict(settings_for(config))
    settings["errors"] = {name: allowed for name, allowed in settings["errors"].items() if allowed != math.inf}
    return stated() | {"settings": settings, "oxide_per_metal_kg": {m.value: oxide_per_metal_kg(m) for m in Material}}
