"""The model and the data that an answer about contracts rests on; nothing where every price was the caller's."""

from __future__ import annotations

from serving.book import Book
from serving.price_answer import model_out
from serving.schemas import ModelOut


def model_used(book: Book | None) -> ModelOut | None:
    """Return which model answered."""
    return None if book is None else model_out(book.model)


def data_used(book: Book | None) -> str | None:
    """Return the digest of all data of the model; a price's `snapshot` is of the rows known when it was first made."""
    return None if book is None else book.model.bundle.dataset_digest
