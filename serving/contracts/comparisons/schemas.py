"""The shape of an answer that compares terms over outlooks, cell by cell."""

from __future__ import annotations

from dataclasses import dataclass

from serving.contracts.valuations.schemas import SpreadOut
from serving.schemas import ErrorOut, Flag, ModelOut


@dataclass(frozen=True, slots=True)
class DifferenceOut:
    """What one cell has more than another, USD; `usd_per_kg` is of mean payments."""

    to_seller_usd: float
    to_buyer_usd: float
    total_usd: float
    usd_per_kg: float
    by_year_usd: dict[str, float]


@dataclass(frozen=True, slots=True)
class CellFigures:
    """The figures of one cell, each that of the cell's single call to /v1/contracts/valuations.

    `usd_per_kg` is the mean payment over all tonnes of the cell's contracts; `as_of` is its day of valuation.
    """

    as_of: str
    to_seller_usd: float
    to_buyer_usd: float
    standard_error_usd: float
    present_value_to_seller_usd: SpreadOut
    total_usd: float
    usd_per_kg: float
    by_year_usd: dict[str, float]
    binding_probability: dict[str, float]


@dataclass(frozen=True, slots=True)
class CellOut:
    """One set of terms under one outlook: its figures and differences, or its faults.

    Differences are null where either cell was refused.
    """

    terms: str
    outlook: str
    status: int
    figures: CellFigures | None
    against_first_terms: DifferenceOut | None
    against_first_outlook: DifferenceOut | None
    error: ErrorOut | None


@dataclass(frozen=True, slots=True)
class ComparisonAnswer:
    """Every set of terms under every outlook, terms outermost, on the same paths; order kept.

    `flags` are those of all cells, each once. `model` and `snapshot`, the digest of the data, are those of every cell,
    null where no model serves.
    """

    terms: tuple[str, ...]
    outlooks: tuple[str, ...]
    cells: tuple[CellOut, ...]
    answered: int
    refused: int
    assumptions: tuple[str, ...]
    flags: tuple[Flag, ...]
    model: ModelOut | None
    snapshot: str | None
