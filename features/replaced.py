"""When a row stops standing: a figure that is revised keeps its row, and a later one on the same key replaces it."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

NEVER = pd.Timestamp("9999-12-31").as_unit("s")


def replaced_on(table: pd.DataFrame, key: Sequence[str]) -> pd.Series[pd.Timestamp]:
    """Return the day from which a later-known row on the same key replaces each row; NEVER where none does."""
    never = pd.Series(NEVER, index=table.index, dtype="datetime64[s]")
    if not table.duplicated(list(key)).any():
        return never
    dated = table.sort_values("known_at", kind="stable")
    following = dated.groupby(list(key), dropna=False)["known_at"].shift(-1)
    return following.reindex(table.index).fillna(never)


def standing(table: pd.DataFrame, key: Sequence[str]) -> pd.DataFrame:
    """Return the rows of a table that no other row of it replaces, in their order."""
    return table[replaced_on(table, key) == NEVER]
