"""The board as small tables of text, for the screen, the model card and the page."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from training.leaderboard.board import OURS, OWN, UNCORRECTED, Board
from training.leaderboard.limits import Limit, limits
from training.leaderboard.panel import TIMES_PRICE
from training.leaderboard.scores import TWINS

NONE = "-"
BESIDE = (OURS, UNCORRECTED, TIMES_PRICE)  # in the short table of a model card


def by_family(board: Board, score: str, *, interval: bool = False) -> pd.DataFrame:
    """Return one score: a row per peer, a column per family, with bootstrap intervals where asked."""
    own = board.table[(board.table["observed"] == OWN) & (board.table["score"] == score)]
    return _wide(own, "family", board.families, interval=interval)


def by_observation(board: Board, score: str, *, interval: bool = False) -> pd.DataFrame:
    """Return one score on the economies of the information ladder: a row per peer, a column per rung."""
    laddered = board.table[board.table["observed"] != OWN]
    worlds = set(laddered["family"])
    rows = board.table[board.table["family"].isin(worlds) & (board.table["score"] == score)]
    return _wide(rows, "observed", list(dict.fromkeys(rows["observed"])), interval=interval)


def leakages(board: Board, family: str) -> pd.DataFrame:
    """Return leakage on one family: a row per peer, a column per distortion."""
    names = [f"leak_{twin}" for twin in TWINS]
    rows = board.table
    chosen = (rows["family"] == family) & (rows["observed"] == OWN) & rows["score"].isin(names)
    found = _wide(rows[chosen], "score", names, interval=False)
    return found.rename(columns=lambda name: str(name).removeprefix("leak_").replace("_", " "))


def ours_by_family(board: Board) -> pd.DataFrame:
    """Return what a reader of the model card wants first: a row per family."""
    rows = [
        {"family": family}
        | {f"RMSE, {peer}": board.value(family, peer, "rmse_long_run") for peer in BESIDE}
        | {
            "short-run": board.value(family, OURS, "rmse_short_run"),
            "largest leakage": np.fmax.reduce([board.value(family, OURS, f"leak_{twin}") for twin in TWINS]),
            "coverage of 80 %": board.value(family, OURS, "coverage80"),
            "correlation of 12-month changes": board.value(family, OURS, "correlation_12m"),
        }
        for family in board.families
    ]
    return pd.DataFrame(rows)


def reached(board: Board) -> str:
    """Return how many of the numbers to reach are met, and which are not, a line per score."""
    if not board.families:
        return "No leaderboard was run."
    every = limits(board)
    short: dict[str, list[str]] = {}
    for limit in every:
        if not limit.met:
            short.setdefault(limit.what, []).append(f"{limit.family} {limit.found:.3f}")
    head = f"{len(every) - sum(map(len, short.values()))} of {len(every)} numbers to reach are met."
    return "\n".join([head, *(f"- missed: {what}: {', '.join(found)}" for what, found in short.items())])


def limit_rows(every: Sequence[Limit]) -> list[list[str]]:
    """Return one row per number to reach: what, found, allowed, met, aim reached."""
    return [[limit.name, f"{limit.found:.3f}", limit.allowed, _said(limit.met), _said(limit.aimed)] for limit in every]


def _said(reached: bool) -> str:
    return "yes" if reached else "no"


def _wide(rows: pd.DataFrame, across: str, columns: list[str], *, interval: bool) -> pd.DataFrame:
    found = pd.DataFrame(NONE, index=list(dict.fromkeys(rows["peer"])), columns=columns)
    for row in rows.to_dict("records"):
        value, low, high = (float(row[name]) for name in ("value", "low", "high"))
        if np.isfinite(value):
            found.loc[row["peer"], row[across]] = f"{value:.3f}" + (f" ({low:.2f}-{high:.2f})" if interval else "")
    return found
