"""What a caller may ask to have explained, read with every fault collected."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from pricing.errors import Fault
from pricing.materials import Material
from serving.book import VINTAGES, Book
from serving.explanations.quoted import FOLLOWS, SAID_IN, Quoted, read_quoted
from serving.questions import Query, query_fields, read_named
from serving.quote_ids import BUNDLE_CHARACTERS
from serving.reading import Fields, got, refuse_if_any

_DIGEST = re.compile(rf"[0-9a-f]{{{BUNDLE_CHARACTERS},64}}", re.ASCII)
KEPT_BUNDLE = f"the first {BUNDLE_CHARACTERS} characters or more of a bundle listed at /v1/models"


@dataclass(frozen=True, slots=True)
class ExplainRequest:
    """One question why a fair price moved; both months included. `earlier` is the model of the earlier answer."""

    material: Material
    vintage: str
    first_month: str
    last_month: str
    earlier: Book | None = None
    quoted: Quoted | None = None  # the earlier answer, where its id was sent


def read_explanation(book: Book, material: str, query: Query, kept: Callable[[str], Book | None]) -> ExplainRequest:
    """Return the request of a path and a query; InputError with every fault.

    Without months it asks about the last step; with the id of an earlier quote about all since that quote. `kept` finds
    the book of a model by its digest.
    """
    faults: list[Fault] = []
    named = read_named(book, material, faults)
    fields = query_fields(query, faults)
    quoted = read_quoted(fields, named, kept)
    start, end = book.months(named)
    last = fields.month("to", start, end, end)
    vintage: str | None = "as_known"
    first: str | None = quoted.month if quoted else _month_before(last or end, start)
    earlier = quoted.book if quoted else None
    if fields.has(SAID_IN):
        for name in FOLLOWS:
            fields.none(name, f"it follows from `{SAID_IN}`")
    else:
        vintage = fields.choice("vintage", VINTAGES, vintage)
        first = fields.month("from", start, end, _month_before(last or end, start))
        earlier = _earlier(fields, kept)
    fields.close()
    if first and last and first > last:
        fields.note("to", last, f"a month from {first} on: a change runs forward")
    if first and named and vintage and earlier and earlier.row(vintage, named, first) is None:
        fields.note("from", first, "a month that the model of `said_by` holds")
    if first and named and vintage and quoted and book.row(vintage, named, first) is None:
        fields.note(SAID_IN, f"a quote of {first}", f"a quote of a month from {start} to {end}, which this model holds")
    refuse_if_any(faults)
    return ExplainRequest(got(named), got(vintage), got(first), got(last), earlier, quoted)


def _earlier(fields: Fields, kept: Callable[[str], Book | None]) -> Book | None:
    if not fields.has("said_by"):
        fields.read.append("said_by")
        return None
    digest = fields.matching("said_by", _DIGEST, KEPT_BUNDLE)
    found = kept(digest) if digest else None
    if digest and found is None:
        fields.note("said_by", digest, KEPT_BUNDLE)
    return found


def _month_before(month: str, start: str) -> str:
    """Return the month before, but none before the first."""
    year, number = int(month[:4]), int(month[5:])
    before = f"{year - 1}-12" if number == 1 else f"{year}-{number - 1:02d}"
    return max(before, start)
