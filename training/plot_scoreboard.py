"""Plots of the scoreboard: fair prices as known against the latest and the market, and gaps against what came."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

from pricing.market.supply import Region
from pricing.scoreboard.board import FairBoard
from pricing.scoreboard.fair_rows import FairRow
from pricing.scoreboard.settings import HEADLINE
from training.plots import CHINA, FAIR, STYLE

FAIR_PLOT, GAP_PLOT = "scoreboard_fair.png", "scoreboard_gaps.png"
DOTS_PER_INCH = 80  # keeps a plot of three panels below 150 kB
AHEAD = 24  # months, of the gaps
LATEST = "#333333"


def draw_scoreboard(board: FairBoard, folder: Path) -> list[Path]:
    """Write both plots and return the files; the same board gives the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context(STYLE):
        drawn = {FAIR_PLOT: fair_panels(board), GAP_PLOT: gap_panels(board)}
        for name, figure in drawn.items():
            figure.savefig(folder / name, dpi=DOTS_PER_INCH, metadata={"Software": None})
    return [folder / name for name in drawn]


def fair_panels(board: FairBoard) -> Figure:
    """Return a panel per material: 80 % as known, 80 % latest, points where published, and China's market."""
    names = _materials(board)
    figure = Figure(figsize=(11, 3.1 * len(names)), layout="constrained")
    panels = figure.subplots(len(names), 1, squeeze=False, sharex=True)[:, 0]
    for axes, name in zip(panels, names, strict=True):
        _fair_panel(axes, [row for row in _scored(board) if row.material == name])
        axes.set_title(f"{name} oxide", loc="left", fontsize=9)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", fontsize=8, ncols=5)
    return figure


def gap_panels(board: FairBoard) -> Figure:
    """Return a panel per material: the gap to the fair price in China, and what the market did since."""
    names = _materials(board)
    figure = Figure(figsize=(11, 3.8), layout="constrained")
    panels = figure.subplots(1, len(names), squeeze=False, sharey=True)[0]
    slopes = {s.material: s.slope for s in board.towards if (s.region, s.months_ahead, s.window) == _shown()}
    for axes, name in zip(panels, names, strict=True):
        gap, change, year = _pairs(board, name)
        dots = axes.scatter(gap, change, c=year, cmap="viridis", s=14)
        axes.axhline(0, color="black", lw=0.6)
        axes.axvline(0, color="black", lw=0.6)
        slope = slopes.get(name)
        if slope is not None and len(gap):
            ends = np.array([gap.min(), gap.max()])
            axes.plot(ends, change.mean() + slope * (ends - gap.mean()), color=CHINA, lw=1.2)
        axes.set_title(f"{name}, {len(gap)} months", loc="left", fontsize=9)
        axes.set_xlabel("ln(fair price / market) then; bands in tenths")
        if len(gap):
            figure.colorbar(dots, ax=axes, shrink=0.8)
    panels[0].set_ylabel(f"ln(market {AHEAD} months later / then)")
    return figure


def _shown() -> tuple[str, int, str]:
    return Region.CHINA.value, AHEAD, HEADLINE


def _materials(board: FairBoard) -> list[str]:
    return list(dict.fromkeys(row.material for row in board.rows))


def _scored(board: FairBoard) -> list[FairRow]:
    return [row for row in board.rows if row.month >= board.settings.first_month]


def _fair_panel(axes: Axes, rows: Sequence[FairRow]) -> None:
    when = np.array([row.month for row in rows], dtype="datetime64[M]")
    low, high = (np.array([getattr(row.known, end) for row in rows], dtype=float) for end in ("low", "high"))
    axes.fill_between(when, low, high, color=FAIR, alpha=0.2, lw=0, label="80 % as known")
    for end in ("low", "high"):
        latest = np.array([getattr(row.latest, end, None) for row in rows], dtype=float)
        axes.plot(when, latest, color=LATEST, lw=0.9, ls=":", label="80 % latest" if end == "low" else None)
    point = np.array([row.known.point for row in rows], dtype=float)
    now = np.array([row.latest.point if row.latest else None for row in rows], dtype=float)
    market = np.array([row.market(Region.CHINA.value).then for row in rows], dtype=float)
    axes.plot(when, point, color=FAIR, lw=1.6, label="fair price as known")
    axes.plot(when, now, color=LATEST, lw=1.1, ls="--", label="latest")
    axes.plot(when, market, color=CHINA, lw=1.2, label="market, China ex VAT")
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.set_ylabel("USD/kg ex VAT, nominal")


def _pairs(board: FairBoard, material: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return gap, later change and year of the months of a material that have both; gaps to a band in tenths."""
    place = board.settings.months_ahead.index(AHEAD)
    found = []
    for row in _scored(board):
        market = row.market(Region.CHINA.value)
        fair, then, came = market.fair, market.then, market.later[place]
        if row.material == material and fair and then and came:
            gap = float(np.log(fair / then))
            told = gap if row.known.point is not None else round(gap, 1)  # the mean behind a band is not given away
            found.append((told, np.log(came / then), int(row.month[:4])))
    gaps, change, year = (np.array([line[n] for line in found], dtype=float) for n in range(3))
    return gaps, change, year
