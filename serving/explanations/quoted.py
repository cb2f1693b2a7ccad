"""The earlier quote that an explanation starts from: material, month and model follow from its id."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pricing.errors import Fault, InputError
from pricing.materials import Form, Material
from pricing.price import Currency, Unit
from serving.book import Book
from serving.questions import PriceRequest, lies_within
from serving.quote_faults import ill_formed, what_is_wrong
from serving.quote_ids import FLOOR, PRICE, parse_quote_id, price_of, price_quote_id
from serving.reading import Fields

SAID_IN = "said_in"
FOLLOWS = ("from", "said_by", "vintage")  # what an id says itself
A_FLOOR = "it is the id of a floor"
QUOTE_OF_A_PRICE = "a quote id of a price, as printed in its answer, whose model is kept"


@dataclass(frozen=True, slots=True)
class Quoted:
    """A price as it was quoted, and the book of the model that gave it."""

    quote_id: str
    request: PriceRequest
    book: Book

    @property
    def month(self) -> str:
        """Return the month that was priced."""
        return self.book.on(self.request.material, self.request.as_of).month

    @property
    def is_on_our_basis(self) -> bool:
        """Return whether it was in USD per kg of oxide, as explanations are."""
        return (self.request.form, self.request.unit, self.request.currency) == (Form.OXIDE, Unit.KG, Currency.USD)


def read_quoted(fields: Fields, material: Material | None, kept: Callable[[str], Book | None]) -> Quoted | None:
    """Return the quote that `said_in` names; None where there is none, with a fault where it cannot be explained."""
    if not fields.has(SAID_IN):
        fields.read.append(SAID_IN)
        return None
    found = _quoted(fields, kept)
    if found is not None and material is not None and found.request.material is not material:
        fields.note(SAID_IN, f"a quote of {found.request.material}", f"a quote of {material}, the material asked about")
    return found


def _quoted(fields: Fields, kept: Callable[[str], Book | None]) -> Quoted | None:
    fields.read.append(SAID_IN)
    text = str(fields.values[SAID_IN])
    parts = parse_quote_id(text)
    request = price_of(parts.payload) if parts and parts.kind == PRICE else None
    book = kept(parts.bundle) if parts and request else None
    if request and book and lies_within(book, request):
        snapshot = book.snapshots.get(book.on(request.material, request.as_of).month, "")
        if price_quote_id(request, book.model, snapshot) == text:
            return Quoted(text, request, book)
    is_floor = parts is not None and parts.kind == FLOOR
    fields.faults.append(_fault(fields.path(SAID_IN), A_FLOOR if is_floor else what_is_wrong(text, kept)))
    return None


def _fault(path: str, wrong: str) -> Fault:
    return Fault(path, f"an id that cannot be explained: {wrong}", QUOTE_OF_A_PRICE)


def material_quoted(text: str) -> str:
    """Return the material that the id of a price names, for the path. InputError where it names none."""
    parts = parse_quote_id(text)
    request = price_of(parts.payload) if parts and parts.kind == PRICE else None
    if request is None:
        raise InputError(_fault(SAID_IN, ill_formed(text) or A_FLOOR))
    return request.material
