"""The desk's questions about the market to come."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from serving.bodies import write_body
from serving.book import Book
from serving.forecasts.answer import forecast_answer, forecast_csv
from serving.forecasts.plot import MEDIA_TYPES, drawn, fan_of
from serving.forecasts.question import read_forecast, read_record
from serving.forecasts.record import record_answer, record_csv
from serving.questions import Query

CSV, JSON = "text/csv; charset=utf-8", "application/json"
Body = tuple[bytes, str]  # and its media type


class ForecastDesk:
    """Answers what a market price is likely to be, and how often that was right."""

    def __init__(self, book: Callable[[], Book], today: Callable[[], date]) -> None:
        self._book = book
        self._today = today

    def forecast(self, material: str, query: Query) -> Body:
        """Return the forecast of a material; as a plot it takes long enough to be drawn off the loop."""
        book = self._book()
        request = read_forecast(book, material, query, self._today())
        answer = forecast_answer(book, request)
        if request.format in MEDIA_TYPES:
            return drawn(fan_of(book, answer), request.format), MEDIA_TYPES[request.format]
        return (forecast_csv(answer), CSV) if request.format == "csv" else (write_body(answer), JSON)

    def record(self, material: str, query: Query) -> Body:
        """Return how often forecasts of a material were right."""
        book = self._book()
        request = read_record(book, material, query)
        answer = record_answer(book, request)
        return (record_csv(answer), CSV) if request.format == "csv" else (write_body(answer), JSON)
