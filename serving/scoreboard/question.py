"""What a caller may ask of the scoreboard, read with every fault collected."""

from __future__ import annotations

from dataclasses import dataclass

from pricing.errors import Fault
from pricing.forecast.published import PLACES
from pricing.materials import Material
from serving.book import Book
from serving.questions import FORMATS, Query, query_fields
from serving.reading import got, refuse_if_any

FAIR, FORECAST = KINDS = ("fair", "forecast")
CSV, HTML = "csv", "html"
SCOREBOARD_FORMATS = (*FORMATS, HTML)
JUDGED_PLACES = tuple(place for place in PLACES if place != "ex_china")


@dataclass(frozen=True, slots=True)
class ScoreboardRequest:
    """One question; what is None is everything. Rows are told for one kind, scores for both without a kind."""

    material: Material | None
    kind: str | None
    place: str | None
    first_month: str
    last_month: str
    format: str

    def wants(self, kind: str) -> bool:
        """Return whether the scores of a kind are asked for."""
        return self.kind in (None, kind)


def read_scoreboard(book: Book, query: Query) -> ScoreboardRequest:
    """Return the request of a query; InputError with every fault."""
    faults: list[Fault] = []
    fields = query_fields(query, faults)
    material = fields.choice("material", book.materials, required=False)
    kind = fields.choice("kind", KINDS, required=False)
    if kind == FAIR:
        fields.none("place", "fair prices are delivered outside China; each row holds the markets of both regions")
        place = None
    else:
        place = fields.choice("place", JUDGED_PLACES, required=False)
    months = book.months()
    first = fields.month("from", *months, months[0])
    last = fields.month("to", *months, months[1])
    written = fields.choice("format", SCOREBOARD_FORMATS, FORMATS[0])
    fields.close()
    if first and last and first > last:
        fields.note("to", last, f"a month on or after {first}")
    if written == CSV and kind is None and not fields.has("kind"):
        fields.note("kind", "nothing", f"one of {', '.join(KINDS)}: a CSV holds rows of one kind")
    refuse_if_any(faults)
    return ScoreboardRequest(Material(material) if material else None, kind, place, got(first), got(last), got(written))
