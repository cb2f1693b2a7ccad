"""The shape of what stands beside a settlement: other indices, a later start, a right to choose tonnes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RefusedIndexOut:
    """Why one index cannot settle the contract: where, what was found, what is allowed."""

    path: str
    found: str
    allowed: str
    nearest: str | None


@dataclass(frozen=True, slots=True)
class UnderIndexOut:
    """The contract settled with one reference on one index; or, with null amounts, why it cannot be.

    `reference_usd_per_kg` and `usd_by_period` go by period.
    """

    index: str
    usd: float | None
    who_pays: str | None
    difference_usd: float | None
    reference_usd_per_kg: dict[str, float]
    usd_by_period: dict[str, float]
    refused: tuple[RefusedIndexOut, ...]


@dataclass(frozen=True, slots=True)
class UnderIndicesOut:
    """One reference under each admissible index, side by side; `difference_usd` is each total less the contract's own.

    `range_usd` is how far apart the indices put the total; null where fewer than two settle.
    """

    reference: str
    range_usd: float | None
    settled: tuple[UnderIndexOut, ...]


@dataclass(frozen=True, slots=True)
class SlipOut:
    """What a later start changes before discounting, later less planned; the buyer's side is the opposite."""

    event: str
    planned_day: str
    later_day: str
    to_seller_usd: float
    to_buyer_usd: float
    by_period_usd: dict[str, float]
    says: str


@dataclass(frozen=True, slots=True)
class VolumeBoundOut:
    """What a right to choose tonnes is worth to its holder at most, on the prices settled on, before discounting.

    `best_usd` is what its holder gains with perfect foresight, `even_usd` with an even spread of tonnes.
    """

    holder: str
    best_tonnes_by_period: dict[str, float]
    best_usd: float
    even_usd: float
    worth_at_most_usd: float
    says: str
