"""The desk: every use case without HTTP. The service and the command line ask it and print the same bytes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from features.spot_leaks import spot_leaks
from pricing.errors import BundleError, InputError, MissingModelError, UnknownQuoteError
from serving.bodies import read_body, write_body
from serving.book import Book
from serving.explanations.answer import explanation_answer
from serving.explanations.question import read_explanation
from serving.floor_answer import floor_answer
from serving.floor_questions import read_floor
from serving.floor_schemas import FloorAnswer
from serving.forecasts.desk import ForecastDesk
from serving.history_answer import history_answer, history_csv
from serving.leaks.answer import leak_answer
from serving.listings import UNWATCHED, evidence_answer, materials_answer, models_answer
from serving.model_store import ModelEntry, ModelStore, PublishedModel
from serving.price_answer import price_answer
from serving.published.archive import Archive
from serving.published.desk import PublicationDesk
from serving.questions import (
    Query,
    lies_within,
    read_history,
    read_material,
    read_no_query,
    read_price,
)
from serving.quote_faults import what_is_wrong
from serving.quote_ids import PRICE, QuoteId, floor_body_of, parse_quote_id, price_of
from serving.scenarios.desk import ScenarioDesk
from serving.scenarios.kept import Answers, MemoryAnswers
from serving.schemas import PriceAnswer
from serving.scoreboard.desk import ScoreboardDesk
from serving.shelf import Shelf
from serving.stages.desk import ladder_of, tariff_of
from serving.watched import Watched

CSV, JSON = "text/csv; charset=utf-8", "application/json"


class Desk:
    """Answers questions from the model that serves, and quotes from any model that is kept."""

    def __init__(
        self,
        store: ModelStore,
        today: Callable[[], date],
        kept: Answers | None = None,
        older: Shelf | None = None,
        archive: Archive | None = None,
    ) -> None:
        self._store = store
        self._today = today
        self._champion: Book | None = None
        self._older = older or Shelf()
        self.forecasts = ForecastDesk(lambda: self.book, today)
        self.publications = PublicationDesk(lambda: self.book, today, archive or Archive(store))
        self.scoreboard = ScoreboardDesk(lambda: self.book, store, self.publications.archive)
        self.scenarios = ScenarioDesk(lambda: self.book, self._kept, today, kept or MemoryAnswers())

    @property
    def book(self) -> Book:
        """Return the serving model's book; MissingModelError while nothing is published."""
        if self._champion is None:
            self._champion = Book(self._store.champion())
        return self._champion

    def price(self, material: str, query: Query) -> bytes:
        """Return what a material should cost and does cost."""
        request = read_price(self.book, material, query, self._today())
        return write_body(price_answer(self.book, request))

    def history(self, material: str, query: Query) -> tuple[bytes, str]:
        """Return the months of one material and their media type."""
        request = read_history(self.book, material, query)
        answer = history_answer(self.book, request)
        return (history_csv(answer), CSV) if request.format == "csv" else (write_body(answer), JSON)

    def explanation(self, material: str, query: Query) -> bytes:
        """Return why a fair price moved from month to month, and what lies between it and the market."""
        request = read_explanation(self.book, material, query, self._kept)
        return write_body(explanation_answer(self.book, request))

    def leak(self, material: str, query: Query = ()) -> bytes:
        """Return what a fair price does when market prices alone move: nothing but what leaks through the weights."""
        return write_body(leak_answer(self.book, spot_leaks(), read_material(self.book, material, query)))

    def scenario(self, body: bytes, query: Query = ()) -> bytes:
        """Return what a price floor pays; the fair price beside it is the one without the floor."""
        read_no_query(query)
        return write_body(floor_answer(self.book, read_floor(self.book, read_body(body), self._today())))

    def ladder(self, body: bytes, query: Query = ()) -> bytes:
        """Return what a kilogram costs at each stage from ore to magnet; opens the model only for its own prices."""
        read_no_query(query)
        return ladder_of(body, lambda: self.book)

    def tariff(self, body: bytes, query: Query = ()) -> bytes:
        """Return the tariff that lifts each import to its reference price, and what is landed at a rate."""
        read_no_query(query)
        return tariff_of(body, lambda: self.book)

    def quote(self, text: str, query: Query = ()) -> bytes:
        """Return the bytes that were answered under a quote id; UnknownQuoteError when no kept model answers it."""
        read_no_query(query)
        quote = parse_quote_id(text)
        book = self._kept(quote.bundle) if quote else None
        answer = self._recomputed(quote, book) if quote and book else None
        if answer is None or answer.quote_id != text:
            raise UnknownQuoteError(_unknown(what_is_wrong(text, self._kept)))
        return write_body(answer)

    def materials(self, query: Query = ()) -> bytes:
        """Return what can be asked about."""
        read_no_query(query)
        return write_body(materials_answer(self.book))

    def models(self, query: Query = (), known: Watched = UNWATCHED) -> bytes:
        """Return the serving model and the versions beside it; itself alone while the registry lists none."""
        read_no_query(query)
        try:
            entries = self._store.entries()
        except BundleError:
            if known.away is None:
                raise
            model = self.book.model
            entries = (ModelEntry(model.version, model.digest, champion=False),)
        return write_body(models_answer(self.book, entries, known))

    def evidence(self, material: str, query: Query = ()) -> bytes:
        """Return what a material's history rests on."""
        return write_body(evidence_answer(self.book, read_material(self.book, material, query)))

    def model(self) -> PublishedModel | None:
        """Return the model that answers; None while nothing is published."""
        try:
            return self.book.model
        except MissingModelError:
            return None

    def _recomputed(self, quote: QuoteId, book: Book) -> PriceAnswer | FloorAnswer | None:
        if quote.kind == PRICE:
            request = price_of(quote.payload)
            return price_answer(book, request) if request is not None and lies_within(book, request) else None
        body = floor_body_of(quote.payload)
        if body is None:
            return None
        try:
            return floor_answer(book, read_floor(book, body, self._today(), written=True))
        except InputError:
            return None

    def _kept(self, digest: str) -> Book | None:
        """Return the book of a kept model; None where none has this digest."""
        try:
            return self._book_of(digest)
        except UnknownQuoteError:
            return None

    def _book_of(self, digest: str) -> Book:
        if self.book.model.digest.startswith(digest):
            return self.book
        try:
            return self._older.book(digest, self._store)
        except MissingModelError as fault:
            raise UnknownQuoteError(_unknown(f"bundle {digest} is not kept here")) from fault


def _unknown(why: str) -> str:
    return f"No kept model answers this quote id: {why}. Send it as it was printed; ask again if its model was deleted."
