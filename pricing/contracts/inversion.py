"""From a reported payment back to the reference: one number where everything is stated, else the consistent readings.

A payment is one equation. Volume, VAT, averaging and lag are facts of the contract; where one is not stated the payment
identifies nothing, and only the readings that agree with it can be listed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product

from pricing.contracts.measures import KG_PER_TONNE
from pricing.contracts.terms.reported import Reported
from pricing.errors import Fault, TermsError

READINGS = {
    "tonnes": "the tonnes of one volume basis, such as sold: 1006",
    "vat_rates": "one VAT basis of the index, such as ex_vat: 0",
}
RULES = {
    "window": "month, quarter or year: what the index is averaged over",
    "lag_months": "the months between delivery and quotation, 0 where there is none",
    "share_in_force": "true or false: whether an upside share was in force",
}
IDENTIFIED = "One reading: volume, VAT, average, lag and share are stated."
CONCLUSION = "Every reading agrees with the payment; the payment identifies none of them."
NOTHING_STATED = "No reading without a volume and a VAT basis: the payment alone says nothing of the reference."
NOTHING_READ = "No reading agrees with the payment"


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of a payment: the reference on the floor's basis, with what rounding leaves open, and as quoted."""

    volume_basis: str
    tonnes: Decimal
    vat_basis: str
    implied_usd_per_kg: Decimal
    low_usd_per_kg: Decimal
    high_usd_per_kg: Decimal
    as_quoted_usd_per_kg: Decimal
    gap_to_average: Mapping[str, Decimal] = field(default_factory=dict)  # as quoted less each published average


@dataclass(frozen=True, slots=True)
class Inversion:
    """The reference where it is identified, else what is missing; the readings that agree either way."""

    identified: Reading | None
    missing: tuple[Fault, ...]
    readings: tuple[Reading, ...]
    says: str


def invert(reported: Reported) -> Inversion:
    """Return what a payment implies of the reference; TermsError where it bounds it on one side only.

    Identified only with one volume, one VAT basis, the average, the lag, and whether a share was in force.
    """
    _refuse_one_sided(reported)
    missing = tuple(_missing(reported))
    found = tuple(readings(reported))
    if missing or len(found) != 1:
        return Inversion(None, missing, found, CONCLUSION if found else _nothing(reported))
    return Inversion(found[0], (), found, IDENTIFIED)


def readings(reported: Reported) -> Iterator[Reading]:
    """Yield every reading of a payment that agrees with it, over the stated volumes and VAT bases.

    >>> report = Reported(usd=Decimal(42_273_000), rounded_to_usd=Decimal(1000), floor_usd_per_kg=Decimal(110),
    ...     tonnes={"sold": Decimal(1006), "produced": Decimal(917)}, vat_rates={"ex_vat": Decimal(0)})
    >>> [str(round(one.implied_usd_per_kg, 2)) for one in readings(report)]
    ['67.98', '63.90']
    """
    for (basis, tonnes), (vat, rate) in product(reported.tonnes.items(), reported.vat_rates.items()):
        half = reported.rounded_to_usd / 2
        implied, low, high = (_reference(reported, usd, tonnes) for usd in _around(reported.usd, half))
        if implied > 0:
            quoted = implied * (1 + rate)
            gaps = {name: quoted - average for name, average in reported.averages.items()}
            yield Reading(basis, tonnes, vat, implied, low, high, quoted, gaps)


def implied_reference(usd: Decimal, floor: Decimal, tonnes: Decimal) -> Decimal:
    """Return the reference in USD/kg at which a floor pays an amount on tonnes.

    >>> round(implied_reference(Decimal(42_273_000), Decimal(110), Decimal(1006)), 2)
    Decimal('67.98')
    """
    return floor - usd / (tonnes * KG_PER_TONNE)


def implied_tonnes(usd: Decimal, floor: Decimal, reference: Decimal) -> Decimal:
    """Return the tonnes on which a floor pays an amount at a reference below it."""
    if not reference < floor:
        raise TermsError(Fault("reference", str(reference), f"a reference below the floor, {floor}"))
    return usd / ((floor - reference) * KG_PER_TONNE)


def _nothing(reported: Reported) -> str:
    """Return why no reading agrees: nothing to read it with, or more paid than a price of zero would cost."""
    if not reported.tonnes or not reported.vat_rates:
        return NOTHING_STATED
    most = reported.floor_usd_per_kg * max(reported.tonnes.values()) * KG_PER_TONNE
    return f"{NOTHING_READ}: it is not below floor x tonnes, {most:,.2f} USD, what a price of zero would cost."


def _around(usd: Decimal, half: Decimal) -> Sequence[Decimal]:
    """Return the amount, and the ends of what it may have been rounded from: the larger payment first."""
    return (usd, usd + half, usd - half)


def _reference(reported: Reported, usd: Decimal, tonnes: Decimal) -> Decimal:
    if usd >= 0 or reported.share_above is None or reported.share_above_usd_per_kg is None:
        return implied_reference(usd, reported.floor_usd_per_kg, tonnes)
    return reported.share_above_usd_per_kg - usd / (reported.share_above * tonnes * KG_PER_TONNE)


def _refuse_one_sided(reported: Reported) -> None:
    faults = []
    if reported.usd == 0:
        says = "an amount other than zero: nothing due says only that the reference was at the floor or above"
        faults.append(Fault("usd", "0", says))
    if reported.usd < 0 and None in (reported.share_above, reported.share_above_usd_per_kg):
        faults.append(Fault("share_above", "nothing", "share_above and share_above_usd_per_kg: the seller paid"))
    if faults:
        raise TermsError(*faults)


def _missing(reported: Reported) -> Iterator[Fault]:
    for name, wanted in READINGS.items():
        stated_ones = getattr(reported, name)
        if len(stated_ones) != 1:
            yield Fault(name, ", ".join(stated_ones) or "nothing", f"exactly one, {wanted}")
    for name, wanted in RULES.items():
        if getattr(reported, name) is None:
            yield Fault(name, "nothing", wanted)
