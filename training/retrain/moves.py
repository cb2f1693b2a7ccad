"""How far fair prices moved from one month to the next, at most: `python -m training.retrain.moves --bundle FOLDER`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from pricing.bundle import Bundle, read_bundle
from pricing.errors import FairPriceError
from training.retrain.price_change import HORIZONS, WORDS, fair_prices


@dataclass(frozen=True)
class Move:
    """The largest move of a fair price as known: its size in ln, without sign, and the month that it led to."""

    horizon: str
    material: str
    size_ln: float
    month: str


def largest_moves(bundle: Bundle) -> list[Move]:
    """Return the largest monthly move as known of each fair price; a month without one before has no move."""
    found = []
    for horizon in HORIZONS:
        moves = np.log(fair_prices(bundle.history_as_known, horizon)).groupby(level="material", sort=False).diff().abs()
        for material, rows in moves.dropna().groupby(level="material", sort=False):
            month = str(rows.idxmax()[1])
            found.append(Move(horizon, str(material), float(rows.max()), month))
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the moves of a bundle; 1 when it cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m training.retrain.moves", description=__doc__)
    parser.add_argument("--bundle", type=Path, required=True, help="a folder, as `fairprice train --out` writes it")
    options = parser.parse_args(arguments)
    try:
        bundle = read_bundle(options.bundle)
    except FairPriceError as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    title = f"Largest monthly moves as known, in ln ({bundle.draws:,} draws)"
    table = Table("fair price", "material", "move", "month", title=title, title_justify="left")
    for move in largest_moves(bundle):
        table.add_row(WORDS[move.horizon], move.material, f"{move.size_ln:.2f}", move.month)
    Console().print(table)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
