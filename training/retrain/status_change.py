"""Which months a candidate would say less of: a price that the champion has and it has not, a point that is a band."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pricing.bundle import Bundle
from training.retrain.numbers import whole

ESTIMATE, BAND, REFUSED = "estimate", "band", "refused"
PRICED = (ESTIMATE, BAND)
LOST, DIMMED = "lost", "point to band"
KEY = ["vintage", "material", "month"]
VINTAGES = {"as_known": "As known", "latest": "Latest"}


@dataclass(frozen=True)
class StatusChange:
    """The statuses of months before and now: KEY, before, now; refused where a bundle has not got the month."""

    table: pd.DataFrame

    def counts(self, what: str, vintage: str) -> dict[str, int]:
        """Return by material how many months of a vintage are LOST or DIMMED; materials without any are left out."""
        rows = self.table[self.table["vintage"] == vintage]
        before, now = rows["before"], rows["now"]
        lost = before.isin(PRICED) & (now == REFUSED)
        hit = rows[lost if what == LOST else (before == ESTIMATE) & (now == BAND)]
        return {str(name): len(group) for name, group in hit.groupby("material", sort=False)}

    def against(self) -> list[str]:
        """Return which losses of prices are more than a job may accept by itself, one sentence for each vintage."""
        allowed = whole("gate.lost_prices")
        found = self._losses()
        return [f"{said}; without a person up to {allowed}." for count, said in found if count > allowed]

    def told(self) -> list[str]:
        """Return every loss in sentences: prices first, then points."""
        dimmed = (
            f"{words}, {_months(counts)} had a point and would have a band ({_listed(counts)})."
            for vintage, words in VINTAGES.items()
            if (counts := self.counts(DIMMED, vintage))
        )
        return [*(f"{said}." for _, said in self._losses()), *dimmed]

    def plain(self) -> list[dict[str, Any]]:
        """Return the counts as plain values; what did not happen is left out."""
        return [
            {"status": what, "vintage": vintage, "months": counts}
            for what in (LOST, DIMMED)
            for vintage in VINTAGES
            if (counts := self.counts(what, vintage))
        ]

    def _losses(self) -> Iterator[tuple[int, str]]:
        for vintage, words in VINTAGES.items():
            counts = self.counts(LOST, vintage)
            if counts:
                said = f"{words}, {_months(counts)} had a price and would have none ({_listed(counts)})"
                yield sum(counts.values()), said


def status_change(candidate: Bundle, champion: Bundle) -> StatusChange:
    """Return the statuses of every month that either of two bundles has, the champion's before, the candidate's now."""
    tables = [_of(candidate, champion, vintage) for vintage in VINTAGES]
    return StatusChange(pd.concat(tables, ignore_index=True))


def _of(candidate: Bundle, champion: Bundle, vintage: str) -> pd.DataFrame:
    now, before = (
        one.table(f"history_{vintage}").set_index(KEY[1:])["status"].rename(name)
        for one, name in ((candidate, "now"), (champion, "before"))
    )
    both = pd.concat([before, now], axis="columns").fillna(REFUSED)
    return both.reset_index().assign(vintage=vintage)[[*KEY, "before", "now"]]


def _months(counts: dict[str, int]) -> str:
    total = sum(counts.values())
    return "1 month" if total == 1 else f"{total} months"


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{material} {count}" for material, count in counts.items())
