"""Past fans beside what came: what a reader can judge by eye."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

from pricing.forecast.published import HORIZONS, PLACE_WORDS
from pricing.forecast.scores import LEVELS
from training.plots import CHINA, FAIR, STYLE

DOTS_PER_INCH = 85  # keeps a plot of three panels below 150 kB

FANS_EVERY = 24  # months: fans of a whole horizon do not overlap
SHADES = {50: 0.35, 80: 0.22, 95: 0.12}


def draw_past_fans(said: Mapping[str, Any], folder: Path) -> list[Path]:
    """Write one plot per place and return the files; the same forecasts give the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for place, targets in said["targets"].items():
        if not targets:
            continue
        path = folder / f"forecasts_{place}.png"
        with mpl.rc_context(STYLE):
            past_fans(place, targets).savefig(path, dpi=DOTS_PER_INCH, metadata={"Software": None})
        written.append(path)
    return written


def past_fans(place: str, targets: Mapping[str, Mapping[str, Any]]) -> Figure:
    """Return a panel per material: the quotes, and every second year the fan that was served then."""
    figure = Figure(figsize=(11, 3.2 * len(targets)), layout="constrained")
    panels = figure.subplots(len(targets), 1, squeeze=False, sharex=True)[:, 0]
    for axes, (material, said) in zip(panels, targets.items(), strict=True):
        _panel(axes, said)
        axes.set_title(f"{material} oxide, {PLACE_WORDS[place]}, USD/kg: last quotes and past fans", loc="left")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", fontsize=8, ncols=5)
    return figure


def _panel(axes: Axes, said: Mapping[str, Any]) -> None:
    months = np.array(said["month"], dtype="datetime64[M]")
    quotes = np.where(said["quoted"], said["base"], np.nan)
    starts = range((len(months) - 1) % FANS_EVERY, len(months), FANS_EVERY)
    for number, start in enumerate(starts):
        _fan(axes, months[start], said, start, labelled=number == 0)
    axes.plot(months, quotes, color=CHINA, lw=1.1, marker=".", ms=3, label="last quote of the month")
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())


def _fan(axes: Axes, origin: np.datetime64, said: Mapping[str, Any], start: int, *, labelled: bool) -> None:
    ahead = origin + np.arange(len(HORIZONS) + 1)
    point = np.r_[said["base"][start], said["point"][start]]
    for level in reversed(LEVELS):
        wide = np.exp(np.r_[0.0, said["half"][start][LEVELS.index(level)]])
        label = f"{level} %" if labelled else None
        axes.fill_between(ahead, point / wide, point * wide, color=FAIR, alpha=SHADES[level], lw=0, label=label)
    axes.plot(ahead, point, color=FAIR, lw=1.2, label="forecast" if labelled else None)
