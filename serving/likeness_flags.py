"""A flag where the model misses a market unlike the simulated economies that its method is tried on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from serving.book import Book, MonthRow
from serving.schemas import Flag

CODE = "unlike_simulated"


def likeness_flags(book: Book, row: MonthRow) -> Iterator[Flag]:
    """Yield that a material lies outside a cloud of simulated economies; for the last month alone.

    The comparison sees a whole history, and so says nothing of a day before its end.
    """
    bundle = book.model.bundle
    stands: Mapping[str, Any] = bundle.parameters.get("likeness", {}).get(row.text("material"), {})
    if row.month == bundle.last_month and stands and (stands["outside"] or stands["outside_calibrated"]):
        text = (
            "The model misses this market unlike the simulated economies it is tried on: "
            f"{100 * stands['farther_calibrated']:.1f} % of those with good data lie farther out, "
            f"{100 * stands['farther']:.0f} % of those seen as poorly. Their record says less of this price."
        )
        yield Flag(CODE, text)
