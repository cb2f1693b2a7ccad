"""Prices stated per kg, lb or t: the names a row may use for one of them, and what a slip in the unit meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from pricing.contracts.terms.schema import PRICE_UNITS, USD_PER_KG
from pricing.contracts.terms.words import nearest

USD_PER = "_usd_per_"
UNITS = tuple(ending.removeprefix(USD_PER) for ending in PRICE_UNITS)


def sent_as(row: Mapping[Any, object], name: str) -> tuple[str, object, Decimal | None]:
    """Return the name a field was sent under, its value, and the kg in its unit where that is not one."""
    for other, kg in _names(name):
        if row.get(other) is not None:
            return other, row[other], None if other == name else kg
    return name, row.get(name), None


def also_sent(row: Mapping[Any, object], known: Iterable[str]) -> dict[str, str]:
    """Return each name under which a price stands a second time, with the name it is read by."""
    found: dict[str, str] = {}
    for name in known:
        sent = [other for other, _ in _names(name) if row.get(other) is not None]
        found |= dict.fromkeys(sent[1:], sent[0] if sent else name)
    return found


def meant(name: str, known: Iterable[str]) -> tuple[str, str | None]:
    """Return what is allowed in place of an unknown name, and the nearest of it.

    >>> meant("floor_usd_per_tonne", ["reference", "floor_usd_per_kg"])
    ('floor_usd_per_kg, floor_usd_per_lb or floor_usd_per_t', 'floor_usd_per_t')
    >>> meant("floor_usd", ["reference", "floor_usd_per_kg"])
    ('one of reference, floor_usd_per_kg', 'floor_usd_per_kg')
    """
    names = list(known)
    stem, middle, unit = name.rpartition(USD_PER)
    if middle and f"{stem}{USD_PER_KG}" in names:
        ways = [f"{stem}{ending}" for ending in PRICE_UNITS]
        return f"{', '.join(ways[:-1])} or {ways[-1]}", f"{stem}{USD_PER}{nearest(unit, UNITS) or UNITS[0]}"
    return f"one of {', '.join(names)}", nearest(name, names)


@lru_cache(maxsize=1024)
def _names(name: str) -> tuple[tuple[str, Decimal], ...]:
    if not name.endswith(USD_PER_KG):
        return ((name, Decimal(1)),)
    return tuple((name.removesuffix(USD_PER_KG) + ending, kg) for ending, kg in PRICE_UNITS.items())
