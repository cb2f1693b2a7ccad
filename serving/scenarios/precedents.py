"""Precedents of limits on exports, and how much is known of prices outside China in each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from features.precedents import Precedent, load_precedents
from pricing.levers import Override
from pricing.market.history import Evidence
from pricing.market.supply import Region
from pricing.materials import Material
from serving.book import Book, MonthRow
from serving.scenarios.schemas import EvidenceCount, PrecedentOut

MARKET = f"market.{Region.EX_CHINA}"


def precedents(book: Book, overrides: Iterable[Override]) -> Iterator[PrecedentOut]:
    """Yield the precedents of the levers that a scenario moves, as far as the model's history reaches."""
    families = {override.lever.name.partition(".")[0] for override in overrides}
    for precedent in load_precedents():
        if families & set(precedent.families):
            yield _precedent(book, precedent)


def _precedent(book: Book, precedent: Precedent) -> PrecedentOut:
    last = book.model.bundle.last_month
    counts = {material.value: _count(book, material, precedent, last) for material in book.materials}
    known = "; ".join(
        f"{material} {count.observed} observed, {count.derived} derived from Chinese prices, {count.without} without"
        for material, count in counts.items()
    )
    reached = sum(month <= last for month in precedent.span)
    return PrecedentOut(
        name=precedent.name,
        title=precedent.title,
        first_month=precedent.span[0],
        last_month=precedent.span[-1],
        outside_china=counts,
        source=precedent.source,
        as_of=precedent.as_of,
        note=precedent.note,
        words=f"{precedent.title}. Months with a price outside China, of {reached} up to {last}: {known}.",
    )


def _count(book: Book, material: Material, precedent: Precedent, last: str) -> EvidenceCount:
    rows = [book.row("latest", material, month) for month in precedent.span if month <= last]
    kinds = [_evidence(row) for row in rows]
    observed, derived = (kinds.count(kind) for kind in (Evidence.OBSERVED, Evidence.DERIVED))
    return EvidenceCount(len(kinds), observed, derived, len(kinds) - observed - derived)


def _evidence(row: MonthRow | None) -> str:
    """Return what a month's price outside China rests on; empty where there is none."""
    if row is None or row.number(MARKET) is None:
        return ""
    return row.text(f"{MARKET}.evidence")
