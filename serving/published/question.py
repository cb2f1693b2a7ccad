"""What a caller may ask about what was published, read with every fault collected."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pricing.errors import Fault
from pricing.materials import Material
from serving.book import Book
from serving.questions import FORMATS, Query, query_fields, read_named
from serving.reading import got, refuse_if_any


@dataclass(frozen=True, slots=True)
class PublicationRequest:
    """One question what was published on a day, UTC."""

    material: Material
    on: date
    format: str
    month: str | None = None  # the last one known that day where none is named


def read_publication(book: Book, material: str, query: Query, today: date) -> PublicationRequest:
    """Return the request of a path and a query, about today unless it names a day; InputError with every fault.

    A month may be named: what stood of it on the day, where it was known then.
    """
    faults: list[Fault] = []
    named = read_named(book, material, faults)
    fields = query_fields(query, faults)
    first = book.first_day(named)
    day = fields.day("on", first, max(first, today), max(first, today))
    month = fields.month("month", book.months(named)[0], f"{today:%Y-%m}", "")
    written = fields.choice("format", FORMATS, FORMATS[0])
    fields.close()
    refuse_if_any(faults)
    return PublicationRequest(got(named), got(day), got(written), month or None)
