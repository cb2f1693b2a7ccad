"""What the fair price of a model's last month owes to priors, and what other assumptions would make of it."""

from __future__ import annotations

from collections.abc import Iterator

from serving.book import Book, MonthRow
from serving.explanations.schemas import AssumptionOut, DoubtOut, PriorOut
from serving.rounding import rounded


def doubt_out(book: Book, vintage: str, last: MonthRow) -> DoubtOut | None:
    """Return the doubt about a month; None unless it is the last of the model, and where a price is refused."""
    material = last.text("material")
    if last.month != book.model.bundle.last_month or last.text("status") == "refused":
        return None
    priors, assumptions = book.doubt(vintage, material)
    if not priors and not assumptions:
        return None
    pointed = last.text("status") == "estimate"
    return DoubtOut(last.month, tuple(map(_prior, priors)), tuple(_assumptions(assumptions, pointed=pointed)))


def _prior(row: MonthRow) -> PriorOut:
    known = row.number("identified")
    return PriorOut(
        parameter=row.text("parameter"),
        swing_low=rounded(row.number("swing_low")),
        swing_high=rounded(row.number("swing_high")),
        share=rounded(row.number("share")),
        shift=rounded(row.number("shift")),
        spread=rounded(row.number("spread")),
        identified=None if known is None else known > 0,
    )


def _assumptions(rows: list[MonthRow], *, pointed: bool) -> Iterator[AssumptionOut]:
    for row in rows:
        fair = rounded(row.number("fair_usd_per_kg")) if pointed else None
        yield AssumptionOut(row.text("assumption_set"), fair, rounded(row.number("ratio")))
