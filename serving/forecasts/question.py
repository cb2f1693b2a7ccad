"""What a caller may ask about the market to come, read with every fault collected."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pricing.errors import Fault
from pricing.forecast.published import HORIZONS, PLACES
from pricing.materials import Material
from serving.book import Book
from serving.questions import FORMATS, Query, query_fields, read_day, read_named
from serving.reading import got, refuse_if_any

FORECAST_FORMATS = (*FORMATS, "svg", "png")


@dataclass(frozen=True, slots=True)
class ForecastRequest:
    """One question for a forecast. `asked_on` is kept only when the caller left the day to us."""

    material: Material
    place: str
    as_of: date
    horizons: tuple[int, ...]
    format: str
    asked_on: date | None = None


@dataclass(frozen=True, slots=True)
class RecordRequest:
    """One question for the record of forecasts."""

    material: Material
    place: str
    format: str


def read_forecast(book: Book, material: str, query: Query, today: date) -> ForecastRequest:
    """Return the forecast request of a path and a query; InputError with every fault."""
    faults: list[Fault] = []
    named = read_named(book, material, faults)
    fields = query_fields(query, faults)
    place = fields.choice("place", PLACES, PLACES[0])
    as_of, asked_on = read_day(fields, book, named, today)
    horizon = fields.choice("horizon", map(str, HORIZONS), "", required=False)
    written = fields.choice("format", FORECAST_FORMATS, FORECAST_FORMATS[0])
    fields.close()
    refuse_if_any(faults)
    horizons = (int(horizon),) if horizon else HORIZONS
    return ForecastRequest(got(named), got(place), got(as_of), horizons, got(written), asked_on)


def read_record(book: Book, material: str, query: Query) -> RecordRequest:
    """Return the record request of a path and a query; InputError with every fault."""
    faults: list[Fault] = []
    named = read_named(book, material, faults)
    fields = query_fields(query, faults)
    place = fields.choice("place", PLACES, PLACES[0])
    written = fields.choice("format", FORMATS, FORMATS[0])
    fields.close()
    refuse_if_any(faults)
    return RecordRequest(got(named), got(place), got(written))
