"""Flags of forecasts: what to know before leaning on one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from pricing.forecast.published import Said
from pricing.market.history import Evidence
from pricing.withheld import holds_private_values, private_entry
from serving.book import Book
from serving.flags import STALE_AFTER_DAYS
from serving.forecasts.question import ForecastRequest
from serving.schemas import Flag


def forecast_flags(book: Book, request: ForecastRequest, said: Said | None) -> Iterator[Flag]:
    """Yield the flags of a forecast."""
    if said is None:
        return
    yield from privacy_flags(book)
    age = ((request.asked_on or request.as_of) - date.fromisoformat(said.known_on)).days
    if age > STALE_AFTER_DAYS:
        yield Flag("stale_data", f"The figures of {said.month} are {age} days old; newer ones may exist.")
    if said.base_month != said.month:
        yield Flag("stale_quote", f"No quote of {said.month}: the forecast starts from the one of {said.base_month}.")
    elif not said.quoted:
        yield Flag("no_quote", f"The price of {said.month} is {said.evidence}, read from another market's quotes.")
    elif said.evidence != Evidence.OBSERVED:
        yield Flag("derived_base", f"The base is {said.evidence}: {said.source}.")
    if said.thin:
        yield Flag("few_quotes", "This market has few quotes: intervals are widened, and its own record is short.")
    caution = book.forecasts.caution(request.place, request.material, said.month) if book.forecasts else ""
    if caution:
        yield Flag("caution", caution)


def privacy_flags(book: Book) -> Iterator[Flag]:
    """Yield that forecasts rest on private data, or were made without them."""
    parameters = book.model.bundle.parameters
    if holds_private_values(parameters):
        yield Flag("private.forecast", "Forecasts may rest on private data: not to be passed on.")
    elif private_entry(parameters):
        yield Flag("withheld.forecast", "Forecasts for this caller are made from public data alone.")
