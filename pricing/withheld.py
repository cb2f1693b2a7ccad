"""What a bundle withholds because it rests on a user's own data, and the marks that say so.

A fit on private data has two views. `whole` holds everything and stays with its owner; `withheld` is what may be
published: it holds no market price, wedge, index, cost or evidence that public data alone would not give.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from pricing.market.supply import Region

PARAMETER = "private"  # entry of a bundle's parameters; absent where no private data went in
MARK: Final = "withheld"  # stands where a history says what a market price or a part of a wedge rests on
WHOLE: Final = "whole"
View = Literal["whole", "withheld"]

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
        """Return a vintage's history with the withheld cells empty and marked."""
        found = frame.copy()
        for material, regions in self.markets[vintage].items():
            for region, months in regions.items():
                _clear(found, material, months, (f"{kind}.{region}" for kind in ("market", "wedge", "model", BELOW)))
        for material, months in self.wedge_parts[vintage].items():
            totals = found[[f"wedge.{region}.total" for region in Region]]
            _clear(found, material, months, (f"{kind}.{region}" for kind in ("wedge", "model") for region in Region))
            cleared = found["material"].eq(material) & found["month"].isin(months)
            found.loc[cleared, list(totals)] = totals[cleared]
        return found


BELOW = "p_market_below_fair"


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
    other = public.set_index(named).reindex(pd.MultiIndex.from_frame(whole[named]))[
        [column for column in whole if column not in named]
    ]
    mine = whole[list(other)]
    same = mine.eq(other.reset_index(drop=True)) | (mine.isna() & other.isna().reset_index(drop=True))
    return whole[same.all(axis=1)].reset_index(drop=True)


def _clear(frame: pd.DataFrame, material: str, months: Iterable[str], prefixes: Iterable[str]) -> None:
    rows = frame["material"].eq(material) & frame["month"].isin(list(months))
    starts = tuple(prefixes)
    for column in frame.columns:
        if column in starts or column.startswith(tuple(f"{start}." for start in starts)):
            number = pd.api.types.is_numeric_dtype(frame[column])
            mark = MARK if column.endswith((".evidence", ".rests_on")) else ""
            frame.loc[rows, column] = np.nan if number else mark
