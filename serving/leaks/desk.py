"""The desk's question about the leak."""

from __future__ import annotations

from collections.abc import Callable

from features.spot_leaks import spot_leaks
from serving.bodies import write_body
from serving.book import Book
from serving.leaks.answer import leak_answer
from serving.questions import Query, read_material


def leak_of(material: str, query: Query, book: Callable[[], Book]) -> bytes:
    """Return what a material's fair price does when market prices alone move."""
    found = book()
    return write_body(leak_answer(found, spot_leaks(), read_material(found, material, query)))
