"""Formulas that carry their value: what a cell says and what it comes to are made by the same operations."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Live:
    """A part of a formula as text, with what it comes to.

    >>> level, price = Live("J6", 110.0), Live("I6", 68.0)
    >>> paid = largest(NOTHING, level - price)
    >>> paid.text, paid.value
    ('MAX(0,J6-I6)', 42.0)
    """

    text: str
    value: float

    def __add__(self, other: Live) -> Live:
        return Live(f"{self.text}+{other.text}", self.value + other.value)

    def __sub__(self, other: Live) -> Live:
        return Live(f"{self.text}-{other.text}", self.value - other.value)

    def __mul__(self, other: Live) -> Live:
        return Live(f"{self.text}*{other.text}", self.value * other.value)

    def __neg__(self) -> Live:
        return Live(f"-{self.text}", 0.0 - self.value)


NOTHING = Live("0", 0.0)
KG_PER_TONNE = Live("1000", 1000.0)


def largest(*parts: Live) -> Live:
    """Return the largest of several parts."""
    return _function("MAX", parts, max)


def smallest(*parts: Live) -> Live:
    """Return the smallest of several parts."""
    return _function("MIN", parts, min)


def to_the_cent(part: Live) -> Live:
    """Return a part rounded half away from zero to the cent, as a spreadsheet and a settlement round."""
    return Live(f"ROUND({part.text},2)", cents(part.value))


def no_more_than(part: Live, left: Live) -> Live:
    """Return an amount cut to what is left of a cap, its sign kept."""
    size = min(abs(part.value), left.value)
    return Live(f"SIGN({part.text})*MIN(ABS({part.text}),{left.text})", size if part.value > 0 else 0.0 - size)


def cents(value: float) -> float:
    """Return an amount rounded half away from zero to the cent.

    >>> cents(-2.675), cents(0.005)
    (-2.68, 0.01)
    """
    return float(Decimal(repr(value)).quantize(CENT, ROUND_HALF_UP)) + 0.0


def _function(name: str, parts: Iterable[Live], of: Callable[[Iterable[float]], float]) -> Live:
    found = list(parts)
    return Live(f"{name}({','.join(part.text for part in found)})", of([part.value for part in found]))
