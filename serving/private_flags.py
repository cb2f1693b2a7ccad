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
    markets = entry["markets"][vintage].get(material, {})
    parts = row.month in entry["wedge_parts"][vintage].get(material, ())
    for region in regions:
        where = REGION_WORDS[region]
        if row.month in markets.get(region, ()):
            text = f"Market price {where} and wedge of {row.month} are {_ENDS[kind].replace('it rests', 'they rest')}."
            yield Flag(f"{kind}.{region}", text)
        elif parts:
            text = f"Parts of the wedge {where} of {row.month} are {_ENDS[kind].replace('it rests', 'they rest')}."
            yield Flag(f"{kind}.wedge_parts.{region}", text)
    if entry["costs"]:
        yield Flag(
            f"{kind}.costs", f"What costs and the account of a fair price hold of private data is {_ENDS[kind]}."
        )


def reference_flags(book: Book, material: str, name: str) -> Iterator[Flag]:
    """Yield how many fixings of an index are withheld or private."""
    months = private_entry(book.model.bundle.parameters).get("references", {}).get(material, {}).get(name, [])
    if months:
        kind = _kind(book)
        text = f"{len(months)} fixings of {name}, {months[0]} to {months[-1]}, are {_ENDS[kind]}."
        yield Flag(f"{kind}.{name}", text.replace("it rests", "they rest"))


def withholds_costs(book: Book) -> bool:
    """Return whether the account of a fair price is withheld."""
    return bool(private_entry(book.model.bundle.parameters).get("costs")) and _kind(book) == WITHHELD


def _kind(book: Book) -> str:
    return SHOWN if private_entry(book.model.bundle.parameters).get("view") == WHOLE else WITHHELD
