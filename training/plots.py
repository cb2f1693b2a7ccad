"""Plots people look at: market against fair, cost stacks, the wedge over time, and how much was observed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

from pricing.bundle import Bundle
from pricing.bundle_tables import WEDGE_ITEMS
from pricing.market.supply import Region
from training.metrics import fair, materials, of_material

Floats = np.ndarray

STYLE: dict[Any, Any] = {
    "font.size": 9.0,
    "axes.grid": True,
    "grid.alpha": 0.25,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
DOTS_PER_INCH = 110
FAIR, CHINA, OUTSIDE = "#1b6ca8", "#c0392b", "#e08e0b"
NAMES = {Region.CHINA: "China", Region.EX_CHINA: "ex-China"}


def draw_plots(bundle: Bundle, folder: Path, dots_per_inch: int = DOTS_PER_INCH) -> list[Path]:
    """Write every plot as PNG and return the files; the same bundle gives the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn: dict[str, Callable[[], Figure]] = {
        f"fair_{material}.png": _bound(fair_against_market, bundle, material)
        for material in materials(bundle.history_latest)
    }
    drawn |= {
        f"wedge_{material}.png": _bound(wedge_over_time, bundle, material)
        for material in materials(bundle.history_latest)
    }
    drawn |= {"cost_stacks.png": lambda: cost_stacks(bundle), "evidence.png": lambda: evidence_shares(bundle)}
    with mpl.rc_context(STYLE):
        return [_save(draw(), folder / name, dots_per_inch) for name, draw in drawn.items()]


def fair_against_market(bundle: Bundle, material: str) -> Figure:
    """Return market prices beside the fair price with its 50, 80 and 95 % intervals, as known and latest."""
    figure = Figure(figsize=(11, 7), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, sharey=True)
    for axes, history, title in (
        (upper, bundle.history_as_known, "as known: each month as it could have been priced then, with today's method"),
        (lower, bundle.history_latest, "latest: all rows known on " + bundle.last_day.isoformat()),
    ):
        _fair_panel(axes, of_material(history, material))
        axes.set_title(f"{material} oxide, {title}", loc="left", fontsize=9)
    figure.legend(*upper.get_legend_handles_labels(), loc="outside lower center", fontsize=8, ncols=4)
    return figure


def _fair_panel(axes: Axes, rows: pd.DataFrame) -> None:
    when = _days(rows.index)
    for low, high, shade, name in (
        ("p2.5", "p97.5", 0.12, "95 %"),
        ("p10", "p90", 0.20, "80 %"),
        ("p25", "p75", 0.32, "50 %"),
    ):
        axes.fill_between(when, fair(rows, low), fair(rows, high), color=FAIR, alpha=shade, lw=0, label=f"fair, {name}")
    axes.plot(when, fair(rows), color=FAIR, lw=1.6, label="fair price, long-run")
    axes.plot(when, fair(rows, horizon="short_run"), color=FAIR, lw=1, ls=":", label="fair at today's capacities")
    for region, colour, name in (
        (Region.CHINA, CHINA, "market, China ex VAT"),
        (Region.EX_CHINA, OUTSIDE, "market, ex-China"),
    ):
        axes.plot(when, rows[f"market.{region}"], color=colour, lw=1.1, label=name)
        axes.fill_between(
            when, rows[f"market.{region}.low"], rows[f"market.{region}.high"], color=colour, alpha=0.15, lw=0
        )
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.set_ylabel("USD/kg oxide ex VAT, nominal")


def wedge_over_time(bundle: Bundle, material: str) -> Figure:
    """Return what each distortion adds to or takes from the price, per region and year; the parts add to the line.

    Months without a market price have no wedge and are left out; a year of such months is empty.
    """
    figure = Figure(figsize=(11, 7), layout="constrained")
    rows = of_material(bundle.history_latest, material).select_dtypes("number")
    panels = figure.subplots(2, 1, sharex=True)
    for axes, region in zip(panels, Region, strict=True):
        priced = rows.where(rows[f"wedge.{region}.total"].notna())
        yearly = priced.groupby(rows.index.str[:4]).mean()
        parts = {item: yearly[f"wedge.{region}.{item}"].to_numpy() for item in WEDGE_ITEMS}
        _columns(axes, [str(year) for year in yearly.index], parts)
        axes.plot(
            range(len(yearly)), yearly[f"wedge.{region}.total"], color="black", marker="o", ms=3, lw=1, label="total"
        )
        axes.axhline(0, color="black", lw=0.6)
        axes.set_title(
            f"{material} oxide, {NAMES[region]}: market minus fair, yearly mean, latest", loc="left", fontsize=9
        )
        axes.set_ylabel("USD/kg oxide ex VAT, nominal")
    panels[0].legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=8)
    return figure


def cost_stacks(bundle: Bundle) -> Figure:
    """Return the normal value per kg of NdPr oxide in the last month, by component, a bar per route and variant."""
    stacks = bundle.cost_stacks
    chosen = stacks[(stacks["unit_of"] == "NdPr oxide") & (stacks["month"] == stacks["month"].max())]
    table = chosen.pivot_table(index=["route", "variant"], columns="component", values="usd_per_kg", aggfunc="sum")
    labels = [f"{route}, {variant}".replace("_", " ") for route, variant in table.index]
    figure = Figure(figsize=(11, 2 + 0.28 * len(labels)), layout="constrained")
    axes = figure.subplots()
    _bars(axes, labels, {str(name): table[name].fillna(0).to_numpy() for name in table.columns})
    axes.scatter(table.sum(axis=1), range(len(labels)), color="black", s=12, zorder=3, label="normal value")
    axes.set_xlabel("USD/kg NdPr oxide, nominal, " + str(stacks["month"].max()))
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=8)
    return figure


def evidence_shares(bundle: Bundle) -> Figure:
    """Return the mean share of the estimator's inputs that was observed, derived or prior, by year and material."""
    names = [str(name) for name in bundle.evidence["material"].unique()]
    figure = Figure(figsize=(11, 2.2 * max(1, len(names))), layout="constrained")
    panels = np.atleast_1d(figure.subplots(max(1, len(names)), 1, sharex=True))
    years = sorted(bundle.evidence["year"].unique())
    for axes, material in zip(panels, names, strict=False):
        rows = bundle.evidence[bundle.evidence["material"] == material]
        yearly = rows.groupby("year")[["observed", "derived", "prior"]].mean().reindex(years)
        _columns(axes, [f"{year:.0f}" for year in yearly.index], {k: yearly[k].to_numpy() for k in yearly.columns})
        axes.set_title(f"{material}: share of the inputs, mean over columns", loc="left", fontsize=9)
    panels[0].legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=8)
    return figure


@dataclass(frozen=True)
class _Layer:
    """One part of a stack of bars; negative values run the other way from zero."""

    name: str
    start: Floats
    values: Floats
    colour: tuple[float, ...]


def _layers(parts: Mapping[str, Floats]) -> Iterator[_Layer]:
    colours = mpl.colormaps["tab20"].resampled(20)
    above = below = np.zeros(len(next(iter(parts.values()), ())))
    for position, (name, raw) in enumerate(parts.items()):
        values = np.nan_to_num(raw)
        yield _Layer(name.replace("_", " "), np.where(values >= 0, above, below), values, colours(position))
        above, below = above + np.maximum(values, 0), below + np.minimum(values, 0)


def _columns(axes: Axes, labels: list[str], parts: Mapping[str, Floats]) -> None:
    for layer in _layers(parts):
        axes.bar(range(len(labels)), layer.values, bottom=layer.start, color=layer.colour, label=layer.name)
    axes.set_xticks(range(len(labels)), labels)


def _bars(axes: Axes, labels: list[str], parts: Mapping[str, Floats]) -> None:
    for layer in _layers(parts):
        axes.barh(range(len(labels)), layer.values, left=layer.start, color=layer.colour, label=layer.name)
    axes.set_yticks(range(len(labels)), labels)


def _bound(draw: Callable[[Bundle, str], Figure], bundle: Bundle, material: str) -> Callable[[], Figure]:
    return lambda: draw(bundle, material)


def _days(months: pd.Index) -> Floats:
    days: Floats = pd.PeriodIndex(months, freq="M").to_timestamp().to_numpy()
    return days


def _save(figure: Figure, path: Path, dots_per_inch: int) -> Path:
    figure.savefig(path, dpi=dots_per_inch, metadata={"Software": None})
    return path
