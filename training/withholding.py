"""The two views of a fit on a user's own data: the whole one for its owner, and the one that may be published.

One rule decides what is published of data: a row or a month that public data alone would give too, cell for cell. So
nothing needs to be known about how a private number travelled. Fair prices are published as they are: private prices
enter them through weights only; what that still tells is written in docs/private_data.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from features.dataset import Dataset
from features.evidence import evidence_shares
from features.market_history import build_market
from features.market_prices import market_price, priced_months
from features.policy import Vintage
from pricing.bundle import Bundle, write_bundle
from pricing.bundle_tables import INCENTIVE_TONNES, TABLES, empty_table
from pricing.market.supply import Market, Region
from pricing.materials import Material
from pricing.withheld import MARK, PARAMETER, WHOLE, Withheld, shared_groups, shared_rows
from training.config import silent
from training.fit import VINTAGES, stacks
from training.forecast.publish import forecasts
from training.incentive import incentive, with_incentive
from training.references import references
from training.tables import exchange_rates, snapshots

PUBLIC_PARAMETERS = ("priors", "inference", "settings", "oxide_per_metal_kg")  # anything else may hold private data
A_STACK = ("route", "variant", "unit_of", "month")
INCENTIVE = "incentive."


@dataclass(frozen=True)
class Views:
    """A fit as it may be published, and whole; there is no second view where no private data went in."""

    published: Bundle
    whole: Bundle | None


def views_of(bundle: Bundle, dataset: Dataset) -> Views:
    """Return both views of a bundle that was fitted on a dataset, still without their cards."""
    if dataset.public is None:
        return Views(bundle, None)
    shown = _Shown.of(bundle, dataset, dataset.public)
    whole = replace(bundle, parameters={**bundle.parameters, PARAMETER: shown.withheld.entry(WHOLE)})
    return Views(shown.bundle(bundle), whole)


def keep(whole: Bundle, published_digest: str, folder: Path) -> Path:
    """Write a whole view below a folder, named by the published bundle it belongs to, for its owner's eyes only."""
    place = folder / published_digest
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    entry = {**whole.parameters[PARAMETER], "published": published_digest}
    write_bundle(replace(whole, parameters={**whole.parameters, PARAMETER: entry}), place)
    return place


@dataclass(frozen=True)
class _Shown:
    """What may be published of a fit: the rows of each table that public data alone give too, and what is missing."""

    public: Dataset
    tables: Mapping[str, pd.DataFrame]
    histories: Mapping[Vintage, pd.DataFrame]
    withheld: Withheld

    @classmethod
    def of(cls, bundle: Bundle, dataset: Dataset, public: Dataset) -> _Shown:
        """Return what public data alone give of a bundle's tables and histories."""
        months = priced_months(public)
        markets = {vintage: (build_market(dataset, vintage), build_market(public, vintage)) for vintage in VINTAGES}
        costs = bool(dataset.costs) or not dataset.panel.frame.equals(public.panel.frame)
        alone = {
            "evidence": evidence_shares(markets["latest"][1]),
            "references": references(public, months),
            "fx": exchange_rates(public),
        }
        tables = {name: shared_rows(bundle.table(name), table, TABLES[name].key) for name, table in alone.items()}
        if costs:
            tables |= _public_costs(bundle, public, months)
        withheld = Withheld(
            markets={vintage: _markets(dataset, public, vintage) for vintage in VINTAGES},
            wedge_parts={vintage: _wedge_parts(*both, everywhere=costs) for vintage, both in markets.items()},
            references=_missing(bundle.references, tables["references"]),
            costs=costs,
        )
        found: dict[Vintage, pd.DataFrame] = {"as_known": bundle.history_as_known, "latest": bundle.history_latest}
        if costs:
            found = {v: _public_incentive(frame, public, v) for v, frame in found.items()}
        return cls(public, tables, {v: withheld.history(v, frame) for v, frame in found.items()}, withheld)

    def bundle(self, fitted: Bundle) -> Bundle:
        """Return the view to publish: every field is named, so that one added later is withheld until thought of."""
        parameters = {name: fitted.parameters[name] for name in PUBLIC_PARAMETERS if name in fitted.parameters}
        return Bundle(
            method=fitted.method,
            dataset_digest=self.public.digest,
            last_day=fitted.last_day,
            first_month=fitted.first_month,
            last_month=fitted.last_month,
            seed=fitted.seed,
            draws=fitted.draws,
            history_as_known=self.histories["as_known"],
            history_latest=self.histories["latest"],
            incentive=self.tables.get("incentive", fitted.incentive),
            cost_stacks=self.tables.get("cost_stacks", fitted.cost_stacks),
            evidence=self.tables["evidence"],
            references=self.tables["references"],
            fx=self.tables["fx"],
            snapshots=snapshots(self.public, priced_months(self.public)),
            explanations=empty_table("explanations") if self.withheld.costs else fitted.explanations,
            tornado=fitted.tornado,
            assumption_range=fitted.assumption_range,
            forecasts=forecasts(self.public, silent),  # made of public data alone, whole
            parameters={**parameters, PARAMETER: self.withheld.entry(MARK)},
        )


def _public_costs(bundle: Bundle, public: Dataset, months: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Return the cost stacks, each whole or not at all, and incentive prices that public data alone give too."""
    curve = incentive(public, months, "as_known", bundle.history_as_known)
    return {
        "cost_stacks": shared_groups(bundle.cost_stacks, stacks(public, months), TABLES["cost_stacks"].key, A_STACK),
        "incentive": shared_rows(bundle.incentive, curve, TABLES["incentive"].key),
    }


def _markets(dataset: Dataset, public: Dataset, vintage: Vintage) -> dict[str, dict[str, list[str]]]:
    """Return the months, by material and region, whose market price would be another without private data."""
    found: dict[str, dict[str, list[str]]] = {}
    for material in Material:
        for region in Region:
            whole, alone = (market_price(each, material.value, region.value, vintage) for each in (dataset, public))
            if months := _differing(whole, alone):
                found.setdefault(material.value, {})[region.value] = months
    return found


def _wedge_parts(whole: Market, alone: Market, *, everywhere: bool) -> dict[str, list[str]]:
    """Return the months, by material, in which anything the model is told would be another; every month for costs."""
    histories = {name: (history.frame, alone.whole[name].frame) for name, history in whole.whole.items()}
    if everywhere:
        return {name: [str(month) for month in mine.index] for name, (mine, _) in histories.items()}
    return {name: months for name, both in histories.items() if (months := _differing(*both))}


def _differing(whole: pd.DataFrame, alone: pd.DataFrame) -> list[str]:
    same = whole.eq(alone) | (whole.isna() & alone.isna())
    return [str(month) for month in whole.index[~same.all(axis=1)]]


def _missing(whole: pd.DataFrame, shown: pd.DataFrame) -> dict[str, dict[str, list[str]]]:
    """Return the months of each index, by material, that are not shown."""
    key = ["material", "basis", "month"]
    kept = set(shown[key].itertuples(index=False, name=None))
    found: dict[str, dict[str, list[str]]] = {}
    for material, basis, month in whole[key].itertuples(index=False, name=None):
        if (material, basis, month) not in kept:
            found.setdefault(material, {}).setdefault(basis, []).append(month)
    return found


def _public_incentive(history: pd.DataFrame, public: Dataset, vintage: Vintage) -> pd.DataFrame:
    """Return a history without the incentive prices that public costs alone would not give."""
    columns = [f"{INCENTIVE}{tonnes}" for tonnes in INCENTIVE_TONNES]
    alone = with_incentive(history, incentive(public, priced_months(public), vintage, history))
    return history.assign(**history[columns].where(history[columns].eq(alone[columns])))
