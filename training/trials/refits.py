"""The same method on the real market and on its variants: the same draws for all, so that differences are no noise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pandas as pd
from joblib import Parallel, delayed

from features.costs import cost_model
from features.dataset import Dataset
from features.market_history import build_market
from pricing.fair.estimator import estimate
from pricing.market.supply import Market
from training.assumption_range import VALUE_SHARE, assumption_range, by_value_share, under_costs
from training.assumptions import settings_for, shipped_prior
from training.backend import shared
from training.config import Progress, TrainingConfig
from training.last_month import LastMonth
from training.tornado import tornado
from training.trials import variants
from training.trials.headline import headline_fit
from training.trials.plan import Plan, shipped_plan

BASE, AS_KNOWN, SECOND_SEED, EARLY = "base", "as_known", "second_seed", "early"
NO_EXPORT_QUOTES = "no_export_quotes"
RUN_UP, RUN_UP_COUNTED, RUN_UP_AGAIN = "run_up", "run_up_counted", "run_up_counted_second_seed"
ILLEGAL_LOW, ILLEGAL_HIGH = "illegal_share_low", "illegal_share_high"
FOB_NO_VAT, FOB_SECOND = "fob_without_vat", "fob_second_publisher"
OTHER_DRAWS = (SECOND_SEED, RUN_UP_AGAIN)  # fits with the second seed
OPENED = (BASE, AS_KNOWN)  # fits whose last month is opened: tornado and range

Make = Callable[[Dataset, Plan], Market]


@dataclass(frozen=True)
class Refit:
    """One fit: its rows, and for the two opened ones what the last month owes to priors and assumptions."""

    name: str
    rows: pd.DataFrame
    tornado: pd.DataFrame | None = None
    assumption_range: pd.DataFrame | None = None


def markets() -> dict[str, Make]:
    """Return how the market of each fit is made, by the fit's name."""
    made: dict[str, Make] = {
        BASE: lambda dataset, _: build_market(dataset, "latest"),
        AS_KNOWN: lambda dataset, _: build_market(dataset, "as_known"),
        SECOND_SEED: lambda dataset, _: build_market(dataset, "latest"),
        EARLY: lambda dataset, plan: build_market(dataset.as_known(plan.early), "latest"),
        NO_EXPORT_QUOTES: lambda dataset, _: variants.without_export_quotes(dataset, build_market(dataset, "latest")),
        RUN_UP: _run_up,
        RUN_UP_COUNTED: _run_up_counted,
        RUN_UP_AGAIN: _run_up_counted,
        FOB_NO_VAT: lambda dataset, _: variants.fob_without_vat(build_market(dataset, "latest")),
        FOB_SECOND: lambda dataset, plan: variants.second_publisher(
            build_market(dataset, "latest"), plan.number("shocks.second_publisher")
        ),
        VALUE_SHARE: lambda dataset, _: by_value_share(dataset, build_market(dataset, "latest")),
    }
    made |= {path: _illegal(path) for path in (ILLEGAL_LOW, ILLEGAL_HIGH)}
    return made | {name: _costs(name) for name in cost_model().structure["assumption_sets"]}


def all_refits(dataset: Dataset, draws: int, jobs: int, progress: Progress) -> dict[str, Refit]:
    """Return every fit by name; no number depends on how many processes share the work."""
    names, given = list(markets()), shared(dataset)
    work = Parallel(n_jobs=jobs, return_as="generator")(delayed(refit)(given, name, draws) for name in names)
    found = {}
    for done, one in enumerate(work, start=1):
        found[one.name] = one
        progress("refits", done / len(names))
    return found


def refit(dataset: Dataset, name: str, draws: int) -> Refit:
    """Return the fit of one name with so many draws: whole for the base, its headline alone for the others."""
    plan, prior = shipped_plan(), shipped_prior()
    market = markets()[name](dataset, plan)
    seed = plan.count("fits.second_seed" if name in OTHER_DRAWS else "fits.seed")
    settings = settings_for(TrainingConfig(draws=draws, seed=seed))
    settings = replace(settings, kept=plan.count("fits.kept_per_draw") * draws)
    found = (estimate if name == BASE else headline_fit)(market, prior, settings)
    if name not in OPENED:
        return Refit(name, found.frame)
    last = LastMonth.of(found.sample, found.draws, settings.rest_years)
    owed = tornado(last.answer(market), last.draws, prior, plan.doubt).assign(vintage=market.vintage)
    return Refit(name, found.frame, owed, assumption_range(dataset, market, last))


def _run_up(dataset: Dataset, plan: Plan) -> Market:
    market = build_market(dataset, "latest")
    return variants.raised(market, plan.number("shocks.rise"), plan.count("shocks.rise_months"))


def _run_up_counted(dataset: Dataset, plan: Plan) -> Market:
    return variants.raised_evidence(build_market(dataset, "latest"), plan.number("shocks.rise"))


def _illegal(path: str) -> Make:
    return lambda dataset, _: variants.with_illegal_share(dataset, "latest", path)


def _costs(name: str) -> Make:
    return lambda dataset, _: under_costs(dataset, build_market(dataset, "latest"), name)
