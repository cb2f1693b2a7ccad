"""The tornado as a plot: what the last month's fair price would do with each prior at its edges."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure

from training.plots import CHINA, FAIR, STYLE
from training.tornado import REST

SHOWN = 14  # parameters with the largest swings
DOTS_PER_INCH = 72
UNTAUGHT = 0.45  # opacity of a parameter the data say nothing about


def draw_tornados(owed: pd.DataFrame, folder: Path, vintage: str = "as_known") -> list[Path]:
    """Write one plot per material as PNG and return the files; the same table gives the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    chosen = owed[(owed["vintage"] == vintage) & (owed["parameter"] != REST)]
    written = []
    with mpl.rc_context(STYLE):
        for material, rows in chosen.groupby("material", sort=False):
            path = folder / f"tornado_{material}.png"
            tornado_plot(str(material), rows).savefig(path, dpi=DOTS_PER_INCH, metadata={"Software": None})
            written.append(path)
    return written


def tornado_plot(material: str, rows: pd.DataFrame) -> Figure:
    """Return the plot of one material: the largest swings on top, pale where the data taught nothing."""
    widest = (rows["swing_high"] - rows["swing_low"]).abs().sort_values(ascending=False).index[:SHOWN]
    shown = rows.loc[widest[::-1]]
    figure = Figure(figsize=(9, 1.2 + 0.3 * len(shown)), layout="constrained")
    axes = figure.subplots()
    for place, (_, row) in enumerate(shown.iterrows()):
        opacity = 1.0 if row["identified"] else UNTAUGHT
        for swing, colour in ((row["swing_low"], CHINA), (row["swing_high"], FAIR)):
            axes.barh(place, 100 * swing, color=colour, alpha=opacity, label="_")
    axes.set_yticks(range(len(shown)), [str(name) for name in shown["parameter"]])
    axes.axvline(0, color="black", lw=0.8)
    axes.set_xlabel("change of the last month's fair price, %")
    axes.set_title(
        f"{material}: parameter at the prior's 10th (red) and 90th (blue) percentile; pale: not identified",
        loc="left",
        fontsize=9,
    )
    return figure
