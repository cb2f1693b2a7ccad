"""Whether a model can answer: it is asked what requests ask, before it serves anyone."""

from __future__ import annotations

from contextlib import suppress

from pricing.errors import BundleError, FairPriceError, OlderModelError
from pricing.withheld import MARK, private_entry
from serving.desk import Desk
from serving.rights import Desks

# What a model that is sealed well and made wrongly can raise where it is asked.
BROKEN = (ArithmeticError, AssertionError, AttributeError, LookupError, OSError, RuntimeError, TypeError, ValueError)


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
