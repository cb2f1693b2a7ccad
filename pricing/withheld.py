"""What a bundle withholds because it rests on a user's own data, and the marks that say so.

A fit on private data has two views. `whole` holds everything and stays with its owner; `withheld` is what may be
published: it holds no market price, wedge, index, cost or evidence that public data alone would not give.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from pricing.market.supply import Region

PARAMETER = "private"  # entry of a bundle's parameters; absent where no private data went in
MARK: Final = "withheld"  # stands where a history says what a market price or a part of a wedge rests on
WHOLE: Final = "whole"
View = Literal["whole", "withheld"]

BELOW = "p_market_below_fair"
_KINDS = ("market", "wedge", "model", BELOW)
# Columns that hold no market: names, what is said of a month, fair prices, incentive prices.
_HARMLESS = re.compile(
    r"material|month|vintage_day|status|reason|deflator|ess|identified|(long_run|short_run|incentive)\..+"
)

Months = Mapping[str, list[str]]  # by material, or by region or index


@dataclass(frozen=True)
class Withheld:
    """Which months are withheld: of markets by vintage, material and region, of wedge parts, of indices; and costs."""

    markets: Mapping[str, Mapping[str, Months]]
    wedge_parts: Mapping[str, Months]
    references: Mapping[str, Months]
    costs: bool

    def entry(self, view: View) -> dict[str, Any]:
        """Return the entry of a bundle's parameters that marks one of its views."""
        return {"view": view, **asdict(self)}

    def history(self, vintage: str, frame: pd.DataFrame) -> pd.DataFrame:
        """Return a vintage's history with the withheld cells empty and marked.

        A column is cleared unless it is known to be harmless: a column added later is withheld until it is named here.
        """
        found = frame.assign(deflator=np.nan) if self.costs else frame.copy()
        for material, regions in self.markets[vintage].items():
            for region, months in regions.items():
                _clear(found, material, months, _not_of(region))
        for material, months in self.wedge_parts[vintage].items():
            _clear(found, material, months, _no_part)
        return found


def holds_private_values(parameters: Mapping[str, Any]) -> bool:
    """Return whether a bundle with these parameters is the whole view of a fit on private data."""
    return private_entry(parameters).get("view") == WHOLE


def private_entry(parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the entry on private data of a bundle's parameters; empty where none went in."""
    entry: Mapping[str, Any] = parameters.get(PARAMETER, {})
    return entry


def shared_rows(whole: pd.DataFrame, public: pd.DataFrame, key: Iterable[str]) -> pd.DataFrame:
    """Return the rows of a table that public data alone give too, cell for cell."""
    named = list(key)
    mine, other = whole.set_index(named), public.set_index(named)
    aligned = other.reindex(mine.index)[list(mine)]
    same = mine.eq(aligned) | (mine.isna() & aligned.isna())
    return whole[(same.all(axis=1) & mine.index.isin(other.index)).to_numpy()].reset_index(drop=True)


def shared_groups(whole: pd.DataFrame, public: pd.DataFrame, key: Iterable[str], group: Iterable[str]) -> pd.DataFrame:
    """Return the groups that public data alone give too, row for row: parts that add up are shown all or none."""
    named = list(group)
    shared = shared_rows(whole, public, key)
    sizes = [table.groupby(named).size() for table in (shared, whole, public)]
    same = sizes[0][sizes[0].eq(sizes[1]) & sizes[0].eq(sizes[2])].index
    return shared[pd.MultiIndex.from_frame(shared[named]).isin(same)].reset_index(drop=True)


def _not_of(region: str) -> Callable[[str], bool]:
    """Return whether a column speaks of the other region's market alone."""
    return lambda column: any(_speaks_of(other, column) for other in Region if other != region)


def _no_part(column: str) -> bool:
    """Return whether a column holds a market price, a probability or a whole wedge, and no part of one."""
    return column.startswith(("market.", f"{BELOW}.")) or column in [f"wedge.{region}.total" for region in Region]


def _speaks_of(region: str, column: str) -> bool:
    return any(column == start or column.startswith(f"{start}.") for start in (f"{kind}.{region}" for kind in _KINDS))


def _clear(frame: pd.DataFrame, material: str, months: Iterable[str], kept: Callable[[str], bool]) -> None:
    """Empty the months of a material in every column that is neither harmless nor kept."""
    rows = frame["material"].eq(material) & frame["month"].isin(list(months))
    for column in frame.columns:
        if not _HARMLESS.fullmatch(column) and not kept(column):
            number = pd.api.types.is_numeric_dtype(frame[column])
            mark = MARK if column.endswith((".evidence", ".rests_on")) else ""
            frame.loc[rows, column] = np.nan if number else mark
