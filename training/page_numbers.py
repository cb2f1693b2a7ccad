"""The numbers behind the pages of `docs/`: the part of a bundle that they quote, kept beside them as small tables.

Every figure on a page is rendered from these files, never from the bundle, so that a page can be checked without one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pricing.bundle import Bundle
from pricing.bundle_tables import INCENTIVE_TONNES, WEDGE_ITEMS
from pricing.costs.stack import Component
from pricing.errors import DataError
from pricing.explain.gap import RESTS_ON
from pricing.market.history import Evidence
from pricing.market.supply import Region, SupportSet
from training.metrics import materials, of_material

HISTORIES, WEDGES, INCENTIVE, ROUTES = "histories.csv", "wedges.csv", "incentive.csv", "routes.csv"
MODEL = "model.json"
CSV = (HISTORIES, WEDGES, INCENTIVE, ROUTES)
DIGITS = 5  # significant
TEXT = ("vintage", "material", "month", "status", "reason", "region", "window", "item")
NAMES = ("marginal_project", "route", "variant")
PER_NDPR, CAPITAL = "NdPr oxide", Component.CAPITAL.value
VINTAGES = ("as_known", "latest")
EDGES = ("", ".low", ".high")
ASSUMED = "assumed"  # share of a span's months in which a part of the wedge rests on priors alone
HEADLINE = f"long_run.{SupportSet.MARKET_ECONOMY}"

# Spans of months, first and last, over which the parts of a wedge are averaged; calendar years are taken as well.
BEFORE_2015, AFTER_2015 = "2014-05..2015-04", "2015-05..2016-04"
BEFORE_2025, AFTER_2025 = "2024-04..2025-03", "2025-04..2026-02"
QUOTED_2025, BANDED_2025 = "2025-04..2025-05", "2025-06..2026-02"  # outside China: with a quote, with a band only
BEFORE_FLOOR, AFTER_FLOOR = "2025-01..2025-06", "2025-10..2026-02"
SPANS = (BEFORE_2015, AFTER_2015, BEFORE_2025, AFTER_2025, QUOTED_2025, BANDED_2025, BEFORE_FLOOR, AFTER_FLOOR)


def history_columns() -> list[str]:
    """Return the columns of a published history that the pages quote."""
    regions = [region.value for region in Region]
    return [
        *("material", "month", "status", "reason", "deflator", "ess"),
        *(f"market.{region}{edge}" for region in regions for edge in EDGES),
        *(f"{HEADLINE}.{statistic}" for statistic in ("mean", "p10", "p90")),
        *(f"long_run.{support}.mean" for support in SupportSet if support != SupportSet.MARKET_ECONOMY),
        f"short_run.{SupportSet.MARKET_ECONOMY}.mean",
        *(f"{stem}.{region}" for stem in ("p_market_below_fair", "model") for region in regions),
        *(f"wedge.{region}.total" for region in regions),
    ]


@dataclass(frozen=True)
class Numbers:
    """What the pages quote: months of both vintages, parts of the wedge by span, incentive curve, costs, the model."""

    histories: pd.DataFrame
    wedges: pd.DataFrame
    incentive: pd.DataFrame
    routes: pd.DataFrame  # normal value of the last month, nominal USD/kg NdPr oxide, and the capital charge in it
    model: Mapping[str, Any]

    @classmethod
    def of(cls, bundle: Bundle) -> Numbers:
        """Return the numbers of a bundle; they are rounded when written."""
        histories = {"as_known": bundle.history_as_known, "latest": bundle.history_latest}
        kept = [frame[history_columns()].assign(vintage=vintage) for vintage, frame in histories.items()]
        parts = [row | {"vintage": vintage} for vintage, frame in histories.items() for row in _parts(frame)]
        return cls(
            histories=pd.concat(kept, ignore_index=True),
            wedges=pd.DataFrame(
                parts, columns=["vintage", "material", "region", "window", "item", "value", *EDGES[1:], ASSUMED]
            ),
            incentive=bundle.incentive[bundle.incentive["tonnes_ndpr"].isin(INCENTIVE_TONNES)],
            routes=_routes(bundle.cost_stacks),
            model=_model(bundle),
        )

    def write(self, folder: Path) -> None:
        """Write the tables, numbers with DIGITS significant digits."""
        folder.mkdir(parents=True, exist_ok=True)
        tables = (self.histories, self.wedges, self.incentive, self.routes)
        for name, table in zip(CSV, tables, strict=True):
            table.to_csv(folder / name, index=False, lineterminator="\n", float_format=f"%.{DIGITS}g")
        text = json.dumps(self.model, indent=1, sort_keys=True, ensure_ascii=False)
        (folder / MODEL).write_text(text + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Numbers:
        """Return the numbers of a folder. DataError when one of its tables is missing."""
        missing = [name for name in (*CSV, MODEL) if not (folder / name).is_file()]
        if missing:
            msg = f"{folder.name}: {', '.join(missing)} is missing. Run `fairprice pages --bundle FOLDER --to docs`."
            raise DataError(msg)
        text = dict.fromkeys((*TEXT, *NAMES), str)
        histories, wedges, incentive, routes = (pd.read_csv(folder / name, dtype=text) for name in CSV)
        return cls(histories, wedges, incentive, routes, json.loads((folder / MODEL).read_text(encoding="utf-8")))

    @property
    def materials(self) -> list[str]:
        """Return the materials in their order of appearance."""
        return materials(self.histories)

    def months(self, material: str, vintage: str = "latest") -> pd.DataFrame:
        """Return one material's months in one vintage, indexed by month."""
        return of_material(self.histories[self.histories["vintage"] == vintage], material)

    def parts(self, material: str, region: Region, window: str, vintage: str = "latest") -> pd.DataFrame:
        """Return value, .low, .high and `assumed` of each part of a wedge over a span (a year or first..last)."""
        rows = self.wedges
        chosen = (rows["material"] == material) & (rows["region"] == region) & (rows["window"] == window)
        return rows[chosen & (rows["vintage"] == vintage)].set_index("item")


def inside(months: pd.Index, window: str) -> np.ndarray:
    """Return which months a span holds, as booleans.

    >>> inside(pd.Index(["2014-12", "2015-01", "2015-06"]), "2015").tolist()
    [False, True, True]
    >>> inside(pd.Index(["2014-12", "2015-01", "2015-06"]), "2014-12..2015-01").tolist()
    [True, True, False]
    """
    first, _, last = window.partition("..")
    return np.asarray((months >= first) & (months <= (last or f"{first}-12")))


def _parts(history: pd.DataFrame) -> Iterator[dict[str, object]]:
    for material in materials(history):
        rows = of_material(history, material)
        spans = (*sorted({str(month)[:4] for month in rows.index}), *SPANS)
        for region in Region:
            for window in spans:
                for item, edges in _mean_parts(rows, region, window).items():
                    yield {"material": material, "region": region.value, "window": window, "item": item, **edges}


def _mean_parts(rows: pd.DataFrame, region: Region, window: str) -> dict[str, dict[str, float]]:
    """Return the mean of each part over the months that have a wedge; over all of them where none has."""
    chosen = rows[inside(rows.index, window)]
    priced = chosen[chosen[f"wedge.{region}.total"].notna()]
    used = priced if len(priced) else chosen
    if used.empty:
        return {}
    found = {
        item: {edge or "value": float(used[f"wedge.{region}.{item}{edge}"].mean()) for edge in EDGES}
        | {ASSUMED: _assumed(used, f"wedge.{region}.{item}.{RESTS_ON}")}
        for item in WEDGE_ITEMS
    }
    return found | {"total": {"value": float(used[f"wedge.{region}.total"].mean())}}


def _assumed(rows: pd.DataFrame, column: str) -> float:
    return float((rows[column] == Evidence.PRIOR).mean()) if column in rows else 0.0


def _routes(stacks: pd.DataFrame) -> pd.DataFrame:
    last = stacks[(stacks["unit_of"] == PER_NDPR) & (stacks["month"] == stacks["month"].max())]
    key = ["route", "variant"]
    capital = last[last["component"] == CAPITAL].groupby(key)["usd_per_kg"].sum()
    total = last.groupby(key)["usd_per_kg"].sum()
    return pd.DataFrame({"total": total, "capital": capital.reindex(total.index)}).reset_index()


def _model(bundle: Bundle) -> dict[str, Any]:
    names = ("method", "digest", "dataset_digest", "first_month", "last_month", "seed", "draws")
    stated: dict[str, Any] = {name: getattr(bundle, name) for name in names}
    parameters = {name: bundle.parameters[name] for name in ("priors", "inference", "settings")}
    return stated | parameters | {"last_day": bundle.last_day.isoformat()}
