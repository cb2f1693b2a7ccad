"""Rounding at the rim: amounts leave with DIGITS decimals, and parts still add up to their total."""

from __future__ import annotations

from collections.abc import Mapping

DIGITS = 4
CONSISTENT = 1e-6  # USD/kg: a sum further off than this is not ours to mend


def rounded(value: float | None, factor: float = 1.0) -> float | None:
    """Return a converted value with DIGITS decimals; never -0.0."""
    return None if value is None else round(value * factor, DIGITS) + 0.0


def rounded_parts(
    total: float | None, parts: Mapping[str, float | None], rest: str, factor: float, shown_total: float | None
) -> dict[str, float | None]:
    """Return converted, rounded parts that add up to the shown total; what rounding leaves goes to `rest`.

    Parts are only rounded where one is missing, or where they did not add up before rounding.
    """
    shown = {name: rounded(value, factor) for name, value in parts.items()}
    known = [value for value in parts.values() if value is not None]
    whole = total is not None and len(known) == len(parts) and abs(sum(known) - total) <= CONSISTENT
    if whole and shown_total is not None:
        others = sum(value for name, value in shown.items() if name != rest and value is not None)
        shown[rest] = rounded(shown_total - others)
    return shown
