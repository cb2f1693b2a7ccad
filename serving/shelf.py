"""Books of models that serve no longer: opened when an id of theirs is asked for, kept when the champion changes."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from serving.book import Book
from serving.model_store import ModelStore

KEPT_BOOKS = 4


class Shelf:
    """The books opened last, by the start of their digest; one at a time is opened, and the oldest leaves for it."""

    def __init__(self, most: int = KEPT_BOOKS) -> None:
        self._most = most
        self._books: OrderedDict[str, Book] = OrderedDict()
        self._opening = Lock()

    def book(self, prefix: str, store: ModelStore) -> Book:
        """Return the book of a model; MissingModelError where the store has none."""
        found = self._books.get(prefix)
        return self._opened(prefix, store) if found is None else found

    def _opened(self, prefix: str, store: ModelStore) -> Book:
        with self._opening:
            found = self._books.get(prefix)
            if found is None:
                found = self._books[prefix] = Book(store.by_digest(prefix))
            if len(self._books) > self._most:
                self._books.popitem(last=False)
            return found
