"""Legs that are a whole clause or a stated sum: prices of goods, and clauses of two levels under one money cap.

They pay by the clause's own function, so that a path pays what a settlement on its prices pays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from pricing.contracts.terms.contract import AnyClause
from pricing.contracts.terms.prices import Indexed
from pricing.contracts.valuation.legs import Payer, Side
from pricing.contracts.valuation.limits import AnnualCap, Start, capped, column, started
from pricing.errors import Fault

Floats = np.ndarray


@dataclass(frozen=True, eq=False)
class ClauseLeg:
    """A clause over P periods: its numbers (P,) by name, kg (P,), and the row of each of its references.

    `alternative` is the row of the reference at which the goods would be traded without the contract: their value is
    held against it, their payment is not.
    """

    clause: AnyClause
    numbers: Mapping[str, Floats]
    kg: Floats
    rows: Mapping[str, int]
    annual_cap: AnnualCap | None = None
    start: Start | None = None
    cap_years: Floats | None = None
    alternative: int | None = None

    @property
    def name(self) -> str:
        """Return the clause's name."""
        return self.clause.name

    @property
    def payer(self) -> Payer | None:
        """Return nobody in particular: a premium or a penalty may turn even a price of goods around."""
        return None

    @property
    def side(self) -> Side:
        """Return whether the clause is a price of goods."""
        return Side.PRICE if self.clause.PRICES else Side.WHOLE

    def usd_per_kg(self, references: Floats) -> Floats:
        """Return what the clause pays the seller per kg (P, N) on references (M, P, N), begun or not."""
        return self._per_kg(references, self.numbers)

    def payments(self, references: Floats, cap_years: Floats, out: Floats | None = None) -> Floats:
        """Return payments in USD (P, N), positive to the seller; written into `out` where given."""
        paid = np.multiply(self.usd_per_kg(references), column(self.kg), out=out)
        if self.start is not None:
            paid *= started(references[self._first], self.start)
        if self.annual_cap is not None:
            years = cap_years if self.cap_years is None else self.cap_years
            np.copysign(capped(np.abs(paid), years, self.annual_cap), paid, out=paid)
        return paid

    def bound(self, references: Floats) -> Floats:
        """Return where the clause pays (P, N) bool; of a price of goods, where a floor or cap of its own holds it."""
        per_kg = self.usd_per_kg(references)
        if not self.clause.PRICES:
            return per_kg != 0
        if not isinstance(self.clause, Indexed):
            return np.zeros(per_kg.shape, dtype=bool)
        free = {name: number for name, number in self.numbers.items() if name not in Indexed.LEVELS}
        return per_kg != self._per_kg(references, free)

    def misfits(self, rows: int, periods: int) -> Iterator[Fault]:
        """Yield references that are not there and arrays of other lengths."""
        wanted = dict(self.rows) if self.alternative is None else {**self.rows, "alternative": self.alternative}
        for name, row in wanted.items():
            if not 0 <= row < rows:
                yield Fault(f"{self.name}.{name}", str(row), f"0 to {rows - 1}")
        for name, numbers in {"kg": self.kg, **self.numbers}.items():
            if np.shape(numbers) != (periods,):
                yield Fault(f"{self.name}.{name}", f"shape {np.shape(numbers)}", f"({periods},)")

    def level(self) -> float | None:
        """Return the mean of the levels in USD/kg; None where there is none."""
        levels = [self.numbers[name].mean() for name in self.clause.LEVELS if name in self.numbers]
        return float(np.mean(levels)) if levels else None

    def struck(self, step: float) -> ClauseLeg:
        """Return the leg with its levels moved by so many USD/kg, never below zero."""
        moved = {
            name: np.maximum(self.numbers[name] + step, 0.0) for name in self.clause.LEVELS if name in self.numbers
        }
        return replace(self, numbers={**self.numbers, **moved})

    @property
    def _first(self) -> int:
        return self.rows[self.clause.references[0]]

    def _per_kg(self, references: Floats, numbers: Mapping[str, Floats]) -> Floats:
        at = {name: references[row] for name, row in self.rows.items()}
        per_kg = self.clause.usd_per_kg({name: column(number) for name, number in numbers.items()}, at)
        return np.broadcast_to(per_kg, references.shape[1:])


@dataclass(frozen=True, eq=False)
class Stated:
    """Sums in USD (P,) that no price moves, positive to the seller, as of a take-or-pay whose tonnes are stated."""

    name: str
    usd: Floats
    payer: Payer | None = None

    def payments(self, references: Floats, cap_years: Floats, out: Floats | None = None) -> Floats:  # noqa: ARG002
        """Return the sums on every path (P, N)."""
        paid = np.empty(references.shape[1:]) if out is None else out
        paid[...] = self.usd[:, None]
        return paid

    def bound(self, references: Floats) -> Floats:
        """Return where a sum is due (P, N) bool."""
        return np.broadcast_to((self.usd != 0)[:, None], references.shape[1:])

    def misfits(self, rows: int, periods: int) -> Iterator[Fault]:  # noqa: ARG002
        """Yield sums of another number of periods."""
        if np.shape(self.usd) != (periods,):
            yield Fault(f"{self.name}.usd", f"shape {np.shape(self.usd)}", f"({periods},)")

    def level(self) -> None:
        """Return nothing: there is no level."""

    def struck(self, step: float) -> Stated:  # noqa: ARG002
        """Return the sums as they are."""
        return self
