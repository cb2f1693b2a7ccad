"""What a candidate says beside what the champion said: fair prices month by month, as known then and as seen now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pricing.bundle import Bundle
from training.metrics import fair
from training.retrain.first_published import FIRST_BY
from training.retrain.numbers import limit
from training.retrain.status_change import REFUSED, StatusChange, status_change

VINTAGES = ("as_known", "latest")
HORIZONS = ("long_run", "short_run")
KEY = ["vintage", "horizon", "material", "month"]
WORDS = {"as_known": "as known", "latest": "latest", "long_run": "long-run", "short_run": "short-run"}


@dataclass(frozen=True)
class PriceChange:
    """Fair prices before and now: KEY, before and now (USD/kg oxide), change (ln); `before` is NaN in a new month.

    `moved` holds, for months the champion has not, the ln change on the month before. `statuses` says which months lose
    their price; those have no change.
    """

    table: pd.DataFrame
    statuses: StatusChange
    added_up: tuple[str, ...] = ()  # months too far from what was first published of them, one sentence each

    def sizes(self) -> list[dict[str, Any]]:
        """Return by vintage, horizon and material the median and the largest change in common months, and its month."""
        named = self.table.groupby(KEY[:3], sort=False)
        return [_size(dict(zip(KEY[:3], map(str, key), strict=True)), rows) for key, rows in _items(named)]

    def against(self) -> list[str]:
        """Return which changes are beyond the limit a person set, one sentence each."""
        return [*self.statuses.against(), *self._revised(), *self._jumped(), *self.added_up]

    def _revised(self) -> Iterator[str]:
        for size in self.sizes():
            allowed, found = limit(f"gate.price_change.{size['vintage']}"), size["largest_change_ln"]
            if found is not None and not abs(found) <= allowed:
                yield (
                    f"The {WORDS[size['horizon']]} fair price of {size['material']}, {WORDS[size['vintage']]}, changes "
                    f"by {percent(found)} in {size['largest_in']}; without a person up to {100 * allowed:.0f} %."
                )

    def _jumped(self) -> Iterator[str]:
        allowed = limit("gate.price_change.new_month")
        far = self.table[self.table["moved"].abs() > allowed]
        for row in far.itertuples(index=False):
            yield (
                f"The {WORDS[str(row.horizon)]} fair price of {row.material}, {WORDS[str(row.vintage)]}, moves by "
                f"{percent(float(str(row.moved)))} in the new month {row.month}; without a person up to "
                f"{100 * allowed:.0f} %."
            )


def _items(named: Any) -> Iterator[tuple[tuple[str, ...], pd.DataFrame]]:
    yield from named


def _size(key: dict[str, str], rows: pd.DataFrame) -> dict[str, Any]:
    common = rows.dropna(subset=["change"])
    change = common["change"].to_numpy(dtype=float)
    worst = int(np.argmax(np.abs(change))) if len(change) else None
    new = rows[rows["before"].isna() & rows["now"].notna()]
    return {
        **key,
        "months": len(common),
        "median_change_ln": float(np.median(np.abs(change))) if len(change) else None,
        "largest_change_ln": float(change[worst]) if worst is not None else None,
        "largest_in": str(common["month"].iloc[worst]) if worst is not None else None,
        "new_months": [str(month) for month in new["month"]],
    }


def price_change(candidate: Bundle, champion: Bundle, first: pd.DataFrame | None = None) -> PriceChange:
    """Return the change of every fair price that either of two bundles has.

    `first` is the history as known with each month as it was first published; steps that each are small may add up.
    """
    tables = [_of(candidate, champion, vintage, horizon) for vintage in VINTAGES for horizon in HORIZONS]
    added_up = () if first is None or first.empty else tuple(_added_up(candidate, first))
    return PriceChange(pd.concat(tables, ignore_index=True), status_change(candidate, champion), added_up)


def _added_up(candidate: Bundle, first: pd.DataFrame) -> Iterator[str]:
    """Yield by horizon and material the month that is farthest from its first publication, if that is too far."""
    allowed = limit("gate.first_published.as_known")
    by = first.set_index(["material", "month"])[FIRST_BY]
    for horizon in HORIZONS:
        now, then = (fair_prices(history, horizon) for history in (candidate.history_as_known, first))
        both = pd.DataFrame({"now": now, "then": then, "by": by}).dropna().reset_index()
        both["moved"] = np.log(both["now"].to_numpy(dtype=float) / both["then"].to_numpy(dtype=float))
        for material, rows in both.groupby("material", sort=False):
            worst = rows.iloc[int(np.argmax(np.abs(rows["moved"].to_numpy(dtype=float))))]
            if not abs(float(worst["moved"])) <= allowed:
                yield (
                    f"The {WORDS[horizon]} fair price of {material}, as known, in {worst['month']} is "
                    f"{percent(float(worst['moved']))} from what version {worst['by']} first published of the month; "
                    f"without a person steps add up to at most {100 * allowed:.0f} %."
                )


def percent(change: float) -> str:
    """Return a ln change in per cent.

    >>> percent(-0.05)
    '-4.9 %'
    """
    return f"{100 * np.expm1(change):+.1f} %"


def _of(candidate: Bundle, champion: Bundle, vintage: str, horizon: str) -> pd.DataFrame:
    now, before = (fair_prices(one.table(f"history_{vintage}"), horizon) for one in (candidate, champion))
    both = pd.DataFrame({"before": before, "now": now})
    both = both.loc[[*now.index, *before.index.difference(now.index)]]
    log = pd.DataFrame(np.log(both.to_numpy(dtype=float)), index=both.index, columns=both.columns)
    previous = log["now"].groupby(level="material").shift()
    moved = (log["now"] - previous).where(log["before"].isna())
    rows = both.assign(change=log["now"] - log["before"], moved=moved)
    return rows.reset_index().assign(vintage=vintage, horizon=horizon)[[*KEY, "before", "now", "change", "moved"]]


def fair_prices(history: pd.DataFrame, horizon: str) -> pd.Series:
    """Return the fair price of a history (USD/kg oxide) by material and month, months of a material in order.

    A month that is refused has none, whatever number lies in its row.
    """
    rows = history.set_index(["material", "month"]).sort_index(level="month", sort_remaining=False, kind="stable")
    return fair(rows, horizon=horizon).where(rows["status"] != REFUSED)
