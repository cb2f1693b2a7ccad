"""The page on the leaderboard: its tables and its chart, filled from a board; the prose around them is a person's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from training.leaderboard.board import OURS, OWN, Board
from training.leaderboard.limits import limits
from training.leaderboard.scores import TWINS
from training.leaderboard.summary import by_family, by_observation, leakages, limit_rows, reached
from training.page_markdown import filled, table
from training.plots import FAIR, STYLE

PAGE, CHART, TABLES, PLOTS = "leaderboard.md", "leaderboard.png", "tables", "plots"
DOTS_PER_INCH = 72
SHOWN = {  # score -> words; tables of the page by family
    "rmse_long_run": "RMSE, long-run",
    "rmse_short_run": "RMSE, short-run",
    "bias_long_run": "bias, long-run",
    "correlation_12m": "correlation of 12-month changes",
    "coverage50": "coverage of the 50 % interval",
    "coverage80": "coverage of the 80 % interval",
    "coverage95": "coverage of the 95 % interval",
    "interval_score80": "interval score, 80 %",
}
WITH_INTERVAL = ("rmse_long_run", "rmse_short_run")


def write_leaderboard(board: Board, folder: Path) -> list[Path]:
    """Write table, record and chart below a folder, and fill its page where it has one; return the files."""
    board.write(folder / TABLES)
    (folder / PLOTS).mkdir(parents=True, exist_ok=True)
    with mpl.rc_context(STYLE):
        errors_and_leakage(board).savefig(folder / PLOTS / CHART, dpi=DOTS_PER_INCH, metadata={"Software": None})
    page = folder / PAGE
    if page.is_file():
        page.write_text(filled(page.read_text(encoding="utf-8"), blocks(board)), encoding="utf-8")
    return [*sorted((folder / TABLES).glob("leaderboard.*")), folder / PLOTS / CHART, *([page] * page.is_file())]


def blocks(board: Board) -> dict[str, str]:
    """Return the tables of the page by the name of their block."""
    by_score = {score: by_family(board, score, interval=score in WITH_INTERVAL) for score in SHOWN}
    return {
        "board": _size(board),
        "limits": reached(board).splitlines()[0] + "\n\n" + _limits(board),
        **{score.replace("_", "-"): _table(SHOWN[score], found) for score, found in by_score.items()},
        **{f"leakage-{family.replace('_', '-')}": _table(family, leakages(board, family)) for family in board.families},
        "ladder": _table("RMSE, long-run", by_observation(board, "rmse_long_run", interval=True)),
        "ladder-coverage": _table("coverage of the 80 % interval", by_observation(board, "coverage80")),
    }


def errors_and_leakage(board: Board) -> Figure:
    """Return error against leakage of every peer, a panel per family: the lower left corner is where to be.

    Leakage runs evenly to 1, where an estimate moves as the market does, and by its logarithm beyond.
    """
    figure = Figure(figsize=(11, 7), layout="constrained")
    panels = figure.subplots(2, -(-len(board.families) // 2), squeeze=False, sharex=True, sharey=True).ravel()
    for axes, family in zip(panels, board.families, strict=False):
        _panel(axes, board, family)
        axes.set_title(family.replace("_", " "), loc="left", fontsize=9)
        axes.set_xlabel("RMSE, long-run, and its interval", fontsize=8)
        axes.set_ylabel("largest leakage of the four", fontsize=8)
    leaks = board.table["value"][board.table["score"].str.startswith("leak_")]
    panels[0].set_ylim(-0.05, 1.5 * max(1.0, leaks.max()))
    for axes in panels[len(board.families) :]:
        axes.set_visible(False)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", fontsize=8, ncols=3)
    return figure


def _panel(axes: Axes, board: Board, family: str) -> None:
    rows = board.table[(board.table["family"] == family) & (board.table["observed"] == OWN)]
    colours = mpl.colormaps["tab20"].resampled(20)
    axes.set_yscale("symlog", linthresh=1.0)
    axes.yaxis.set_major_formatter("{x:g}")
    for place, (peer, found) in enumerate(rows.groupby("peer", sort=False)):
        scores: pd.DataFrame = found.set_index("score")
        error = scores.loc["rmse_long_run"]
        leaks = scores["value"].reindex([f"leak_{twin}" for twin in TWINS]).dropna()
        span = np.abs([[error["value"] - error["low"]], [error["high"] - error["value"]]])
        ours = str(peer).startswith(OURS)
        axes.errorbar(
            error["value"],
            leaks.max() if len(leaks) else 0.0,
            xerr=span,
            lw=0.8,
            color=FAIR if peer == OURS else colours(place),
            marker="*" if ours else "o",
            ms=11 if ours else 5,
            label=str(peer),
        )


def _size(board: Board) -> str:
    size = board.size
    return (
        f"{size.economies} economies of each family, {size.twinned} of them with their four twins, seed {size.seed}; "
        "intervals of 90 % from a bootstrap over economies."
    )


def _limits(board: Board) -> str:
    return table(["number to reach", "found", "allowed", "met", "aim reached"], limit_rows(limits(board)))


def _table(corner: str, found: pd.DataFrame) -> str:
    rows: Mapping[str, list[str]] = {str(peer): [str(cell) for cell in row] for peer, row in found.iterrows()}
    return table([corner, *(str(name).replace("_", " ") for name in found.columns)], [[p, *c] for p, c in rows.items()])


def printed(board: Board) -> str:
    """Return the board for the screen: errors by family, leakage on the first family, the ladder, the limits."""
    first = board.families[0]
    parts = {
        "RMSE of ln(estimate / truth), long-run": by_family(board, "rmse_long_run"),
        "The same, short-run": by_family(board, "rmse_short_run"),
        f"Leakage, {first}": leakages(board, first),
        "Coverage of the 80 % interval": by_family(board, "coverage80"),
        "Interval score, 80 %": by_family(board, "interval_score80"),
        "Correlation of 12-month changes": by_family(board, "correlation_12m"),
        "Information ladder: RMSE, long-run": by_observation(board, "rmse_long_run"),
    }
    tables = [f"{title}\n{found.to_string()}" for title, found in parts.items() if len(found)]
    return "\n\n".join([_size(board), *tables, reached(board)])
