"""The archive: the record of promotions, the editions of what served, and from both what was published when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from pricing.errors import BundleError
from serving.book import Book
from serving.model_store import LastRead, ModelEntry
from serving.promotions import Promotion, gaps
from serving.published.editions import Edition
from serving.published.library import Files, Library
from serving.published.record import MonthRecord, Unread, month_record
from serving.published.turns import Turn, turns_of


class Published(Files, Protocol):
    """A store of published models that keeps a record. BundleError where it does not answer."""

    def entries(self) -> tuple[ModelEntry, ...]:
        """Return what is published, oldest first."""
        ...

    def record(self) -> tuple[Promotion, ...]:
        """Return the promotions on record, oldest first."""
        ...

    def last_read(self) -> LastRead | None:
        """Return when the record was read last, where nothing newer can be read; None while the store answers."""
        ...


@dataclass(frozen=True, slots=True)
class Register:
    """Who served when, oldest first, and what is doubtful about it; `away` says why the registry gave none."""

    turns: tuple[Turn, ...]
    champion: str  # version that the registry's alias names; empty where it names none
    away: str
    gaps: tuple[str, ...] = ()  # where the record and what really served may differ, one sentence each
    altered: tuple[str, ...] = ()  # where the record is not as it was written
    last_read: LastRead | None = None  # of a record that cannot be read anew: nothing is known of later promotions

    @property
    def agrees(self) -> bool:
        """Return whether the last promotion on record is the champion: a promotion cut short leaves them apart.

        Of a registry that is away the alias may have been read before the record: no conclusion is drawn from it.
        """
        return (
            self.last_read is not None or not self.turns or not self.champion or self.turns[-1].version == self.champion
        )


class Archive:
    """What was published when, to everyone: over the published models of a store, never over whole ones.

    Reads from the registry and from disk, so it is asked on a thread of its own.
    """

    def __init__(self, store: Published, library: Library | None = None) -> None:
        self._store = store
        self._library = library or Library(store)

    def register(self) -> Register:
        """Return who served when; no turn where no promotion is on record, or where the registry gives none."""
        try:
            entries = self._store.entries()
            record = self._store.record()
        except BundleError as fault:
            return Register((), "", str(fault))
        champion = next((entry.version for entry in entries if entry.champion), "")
        turns, doubts = turns_of(record, entries), tuple(_gaps(record))
        return Register(turns, champion, "", doubts, _altered(record), self._store.last_read())

    def edition(self, digest: str) -> Edition | Unread:
        """Return what the published bundle with a digest says month by month, or why it cannot be read."""
        return self._library.edition(digest)

    def edition_of(self, book: Book) -> Edition:
        """Return what a model that is open says month by month."""
        return self._library.of_bundle(book.model.bundle)

    def month(self, material: str, month: str) -> MonthRecord:
        """Return everything published of a month of a material by the champions on record."""
        return month_record(material, month, self.register().turns, self.edition)

    def months(self, material: str, turns: Sequence[Turn]) -> tuple[MonthRecord, ...]:
        """Return the record of every month that a champion of some turns published of a material, oldest first."""
        editions = (self.edition(digest) for digest in dict.fromkeys(turn.bundle for turn in turns))
        every = {said.month for one in editions if isinstance(one, Edition) for said in one.months.get(material, ())}
        return tuple(month_record(material, month, turns, self.edition) for month in sorted(every))


def _gaps(record: Sequence[Promotion]) -> Iterator[str]:
    for said, then in gaps(record):
        told = f"Version {then.version} replaced {then.replaced} at {then.at}; by the record {said.version} served"
        yield f"{told}. A promotion was cut short, or an alias was set by hand."


def _altered(record: Sequence[Promotion]) -> tuple[str, ...]:
    return tuple(f"The record of promotions is not as it was written: {one.altered}." for one in record if one.altered)
