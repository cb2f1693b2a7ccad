"""What was published of a material on one day, found in the archive; replayed where nothing is on record."""

from __future__ import annotations

from dataclasses import dataclass

from serving.book import Book
from serving.published.archive import Archive, Register
from serving.published.editions import Edition, Said
from serving.published.question import PublicationRequest
from serving.published.record import MonthRecord, Publication, Unread, known_on, month_record, published_on
from serving.published.turns import Turn, on_day

NO_RECORD = "no promotion is on record, and a folder of bundles keeps none"


@dataclass(frozen=True, slots=True)
class Day:
    """A day's publication with the record of its month. `published` is None where `replayed` says why."""

    request: PublicationRequest
    register: Register
    turns: tuple[Turn, ...]  # of that day, the one it began with first
    published: Publication | None
    replayed: str
    said: Said | None  # what was published, else what is replayed
    record: MonthRecord | None
    serving: Edition

    @property
    def now(self) -> Said | None:
        """Return what the model that serves says of the month."""
        return self.serving.said(self.request.material, self.month) if self.month else None

    @property
    def month(self) -> str | None:
        """Return the month that is told of; None where none is named and none was known."""
        return self.record.month if self.record else None


def day_of(archive: Archive, book: Book, request: PublicationRequest) -> Day:
    """Return what was published on the day of a request, and what became of it."""
    register, serving = archive.register(), archive.edition_of(book)
    turns = on_day(register.turns, request.on)
    found, why = _published(archive, register, turns, request)
    said = found.said if found else known_on(serving, request.material, request.on, request.month)
    month = request.month or (said.month if said else None)
    record = month_record(request.material, month, register.turns, archive.edition) if month else None
    return Day(request, register, turns, found, why, said, record, serving)


def _published(
    archive: Archive, register: Register, turns: tuple[Turn, ...], request: PublicationRequest
) -> tuple[Publication | None, str]:
    """Return the day's publication, or why there is none."""
    if not turns:
        return None, _why_no_turn(register)
    edition = archive.edition(turns[0].bundle)
    if isinstance(edition, Unread):
        return None, f"version {turns[0].version} served, and its bundle cannot be read"
    found = published_on(turns[0], edition, request.material, request.on, request.month)
    return (found, "") if found.said else (None, f"version {turns[0].version} served and did not give the month")


def _why_no_turn(register: Register) -> str:
    if register.away:
        return "the registry gives no record"
    return f"the record of promotions begins at {register.turns[0].since}" if register.turns else NO_RECORD
