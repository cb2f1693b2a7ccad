"""The known events: how market, model, fair prices and every line of the wedge moved, against placebo windows.

Prices are compared as logs in real money, lines of the wedge as real USD/kg. The fit says which lines there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from pricing.bundle_tables import fair_column
from pricing.market.supply import Region
from training.metrics import HEADLINE, of_material
from training.trials.plan import Event
from training.trials.windows import move_at

COLUMNS = ("event", "material", "region", "kind", "item", "move", "percentile", "rank", "placebos", "rests_on")
PRICE, LINE = "price", "line"
MARKET, MODEL, FAIR, TODAY = "market", "model with all distortions on", "fair, long run", "fair at today's capacities"
TOTAL = "total"


def episodes(history: pd.DataFrame, events: Iterable[Event]) -> pd.DataFrame:
    """Return one row per event, material, region and series: its move, and where that stands among the placebos."""
    rows = [row for event in events for row in _of_event(history, event)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def lines(history: pd.DataFrame, region: Region) -> tuple[str, ...]:
    """Return the named lines of a region's wedge that a history holds, in its order; the total is none of them."""
    found = (re.fullmatch(rf"wedge\.{region}\.(\w+)", str(column)) for column in history.columns)
    return tuple(match[1] for match in found if match and match[1] != TOTAL)


def _of_event(history: pd.DataFrame, event: Event) -> Iterator[tuple[object, ...]]:
    for material in event.materials:
        rows = of_material(history, material)
        for region in event.regions:
            for kind, item, values in _series(rows, region):
                move = move_at(values, event.month, event.window)
                found = move.value, move.percentile, move.rank, move.placebos
                yield (
                    event.month,
                    material,
                    region.value,
                    kind,
                    item,
                    *found,
                    _rests_on(rows, region, item, event.month),
                )


def _rests_on(rows: pd.DataFrame, region: Region, item: str, month: str) -> str:
    """Return what a line rests on in a month, as the fit says; empty for prices and sums."""
    column = f"wedge.{region}.{item}.rests_on"
    return str(rows.loc[month, column]) if column in rows and month in rows.index else ""


def _series(rows: pd.DataFrame, region: Region) -> Iterator[tuple[str, str, pd.Series]]:
    deflator = rows["deflator"]
    prices = {
        MARKET: f"market.{region}",
        MODEL: f"model.{region}",
        FAIR: fair_column("long_run", HEADLINE, "mean"),
        TODAY: fair_column("short_run", HEADLINE, "mean"),
    }
    for item, column in prices.items():
        yield PRICE, item, pd.Series(np.log((rows[column] / deflator).to_numpy(dtype=float)), index=rows.index)
    for item in (*lines(rows, region), TOTAL):
        yield LINE, item, rows[f"wedge.{region}.{item}"] / deflator
