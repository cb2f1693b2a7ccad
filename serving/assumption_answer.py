"""The range over assumption sets beside a price answer: the last month's price if other things counted."""

from __future__ import annotations

from serving.book import Book, MonthRow, Row
from serving.rounding import rounded
from serving.schemas import AssumptionPrice, AssumptionRange

HEADLINE, AS_KNOWN = "headline", "as_known"


def assumption_range(book: Book, material: str, row: MonthRow, factor: float) -> AssumptionRange | None:
    """Return the sets of a material with the lowest and the highest, in the answer's basis.

    None but for the model's last month, where a refused month has no price, and where the model was made without.
    """
    rows = [r for r in book.assumptions.get(material, []) if r["vintage"] == AS_KNOWN]
    if not rows or row.month != book.model.bundle.last_month or row.text("status") == "refused":
        return None
    pointed = row.text("status") == "estimate"
    sets = tuple(_price(r, factor, pointed=pointed) for r in rows)
    low, high = (choose(sets, key=lambda one: one.over_headline) for choose in (min, max))
    return AssumptionRange(low, high, tuple(one for one in sets if one.assumptions != HEADLINE))


def _price(row: Row, factor: float, *, pointed: bool) -> AssumptionPrice:
    """Return one set; a month that is a band has ratios and no points."""
    price, ratio = (float(str(row[name])) for name in ("fair_usd_per_kg", "ratio"))
    point = rounded(price, factor) if pointed else None
    return AssumptionPrice(str(row["assumption_set"]), point, rounded(ratio) or 0.0)
