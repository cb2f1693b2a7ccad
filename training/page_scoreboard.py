"""The page on how often we were right: its tables and plots, filled from a bundle; the prose is a person's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from features.scoreboard_settings import scoreboard_settings
from features.vintage_rules import shipped_without_vintages
from pricing.bundle import Bundle
from pricing.errors import DataError
from pricing.forecast.published import SCORED_HORIZONS, Forecasts, read_forecasts
from pricing.forecast.scores import LEVELS
from pricing.scoreboard.board import FairBoard, fair_board
from pricing.scoreboard.fair_rows import FairRow
from pricing.scoreboard.forecast_rows import forecast_rows
from pricing.scoreboard.misses import Miss
from pricing.scoreboard.settings import HEADLINE
from training.page_markdown import filled
from training.page_scoreboard_blocks import (
    FAIR,
    FORECASTS,
    MARKET,
    MISSES,
    RECORD,
    REVISIONS,
    SERIES,
    TABLES,
    blocks,
)
from training.plot_scoreboard import draw_scoreboard

PAGE = "scoreboard.md"
DIGITS = 5  # significant
RECORD_COLUMNS = (
    *("place", "material", "months_ahead", "first_origin", "last_origin", "forecasts", "windows"),
    *("rmsse", "rmsse_low", "rmsse_high", "mae_ln", "mae_ln_last_quote", *(f"coverage{level}" for level in LEVELS)),
)
FORECAST_COLUMNS = (
    *("place", "material", "month", "months_ahead", "for_month", "base", "point"),
    *(f"{end}{level}" for level in LEVELS for end in ("low", "high")),
    *("served", "state", "came", "miss_ln"),
    *(f"inside{level}" for level in LEVELS),
)
Frames = Mapping[str, pd.DataFrame]


def write_scoreboard(bundle: Bundle, tables: Path, plots: Path) -> list[Path]:
    """Write the scoreboard's tables and plots of a bundle and return the files."""
    board = fair_board(bundle, scoreboard_settings())
    for name, frame in frames(board, read_forecasts(bundle.forecasts)).items():
        frame.to_csv(tables / name, index=False, lineterminator="\n", float_format=f"%.{DIGITS}g")
    return [*(tables / name for name in TABLES), *draw_scoreboard(board, plots)]


def fill_scoreboard(folder: Path, tables: Path) -> list[Path]:
    """Fill the page from the tables, where the folder has one; DataError when a table is missing."""
    page = folder / PAGE
    if not page.is_file():
        return []
    page.write_text(filled(page.read_text(encoding="utf-8"), blocks(read_frames(tables))), encoding="utf-8")
    return [page]


def read_frames(tables: Path) -> Frames:
    """Return the tables of a folder; DataError when one is missing."""
    if missing := [name for name in TABLES if not (tables / name).is_file()]:
        msg = f"{tables.name}: {', '.join(missing)} is missing. Run `fairprice pages --bundle FOLDER --to docs`."
        raise DataError(msg)
    return {name: pd.read_csv(tables / name, keep_default_na=False, na_values=[""]) for name in TABLES}


def frames(board: FairBoard, forecasts: Forecasts | None) -> Frames:
    """Return the tables of a board and the forecasts beside it."""
    record = [
        {**row, "months_ahead": row["horizon"]}
        for row in (forecasts.record if forecasts else ())
        if row["regime"] == HEADLINE
    ]
    told = _told(forecasts) if forecasts else ()
    return {
        FAIR: pd.DataFrame([_fair(row, board) for row in board.rows]),
        REVISIONS: pd.DataFrame([_flat(asdict(one)) for one in board.revisions]),
        MARKET: pd.DataFrame([_flat(asdict(one)) for one in board.towards]),
        MISSES: pd.DataFrame([_missed(one) for one in board.worst_misses]),
        FORECASTS: pd.DataFrame(told, columns=list(FORECAST_COLUMNS)),
        RECORD: pd.DataFrame(record, columns=list(RECORD_COLUMNS)),
        SERIES: pd.DataFrame([asdict(one) | {"feeds": ", ".join(one.feeds)} for one in shipped_without_vintages()]),
    }


def _fair(row: FairRow, board: FairBoard) -> dict[str, Any]:
    latest = row.latest
    cells = {
        "material": row.material,
        "month": row.month,
        "known_on": row.known_on,
        "scored": row.month >= board.settings.first_month,
        "status": row.known.status,
        "fair": row.known.point,
        "low80": row.known.low,
        "high80": row.known.high,
        "latest_status": latest.status if latest else "",
        "latest": latest.point if latest else None,
        "latest_low80": latest.low if latest else None,
        "latest_high80": latest.high if latest else None,
        "revision_ln": row.told_revision_ln,
        "worst": row in board.worst_revisions,
        "inside80": row.inside,
    }
    for one in row.markets:
        cells |= {f"{one.region}.market": one.then, f"{one.region}.evidence": one.evidence}
        later = zip(board.settings.months_ahead, one.later, strict=True)
        cells |= {f"{one.region}.after_{ahead}": came for ahead, came in later}
    return cells


def _missed(one: Miss) -> dict[str, Any]:
    """Return the cells of a miss; of a band both ends, and not how far off the mean behind it was."""
    low, high = one.interval or (None, None)
    return {
        "material": one.material,
        "region": one.region,
        "months_ahead": one.months_ahead,
        "month": one.month,
        "for_month": one.for_month,
        "fair": one.fair if one.has_point else None,
        "low80": low,
        "high80": high,
        "then": one.then,
        "came": one.came,
        "miss_ln": one.told_miss_ln,
        "last_miss_ln": one.last_miss_ln,
    }


def _flat(cells: Mapping[str, Any]) -> dict[str, Any]:
    """Return cells with each band as its two ends."""
    found: dict[str, Any] = {}
    for name, cell in cells.items():
        if name.endswith("_band"):
            low, high = cell or (None, None)
            found |= {f"{name.removesuffix('_band')}_low": low, f"{name.removesuffix('_band')}_high": high}
        else:
            found[name] = cell
    return found


def _told(found: Forecasts) -> Iterator[Sequence[object]]:
    for place, material in found.targets:
        for row in forecast_rows(found, place, material, SCORED_HORIZONS):
            yield (
                *(place, material, row.month, row.months_ahead, row.for_month, row.base, row.point),
                *(end for ends in row.ends for end in ends),
                *("models" if row.models else "last quote", row.state, row.came, row.miss_ln),
                *(row.inside or (None,) * len(LEVELS)),
            )
