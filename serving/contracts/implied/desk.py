"""From a reported payment back to its reference: one number where everything is stated, else a refusal with the grid.

The refusal is an answer and not an error: the grid is what was asked for, as a price that is refused stands in its own
answer too. It concludes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from pricing.contracts.inversion import Inversion, Reading, invert
from pricing.contracts.terms.reading import read
from pricing.contracts.terms.reported import Reported
from serving.bodies import read_body, write_body
from serving.contracts.implied.schemas import ImpliedAnswer, ImpliedReading
from serving.schemas import FaultOut, Flag
from serving.stages.numbers import TEN_DECIMALS, rounded

IDENTIFIED, REFUSED = "identified", "refused"
RULES = {
    "payment": "max(0, floor - reference) x tonnes, less the upside share; positive from buyer to seller",
    "rounding": "low and high are what the step of rounding leaves open; prices leave rounded half up to the cent",
    "as_quoted": "the reference x (1 + VAT inside the index)",
    "identified": "one volume, one VAT basis, the window averaged, the lag, and whether a share was in force",
}


def implied_of(body: bytes) -> bytes:
    """Return what the payment of a body implies; InputError with every fault."""
    return write_body(implied(read_body(body)))


def implied(values: object, path: str = "") -> ImpliedAnswer:
    """Return what a reported payment implies of its reference; InputError with every fault, under `path`."""
    found = invert(read(values, Reported, path))
    one = found.identified
    return ImpliedAnswer(
        status=REFUSED if one is None else IDENTIFIED,
        identified=one is not None,
        implied_usd_per_kg=None if one is None else rounded(one.implied_usd_per_kg),
        unrounded_usd_per_kg=None if one is None else rounded(one.implied_usd_per_kg, TEN_DECIMALS),
        missing=tuple(FaultOut(fault.path, fault.found, fault.allowed, fault.nearest) for fault in found.missing),
        readings=tuple(_reading(reading) for reading in found.readings),
        says=found.says,
        rules=RULES,
        flags=tuple(_flags(found)),
    )


def _reading(reading: Reading) -> ImpliedReading:
    return ImpliedReading(
        volume_basis=reading.volume_basis,
        tonnes=rounded(reading.tonnes, TEN_DECIMALS),
        vat_basis=reading.vat_basis,
        implied_usd_per_kg=rounded(reading.implied_usd_per_kg),
        low_usd_per_kg=rounded(reading.low_usd_per_kg),
        high_usd_per_kg=rounded(reading.high_usd_per_kg),
        as_quoted_usd_per_kg=rounded(reading.as_quoted_usd_per_kg),
        gap_to_average={name: rounded(gap) for name, gap in reading.gap_to_average.items()},
    )


def _flags(found: Inversion) -> Iterator[Flag]:
    if found.identified is None and found.missing:
        paths = ", ".join(fault.path for fault in found.missing)
        yield Flag("not_identified", f"Not identified: {paths} open. Nothing follows from the grid.")
    if any(reading.low_usd_per_kg <= 0 for reading in found.readings):
        text = "The step of rounding is wider than the prices: it leaves open a price of zero and below."
        yield Flag("rounding_too_wide", text)
