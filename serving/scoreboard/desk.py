"""The desk's questions about how often we were right: the board of a model is computed once, answers are kept."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, lru_cache
from threading import Lock

from features.scoreboard_settings import scoreboard_settings
from pricing.scoreboard.board import FairBoard, fair_board
from serving.bodies import write_body
from serving.book import Book
from serving.forecasts.desk import CSV, JSON, Body
from serving.model_store import ModelStore
from serving.published.archive import Archive
from serving.questions import Query
from serving.scoreboard.answer import scoreboard_answer, scoreboard_csv
from serving.scoreboard.brief import brief
from serving.scoreboard.page import HTML as HTML_MEDIA
from serving.scoreboard.page import scoreboard_page
from serving.scoreboard.publications import Publications, publications
from serving.scoreboard.question import HTML, ScoreboardRequest, read_scoreboard

KEPT_ANSWERS = 8  # all rows are some megabytes


class ScoreboardDesk:
    """Answers how often fair prices and forecasts of one model were right.

    What was published of its months by then is on record when it begins to serve, so it is read once; while the
    registry or a bundle cannot be read, it is read again with each question.
    """

    def __init__(self, book: Callable[[], Book], store: ModelStore, archive: Archive) -> None:
        self._book = book
        self._store = store
        self._archive = archive
        self._known: Publications | None = None
        self._reading = Lock()
        self._made = lru_cache(KEPT_ANSWERS)(self._make)

    def scoreboard(self, query: Query) -> Body:
        """Return the scoreboard; the first answer takes a second, so ask off the loop."""
        return self._made(read_scoreboard(self._book(), query), self._publications())

    def _publications(self) -> Publications:
        with self._reading:
            known = self._known
            if known is None or not known.is_settled:
                found = publications(self._book(), self._store, self._archive)
                self._known = known = known if known and found.is_like(known) else found
            return known

    @cached_property
    def _board(self) -> FairBoard:
        return fair_board(self._book().model.bundle, scoreboard_settings())

    def _make(self, request: ScoreboardRequest, known: Publications) -> Body:
        book = self._book()
        if request.format == "csv":
            return scoreboard_csv(book, self._board, known, request), CSV
        if request.format == HTML:
            return scoreboard_page(book, self._board, known, request), HTML_MEDIA
        answer = scoreboard_answer(book, self._board, known, request)
        return write_body(answer if request.kind else brief(answer)), JSON
