"""Whether a model can answer: it is asked what requests ask, before it serves anyone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from pricing.errors import BundleError, FairPriceError, OlderModelError
from pricing.materials import Material
from pricing.withheld import MARK, private_entry
from serving.book import Book, MonthRow
from serving.desk import Desk
from serving.rights import Desks

# What a model that is sealed well and made wrongly can raise where it is asked.
BROKEN = (ArithmeticError, AssertionError, AttributeError, LookupError, OSError, RuntimeError, TypeError, ValueError)
REFUSED = "refused"  # status of a month without a price


def probe(desks: Desks) -> None:
    """Open both desks and ask them; BundleError says what fails. What was opened is warm for the first request.

    The reason never quotes a private value: of the readers' desk it names the kind of failure only.
    """
    _asked(desks.public)
    if desks.guarded:
        try:
            _asked(desks.whole)
        except BundleError as fault:
            kind = type(fault.__cause__ or fault).__name__
            msg = f"The whole view with private data cannot be read or asked ({kind}). Train again, or remove it."
            raise BundleError(msg) from fault


def lost_prices(new: Desks, before: Desks) -> tuple[str, ...]:
    """Return, in a sentence each, the materials that a model gives no price for now and the model before it did."""
    now, then = new.public.book, before.public.book
    version = then.model.version
    return tuple(
        f"{material} has no price in its newest month{month}; the model before, version {version}, gave one."
        for material, month in _unpriced(now, then)
    )


def _unpriced(now: Book, then: Book) -> Iterator[tuple[Material, str]]:
    """Yield the materials that only the book of before prices, with the newest month there is of each."""
    for material in then.materials:
        newest = _newest(now, material)
        if _is_priced(_newest(then, material)) and not _is_priced(newest):
            yield material, f", {newest.month}" if newest else ""


def _newest(book: Book, material: Material) -> MonthRow | None:
    months = book.histories["as_known"].get(material)
    return months[-1] if months else None


def _is_priced(month: MonthRow | None) -> bool:
    return month is not None and month.text("status") != REFUSED


def _asked(desk: Desk) -> None:
    """Ask for a price of each material and open what scenarios start from, where the model carries it."""
    try:
        for material in desk.book.materials:
            desk.price(material, ())
        bundle = desk.book.model.bundle
        if bundle.scenario_base and private_entry(bundle.parameters).get("view") != MARK:
            with suppress(OlderModelError):  # it answers prices; who asks for a scenario is told
                desk.scenarios.levers()
    except BundleError:
        raise
    except FairPriceError as fault:
        msg = f"It refuses what requests ask: {fault}"
        raise BundleError(msg) from fault
    except BROKEN as fault:
        msg = f"It breaks where it is asked ({type(fault).__name__}); it was made by other code, or wrongly."
        raise BundleError(msg) from fault
