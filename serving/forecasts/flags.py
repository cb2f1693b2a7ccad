"""Flags of forecasts: what to know before leaning on one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from pricing.contracts.periods import month_after
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
    yield from _base_flags(said)
    if said.thin:
        yield Flag("few_quotes", "This market has few quotes: intervals are widened, and its own record is short.")
    yield from _month_over(request, said)
    caution = book.forecasts.caution(request.place, request.material, said.month) if book.forecasts else ""
    if caution:
        yield Flag("caution", caution)


def _base_flags(said: Said) -> Iterator[Flag]:
    """Yield what to know of the figure that a forecast starts from."""
    if said.base_month != said.month:
        yield Flag("stale_quote", f"No quote of {said.month}: the forecast starts from the one of {said.base_month}.")
    elif not said.quoted and not said.mean_base:
        yield Flag("no_quote", f"The price of {said.month} is {said.evidence}, read from another market's quotes.")
    elif said.evidence != Evidence.OBSERVED:
        yield Flag("derived_base", f"The base is {said.evidence}: {said.source}.")
    if said.mean_base:
        text = f"The base is the mean of {said.base_month}: the month's mean; its last quote is not known."
        yield Flag("mean_base", text)


def is_over(month: str, request: ForecastRequest) -> bool:
    """Return whether a month YYYY-MM has ended by the day of the request, or by the day it was made on if later."""
    return date.fromisoformat(f"{month_after(month)}-01") <= max(request.as_of, request.asked_on or request.as_of)


def _month_over(request: ForecastRequest, said: Said) -> Iterator[Flag]:
    """Yield that months forecast are over, though the answer does not know their quotes yet."""
    months = [said.month]
    for _ in range(max(request.horizons)):
        months.append(month_after(months[-1]))
    over = [months[horizon] for horizon in request.horizons if is_over(months[horizon], request)]
    if over:
        said_then = f"the forecast stands as said on {said.known_on}"
        span = f"{over[0]} is" if len(over) == 1 else f"{over[0]} to {over[-1]} are"
        text = f"{span} already over, and the quote known to whoever watches the market; {said_then}."
        yield Flag("month_over", text)


def privacy_flags(book: Book) -> Iterator[Flag]:
    """Yield that forecasts rest on private data, or were made without them."""
    parameters = book.model.bundle.parameters
    if holds_private_values(parameters):
        yield Flag("private.forecast", "Forecasts may rest on private data: not to be passed on.")
    elif private_entry(parameters):
        yield Flag("withheld.forecast", "Forecasts for this caller are made from public data alone.")
