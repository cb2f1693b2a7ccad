"""Exact decimals on their way out: half up to the cent or to ten decimals, however large."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext

from serving.stages.schemas import NumberOut
from serving.stages.steps import Number

CENT, TEN_DECIMALS, MILLIONTH, TENTH = (Decimal(f"1E-{digits}") for digits in (2, 10, 6, 1))
WIDE = Context(prec=100)  # more digits than any number here has
ROUNDING = "no step is rounded; prices leave rounded half up to the cent, unrounded ones with ten decimals"


def rounded(value: Decimal, to: Decimal = CENT) -> float:
    """Return a decimal rounded half up as a JSON number; never -0.0.

    >>> rounded(Decimal("129.425")), rounded(Decimal("-0.001"))
    (129.43, 0.0)
    """
    return float(value.quantize(to, ROUND_HALF_UP, WIDE)) + 0.0


def rounded_or_none(value: Decimal | None, to: Decimal = CENT) -> float | None:
    """Return a decimal rounded half up, None where there is none."""
    return None if value is None else rounded(value, to)


def closed(total: Decimal, parts: dict[str, Decimal], rest: str) -> dict[str, float]:
    """Return parts to the cent that add up to the total to the cent; what rounding leaves goes to `rest`."""
    with localcontext(WIDE):
        shown = {name: value.quantize(CENT, ROUND_HALF_UP) for name, value in parts.items()}
        shown[rest] += total.quantize(CENT, ROUND_HALF_UP) - sum(shown.values(), Decimal(0))
    return {name: float(value) + 0.0 for name, value in shown.items()}


def numbers_out(numbers: Iterable[Number]) -> tuple[NumberOut, ...]:
    """Return the numbers that an answer rests on."""
    return tuple(NumberOut(n.path, float(n.value), n.unit, n.source, n.low, n.high, n.as_of) for n in numbers)
