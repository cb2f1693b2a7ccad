"""The shape of an answer that was solved backwards: a number, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass

from serving.contracts.valuations.schemas import DeckUsed, OutlookUsed, ParameterOut
from serving.schemas import Flag, ModelOut


@dataclass(frozen=True, slots=True)
class SolvedOut:
    """One number asked for; null with a reason where none exists. `standard_error` is the simulation's, null without.

    `under` is the reading it holds for, where the question left one open.
    """

    name: str
    under: str | None
    unit: str
    value: float | None
    standard_error: float | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class FigureOut:
    """A figure beside the solution: what things cost, and how likely they are."""

    name: str
    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class SolutionAnswer:
    """The solutions of one question, the figures beside them, and what they rest on.

    `asks` is what the caller still has to say before one of several readings holds. `model` and `snapshot`, the digest
    of the data, are null where every price was given.
    """

    solve: str
    as_of: str
    discount_rate: float
    tonnes: float
    solved: bool
    solutions: tuple[SolvedOut, ...]
    asks: str | None
    figures: tuple[FigureOut, ...]
    outlook: OutlookUsed
    decks: tuple[DeckUsed, ...]
    parameters: tuple[ParameterOut, ...]
    assumptions: tuple[str, ...]
    flags: tuple[Flag, ...]
    model: ModelOut | None
    snapshot: str | None
