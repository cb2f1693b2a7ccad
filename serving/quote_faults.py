"""What is wrong with a quote id that nothing answers: its parts one by one, then the seal over all of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date

from pricing.materials import Form, Material
from pricing.price import Currency, Unit
from serving.book import Book
from serving.fault_words import one_of, shown
from serving.questions import REGIONS, PriceRequest, lies_within
from serving.quote_ids import (
    ASKED,
    BUNDLE_CHARACTERS,
    KINDS,
    MAX_ID_CHARACTERS,
    PRICE,
    SEAL_CHARACTERS,
    floor_body_of,
    parse_quote_id,
    price_of,
)

_DIGITS = re.compile(r"[0-9a-f]+", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_WORDS: tuple[tuple[str, Iterable[str]], ...] = (
    ("form", Form),
    ("unit", Unit),
    ("currency", Currency),
    ("region", REGIONS),
)
PRICE_PARTS = 6  # material, day, form, unit, currency, region; the day of asking where the caller left the day to us
PRICE_SHAPE = "price.MATERIAL.DAY.FORM.UNIT.CURRENCY.REGION.BUNDLE.SEAL, with asked-DAY before BUNDLE or without"


def what_is_wrong(text: str, kept: Callable[[str], Book | None]) -> str:
    """Return which part of an unanswered id is wrong; `kept` finds the book of a model by its digest."""
    wrong, quote = ill_formed(text), parse_quote_id(text)
    if wrong or quote is None:
        return wrong
    book = kept(quote.bundle)
    if book is None:
        return f"bundle {quote.bundle} is not kept here: it was deleted, or a character was altered"
    request = price_of(quote.payload) if quote.kind == PRICE else None
    if request is not None and not lies_within(book, request):
        return _outside(book, request)
    return f"the seal {quote.seal} does not fit the rest: a character was altered"


def ill_formed(text: str) -> str:
    """Return what of an id cannot stand in one, whatever is kept; empty where every part could."""
    return "; ".join(_ill_formed(text))


def _ill_formed(text: str) -> Iterator[str]:
    if not text.isascii() or len(text) > MAX_ID_CHARACTERS:
        yield f"a quote id has at most {MAX_ID_CHARACTERS:,} characters, all of plain ASCII"
        return
    kind, *pieces = text.split(".")
    if kind not in KINDS:
        yield f"it begins with {shown(kind)}, where a quote id begins with {' or '.join(KINDS)}"
        return
    if len(pieces) < len(("payload", "bundle", "seal")):
        yield f"parts are missing after {kind}: was its end cut off?"
        return
    *payload, bundle, seal = pieces
    yield from _of_price(payload) if kind == PRICE else _of_floor(".".join(payload))
    yield from _of_digits("bundle", bundle, BUNDLE_CHARACTERS)
    yield from _of_digits("seal", seal, SEAL_CHARACTERS)


def _of_price(words: list[str]) -> Iterator[str]:
    if len(words) not in (PRICE_PARTS, PRICE_PARTS + 1):
        yield f"the id of a price is written {PRICE_SHAPE}"
        return
    material, day, *rest = words[:PRICE_PARTS]
    if material not in list(Material):
        yield f"its material is {shown(material)}, not {one_of(Material)}"
    yield from _of_day(day)
    for (name, allowed), word in zip(_WORDS, rest, strict=True):
        if word not in list(allowed):
            yield f"its {name} is {shown(word)}, not {one_of(allowed)}"
    if words[PRICE_PARTS:]:
        (asked,) = words[PRICE_PARTS:]
        if not asked.startswith(ASKED):
            yield f"its day of asking is {shown(asked)}, not written {ASKED}YYYY-MM-DD"
        else:
            yield from _of_day(asked.removeprefix(ASKED))


def _of_floor(payload: str) -> Iterator[str]:
    if floor_body_of(payload) is None:
        yield "the terms in it cannot be read: characters were altered or are missing"


def _of_day(word: str) -> Iterator[str]:
    try:
        is_day = _DAY.fullmatch(word) is not None and date.fromisoformat(word) is not None
    except ValueError:
        is_day = False
    if not is_day:
        yield f"{shown(word)} is no day written YYYY-MM-DD"


def _of_digits(name: str, word: str, characters: int) -> Iterator[str]:
    if len(word) != characters or not _DIGITS.fullmatch(word):
        yield f"its {name} is {shown(word)}, not {characters} of the characters 0 to 9 and a to f"


def _outside(book: Book, request: PriceRequest) -> str:
    """Return what of a well-formed question the model that the id names never answered."""
    material, digest = request.material, book.model.digest[:BUNDLE_CHARACTERS]
    if material not in book.materials:
        return f"bundle {digest} holds no {material}: a character was altered"
    first, last = book.first_day(material), book.last_day
    if not first <= request.as_of <= last:
        return f"bundle {digest} answers days from {first} to {last}, not {request.as_of}: a character was altered"
    return f"bundle {digest} held no {request.currency} rate on {request.as_of}: a character was altered"
