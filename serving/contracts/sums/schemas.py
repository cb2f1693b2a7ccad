"""The shape of an answer to negotiators' sums."""

from __future__ import annotations

from dataclasses import dataclass

from serving.schemas import ErrorOut, Flag

Numbers = dict[str, float | None]


@dataclass(frozen=True, slots=True)
class AsksOut:
    """What the request left open: the field that decides, its words, and why they differ."""

    field: str
    one_of: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class SumOut:
    """One sum. `figures` carry their units in their names: USD and USD per kg to the cent, the rest to ten decimals.

    `unrounded` has all of them to ten decimals; `cases` by year, rate or rule. null: there is no such number. `asks`
    is null where nothing was left open.
    """

    kind: str
    figures: Numbers
    unrounded: Numbers
    cases: dict[str, Numbers]
    says: str
    how: str
    asks: AsksOut | None
    flags: tuple[Flag, ...]


@dataclass(frozen=True, slots=True)
class SumItem:
    """A sum at its place in the request: status 200 with its answer, or 422 with its faults."""

    index: int
    status: int
    answer: SumOut | None
    error: ErrorOut | None


@dataclass(frozen=True, slots=True)
class SumsAnswer:
    """Sums in the order of the request."""

    sums: tuple[SumItem, ...]
    answered: int
    refused: int
