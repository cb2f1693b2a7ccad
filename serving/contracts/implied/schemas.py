"""The shape of an answer about what a reported payment implies of its reference."""

from __future__ import annotations

from dataclasses import dataclass

from serving.schemas import FaultOut, Flag


@dataclass(frozen=True, slots=True)
class ImpliedReading:
    """One reading that agrees with the payment: the reference on the floor's basis, and as the index is quoted.

    `low_usd_per_kg` and `high_usd_per_kg` are what the rounding of the report leaves open; `gap_to_average` is the
    reference as quoted less each published average.
    """

    volume_basis: str
    tonnes: float
    vat_basis: str
    implied_usd_per_kg: float
    low_usd_per_kg: float
    high_usd_per_kg: float
    as_quoted_usd_per_kg: float
    gap_to_average: dict[str, float]


@dataclass(frozen=True, slots=True)
class ImpliedAnswer:
    """The reference behind a reported payment where it is identified; else what is missing, and the readings.

    `status` is identified or refused. A refusal concludes nothing: `implied_usd_per_kg` is null, `missing` lists what
    to state, and every reading in `readings` agrees with the payment.
    """

    status: str
    identified: bool
    implied_usd_per_kg: float | None
    unrounded_usd_per_kg: float | None
    missing: tuple[FaultOut, ...]
    readings: tuple[ImpliedReading, ...]
    says: str
    rules: dict[str, str]
    flags: tuple[Flag, ...]
