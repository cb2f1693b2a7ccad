"""How far the market was from the fair price at both ends of a span, and what moved it."""

from __future__ import annotations

from collections.abc import Iterator

from pricing.explain.gap import ON_PRIORS, Gap, Item, gap_of
from pricing.market.supply import Region
from pricing.materials import Material
from pricing.price import Basis
from serving.book import Book, MonthRow
from serving.explanations.schemas import GapOut, Line, RegionOut
from serving.explanations.titles import FAIR_PRICE, gap_title
from serving.flags import UNEXPLAINED
from serving.market_answer import PLACES, gap_shown, wedge_range
from serving.rounding import rounded

MARKET = "market"


def region_out(book: Book, material: Material, region: Region, first: MonthRow, last: MonthRow) -> RegionOut:
    """Return one region at both ends, and the parts of its market price's move."""
    ends = [_end(book, material, region, row) for row in (first, last)]
    moved = _moved(ends[1].market.value, ends[0].market.value)
    return RegionOut(
        basis=f"{Basis(material, place=PLACES[region])}, nominal",
        first=ends[0],
        last=ends[1],
        market_change=Line(MARKET, "change of the market price", moved, None, None),
        parts_of_market_change=tuple(_parts_of_change(ends[0], ends[1], moved)),
    )


def _end(book: Book, material: Material, region: Region, row: MonthRow) -> GapOut:
    fair, total = gap_shown(row, region)
    found = gap_of(
        row.values, region, book.assumed(material, int(row.month[:4])), pointed=row.text("status") == "estimate"
    )
    quote = (rounded(row.number(f"market.{region}{edge}")) for edge in ("", ".low", ".high"))
    refused = row.text("status") == "refused"
    low, high = (None, None) if refused else wedge_range(row, region, row.number(f"wedge.{region}.total"))
    return GapOut(
        month=row.month,
        market=Line(MARKET, "market price", *quote),
        fair_on_this_basis=fair,
        total=total,
        low=rounded(low),
        high=rounded(high),
        parts=() if refused else tuple(_parts(found, total)),
    )


def _parts(gap: Gap, shown_total: float | None) -> Iterator[Line]:
    """Yield the items, rounded; `unexplained` takes what rounding leaves, so that their values add up to the total."""
    values = {item.name: rounded(item.value) for item in gap.items}
    known = [value for name, value in values.items() if name != UNEXPLAINED and value is not None]
    if shown_total is not None and values.get(UNEXPLAINED) is not None:
        values[UNEXPLAINED] = rounded(shown_total - sum(known))
    for item in gap.items:
        yield _line(item, values[item.name])


def _line(item: Item, value: float | None) -> Line:
    return Line(item.name, gap_title(item.name), value, rounded(item.low), rounded(item.high))


def _parts_of_change(first: GapOut, last: GapOut, moved: float | None) -> Iterator[Line]:
    """Yield what moved the market price: the fair price, every item with a point at both ends, and the rest together.

    The rest rests on priors at one end at least; without it the parts would not add up to the move.
    """
    before = {part.item: part.value for part in first.parts}
    changes = {part.item: _moved(part.value, before.get(part.item)) for part in last.parts}
    changes.pop(ON_PRIORS, None)
    fair = _moved(last.fair_on_this_basis, first.fair_on_this_basis)
    yield Line(FAIR_PRICE, gap_title(FAIR_PRICE), fair, None, None)
    for item, value in changes.items():
        yield Line(item, gap_title(item), value, None, None)
    if moved is not None and fair is not None and None in changes.values():
        known = sum(value for value in changes.values() if value is not None)
        yield Line(ON_PRIORS, gap_title(ON_PRIORS), rounded(moved - fair - known), None, None)


def _moved(after: float | None, before: float | None) -> float | None:
    return None if after is None or before is None else rounded(after - before)
