"""The desk's question about what was published when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from serving.bodies import write_body
from serving.book import Book
from serving.published.answer import publication_answer, publication_csv
from serving.published.archive import Archive
from serving.published.question import read_publication
from serving.questions import Query

CSV, JSON = "text/csv; charset=utf-8", "application/json"


class PublicationDesk:
    """Answers what was published when; reads from the registry, so it is asked off the loop."""

    def __init__(self, book: Callable[[], Book], today: Callable[[], date], archive: Archive) -> None:
        self._book = book
        self._today = today
        self.archive = archive

    def publication(self, material: str, query: Query) -> tuple[bytes, str]:
        """Return what was published of a material on a day and what became of it, and the media type."""
        book = self._book()
        request = read_publication(book, material, query, self._today())
        answer = publication_answer(self.archive, book, request)
        return (publication_csv(answer), CSV) if request.format == "csv" else (write_body(answer), JSON)
