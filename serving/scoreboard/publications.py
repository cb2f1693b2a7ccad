"""What a champion said of a month when it was its newest: those rows are published, and stand as they were said.

A month that a champion gives as its newest was computed from data that ended there. Months that stood further back when
a champion first gave them are replayed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from pricing.errors import BundleError
from pricing.forecast.published import Forecasts, read_forecasts
from pricing.scoreboard.fair_rows import Fair, FairRow, MarketSince
from pricing.scoreboard.forecast_rows import Spoken
from serving.book import Book
from serving.model_store import ModelStore
from serving.published.archive import Archive
from serving.published.record import MonthRecord, Publication, Unread
from serving.schemas import Flag

REPLAYED, PUBLISHED = "replayed", "published"
FORECASTS = "forecasts.json"
Month = tuple[str, str]  # material and month


@dataclass(frozen=True, eq=False)
class Publications:
    """First publications by month, forecasts said with them, and what is doubtful: `away` where nothing is known."""

    first: Mapping[Month, Publication] = field(default_factory=dict)
    spoken: Mapping[tuple[str, str, str], Spoken] = field(default_factory=dict)  # by place, material and month
    unread: tuple[str, ...] = ()  # versions whose bundle, or forecasts in it, cannot be read
    away: str = ""

    @property
    def is_settled(self) -> bool:
        """Return whether all is known: a registry that was away, or a file that was, may be there when asked again."""
        return not self.away and not self.unread

    def is_like(self, other: Publications) -> bool:
        """Return whether no more and no less is known than of another reading of the same record."""
        return (self.away, self.unread) == (other.away, other.unread)

    def said(self, material: str, month: str) -> tuple[str, str | None, str | None]:
        """Return whether a month is published or replayed; when and by which version it was published."""
        found = self.first.get((material, month))
        return (REPLAYED, None, None) if found is None else (PUBLISHED, found.at, found.turn.version)

    def forecast_said(self, place: str, material: str, month: str) -> tuple[str, str | None, str | None]:
        """Return the same of the forecasts from a month: a champion without forecasts published none."""
        return self.said(material, month) if (place, material, month) in self.spoken else (REPLAYED, None, None)

    def fair_row(self, row: FairRow) -> FairRow:
        """Return a row with what was published of its month, where it was."""
        found = self.first.get((row.material, row.month))
        return row if found is None else _as_published(row, found)

    def of_place(self, place: str, material: str) -> dict[str, Spoken]:
        """Return the forecasts that were published from each month at a place."""
        return {month: one for (where, what, month), one in self.spoken.items() if (where, what) == (place, material)}


def publications(book: Book, store: ModelStore, archive: Archive) -> Publications:
    """Return what champions published of the months of a book as their newest.

    Reads from the registry and disk, but of the book's own model nothing: that is in memory.
    """
    register = archive.register()
    if register.away or not register.turns:
        return Publications(away=register.away)
    archive.edition_of(book)
    records = [record for material in book.materials for record in archive.months(material, register.turns)]
    first = {(one.material, one.month): found for one in records if (found := _newest(one))}
    said = {digest: _forecasts(digest, book, store) for digest in {one.edition.digest for one in first.values()}}
    unread = (turn.version for turn in register.turns if _is_unread(turn.bundle, archive, said))
    return Publications(first, dict(_spoken(first, said)), tuple(dict.fromkeys(unread)))


def publication_flags(known: Publications) -> Iterator[Flag]:
    """Yield what is not known of what was published."""
    if known.away:
        yield Flag("registry_away", f"Which rows were published is not known now: {known.away} All are replayed.")
    if known.unread:
        names = ", ".join(known.unread)
        yield Flag("unread_models", f"The bundles of versions {names} cannot be read: what they published is replayed.")


def _newest(record: MonthRecord) -> Publication | None:
    """Return the first publication where it was its champion's newest month, and nothing before it is unread."""
    found = record.first
    if found is None or any(turn.since < found.turn.since for turn, _ in record.unread):
        return None
    months = found.edition.months.get(record.material, ())
    return found if months and months[-1].month == record.month else None


def _spoken(
    first: Mapping[Month, Publication], told: Mapping[str, Forecasts | Unread | None]
) -> Iterator[tuple[tuple[str, str, str], Spoken]]:
    """Yield the forecasts of the bundles that published a month as their newest, from that month."""
    for (material, month), one in first.items():
        found = told[one.edition.digest]
        if not isinstance(found, Forecasts):
            continue
        for (place, what), target in found.targets.items():
            said = next((said for said in target.said if said.month == month), None)
            if said and what == material:
                yield (place, material, month), Spoken(said, found.skill[place][month])


def _is_unread(digest: str, archive: Archive, said: Mapping[str, Forecasts | Unread | None]) -> bool:
    return isinstance(archive.edition(digest), Unread) or isinstance(said.get(digest), Unread)


def _forecasts(digest: str, book: Book, store: ModelStore) -> Forecasts | Unread | None:
    """Return the forecasts of a bundle, None where it has none, or why they cannot be read."""
    if digest == book.model.digest:
        return book.forecasts
    try:
        found = store.files(digest, (FORECASTS,)).get(FORECASTS)  # of an older schema there is none
        return read_forecasts(json.loads(found)) if found else None
    except (BundleError, ValueError) as fault:
        return Unread(digest, str(fault))


def _as_published(row: FairRow, found: Publication) -> FairRow:
    if found.said is None:
        return row
    long_run, short_run = found.said.long_run, found.said.short_run
    known = Fair(
        found.said.status,
        *(long_run.middle, long_run.low, long_run.high),
        *(short_run.middle, short_run.low, short_run.high),
    )
    return replace(row, known=known, markets=tuple(_on_basis(one, row, known) for one in row.markets))


def _on_basis(market: MarketSince, row: FairRow, known: Fair) -> MarketSince:
    """Return a market beside the published price on its basis: what lies between delivered and at works is kept."""
    if market.fair is None or row.known.middle is None or known.middle is None:
        return replace(market, fair=None)
    return replace(market, fair=known.middle + market.fair - row.known.middle)
