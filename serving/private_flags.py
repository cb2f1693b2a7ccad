"""Flags about a user's own data: what is withheld from this caller, or shown to this one and not to be passed on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pricing.market.supply import Region
from pricing.withheld import WHOLE, private_entry
from serving.book import Book, MonthRow
from serving.flags import REGION_WORDS
from serving.schemas import Flag

WITHHELD, SHOWN = "withheld", "private"
_ENDS = {WITHHELD: "withheld: it rests on private data", SHOWN: "private data: not to be passed on"}


def private_flags(book: Book, row: MonthRow, vintage: str, regions: Iterable[Region]) -> Iterator[Flag]:
    """Yield what of a month's market, wedge and costs is withheld or private."""
    entry, material = private_entry(book.model.bundle.parameters), row.text("material")
    if not entry:
        return
    kind = _kind(book)
    parts = row.month in entry["wedge_parts"][vintage].get(material, ())
    for region in regions:
        if market := list(market_flags(book, row, region, vintage)):
            yield from market
        elif parts:
            text = f"Parts of the wedge {REGION_WORDS[region]} of {row.month} are {_they(kind)}."
            yield Flag(f"{kind}.wedge_parts.{region}", text)
    if entry["costs"]:
        yield Flag(
            f"{kind}.costs", f"What costs and the account of a fair price hold of private data is {_ENDS[kind]}."
        )


def market_flags(book: Book, row: MonthRow, region: Region, vintage: str = "as_known") -> Iterator[Flag]:
    """Yield that a month's market price in a region is withheld or private."""
    markets = private_entry(book.model.bundle.parameters).get("markets", {}).get(vintage, {})
    if row.month in markets.get(row.text("material"), {}).get(region, ()):
        kind = _kind(book)
        text = f"Market price {REGION_WORDS[region]} and wedge of {row.month} are {_they(kind)}."
        yield Flag(f"{kind}.{region}", text)


def reference_flags(book: Book, material: str, name: str) -> Iterator[Flag]:
    """Yield how many fixings of an index are withheld or private."""
    months = private_entry(book.model.bundle.parameters).get("references", {}).get(material, {}).get(name, [])
    if months:
        kind = _kind(book)
        text = f"{len(months)} fixings of {name}, {months[0]} to {months[-1]}, are {_they(kind)}."
        yield Flag(f"{kind}.{name}", text)


def withholds_costs(book: Book) -> bool:
    """Return whether the account of a fair price is withheld."""
    return bool(private_entry(book.model.bundle.parameters).get("costs")) and _kind(book) == WITHHELD


def _they(kind: str) -> str:
    return _ENDS[kind].replace("it rests", "they rest")


def _kind(book: Book) -> str:
    return SHOWN if private_entry(book.model.bundle.parameters).get("view") == WHOLE else WITHHELD
